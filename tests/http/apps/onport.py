# SPDX-License-Identifier: MIT
"""Lets programs that name a fixed address and port run on the test's own port.

The examples of the documentation say run(host='0.0.0.0', port=8081) or run(). Importing this
module first keeps their text as it is and moves only the socket.
"""

import sys

import tinyweb

PORT = int(sys.argv[1])


class webserver(tinyweb.webserver):
    def run(self, host="127.0.0.1", port=8081, loop_forever=True, backlog=10):
        return super().run("127.0.0.1", PORT, loop_forever, backlog)


class _Package:
    """tinyweb as programs see it, but for the class above: a module in ROM cannot be changed."""

    def __getattr__(self, name):
        try:
            return getattr(tinyweb, name)
        except AttributeError:
            # A module that is not in ROM, and was not imported yet or was dropped again.
            __import__("tinyweb." + name)
            return sys.modules["tinyweb." + name]


_Package.webserver = webserver
sys.modules["tinyweb"] = _Package()

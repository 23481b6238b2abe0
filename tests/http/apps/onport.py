# SPDX-License-Identifier: MIT
"""Lets programs that name a fixed address and port run on the test's own port.

The examples of the documentation say run(host='0.0.0.0', port=8081) or run(). Importing this
module first keeps their text as it is and moves only the socket.
"""

import sys

import tinyweb

PORT = int(sys.argv[1])
_run = tinyweb.webserver.run


def run(self, host="127.0.0.1", port=8081, loop_forever=True, backlog=10):
    return _run(self, "127.0.0.1", PORT, loop_forever, backlog)


tinyweb.webserver.run = run

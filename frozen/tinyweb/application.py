# SPDX-License-Identifier: MIT
"""What webserver has beyond routes: imported when an application uses it, dropped by start()."""


def attribute(server, name):
    """The attribute `name` (str) of `server`; AttributeError if there is none."""
    if name == "converters":
        server.converters = {}
        return server.converters
    raise AttributeError(name)

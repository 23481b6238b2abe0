# SPDX-License-Identifier: MIT
"""TinyWeb: the web server inside the firmware. `import tinyweb; app = tinyweb.webserver()`."""

from _tinyweb import aio  # noqa: F401 - what asyncio does not document

from tinyweb import connection, server  # noqa: F401
from tinyweb.server import HTTPException, webserver  # noqa: F401

__version__ = "0.1.0"

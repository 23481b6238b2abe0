# SPDX-License-Identifier: MIT
"""TinyWeb: the web server inside the firmware. `import tinyweb; app = tinyweb.webserver()`."""

from tinyweb.server import HTTPException as HTTPException
from tinyweb.server import webserver as webserver

__version__: str

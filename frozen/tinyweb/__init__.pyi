# SPDX-License-Identifier: MIT
from tinyweb.server import HTTPException as HTTPException
from tinyweb.server import webserver as webserver

__version__: str
"""The version of the firmware, such as "0.1.0"."""

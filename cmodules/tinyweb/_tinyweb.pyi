# SPDX-License-Identifier: MIT
"""What the server does for every request, in C."""

from typing import Any

class HTTPException(Exception):
    """Answer with the status `code`, 200 to 599."""

    code: int
    def __init__(self, code: int = 400) -> None: ...

def escape(value: Any) -> bytes:
    """HTML of `value` as bytes, for text and for attributes in quotation marks.

    Bytes are taken for UTF-8, None for nothing, anything else as str() shows it.
    """

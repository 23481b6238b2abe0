# SPDX-License-Identifier: MIT
"""What a handler returns becomes the answer: str, bytes, dict, list, tuple, parts of a body.

Imported when a handler first returns something.
"""

def redirect(location: str, code: int = 302) -> tuple[str, int, dict[str, str]]:
    """What a handler returns to send the client to `location` (str), RFC 9110 section 15.4.

    code: the status.
    """

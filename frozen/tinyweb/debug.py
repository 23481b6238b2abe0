# SPDX-License-Identifier: MIT
"""What webserver(debug=True) shows."""

import io
import sys


def traceback_text(exc):
    """The traceback of `exc` as str, as the REPL would show it."""
    out = io.StringIO()
    sys.print_exception(exc, out)
    return out.getvalue()

# SPDX-License-Identifier: MIT
from typing import Final

FIELDS: Final[tuple[str, ...]]
"""The request fields that conditional answers need, for save_headers."""

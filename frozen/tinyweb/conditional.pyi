# SPDX-License-Identifier: MIT
"""Validators, conditional requests and ranges of files (RFC 9110 sections 8.8, 13 and 14)."""

from typing import Final

FIELDS: Final[tuple[str, ...]]
"""The request fields that conditional answers need, for save_headers."""

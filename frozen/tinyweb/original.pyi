# SPDX-License-Identifier: MIT
"""What applications of the original tinyweb import from tinyweb.server beyond its API."""

def parse_query_string(s: str) -> dict[str, str]:
    """The pairs of `s`, a query string or urlencoded form (str), as a dict; see parse_qs()."""

def urldecode_plus(s: str) -> str:
    """`s` (str) percent-decoded, '+' being a space; see unquote_str()."""

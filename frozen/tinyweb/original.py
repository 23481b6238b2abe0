# SPDX-License-Identifier: MIT
"""What applications of the original tinyweb import from tinyweb.server beyond its API."""

from httpparse import parse_qs, unquote_str

from tinyweb.request import request  # noqa: F401 - names of classes, for annotations
from tinyweb.response import response  # noqa: F401


def parse_query_string(s):
    """The pairs of `s`, a query string or urlencoded form (str), as a dict; see parse_qs()."""
    return parse_qs(s)


def urldecode_plus(s):
    """`s` (str) percent-decoded, '+' being a space; see unquote_str()."""
    return unquote_str(s, True)


def attribute(name):
    """The attribute `name` (str) that tinyweb.server lacks; AttributeError if there is none."""
    if name not in ("parse_query_string", "urldecode_plus", "request", "response"):
        raise AttributeError(name)
    return globals()[name]

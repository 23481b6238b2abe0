# SPDX-License-Identifier: MIT
"""Body types that become a dict or a list."""

import json

from _tinyweb import has_long_number
from httpparse import parse_qs

from micropython import const
from tinyweb.server import HTTPException

# Bytes of the longest number in JSON: far beyond what has a meaning on a device.
_NUMBER = const(255)


def media_type(value):
    """The type/subtype of a Content-Type value (bytes), lower case, without parameters."""
    return bytes(value).split(b";")[0].strip().lower()


def read_form(request):
    """Read and parse the body of `request`; see request.read_parse_form_data. Coroutine."""
    kind = media_type(request._content_type or b"")
    if kind == b"application/x-www-form-urlencoded":
        return parse_qs((yield from request.read()))
    if kind == b"application/json" or kind.endswith(b"+json"):
        body = (yield from request.read()).strip()
        # MicroPython's json takes {] for {}.
        if bytes(body[:1] + body[-1:]) not in (b"{}", b"[]") or has_long_number(body, _NUMBER):
            raise HTTPException(400)
        try:
            data = json.loads(body)
        except ValueError:
            raise HTTPException(400)
        if isinstance(data, list):
            from tinyweb.jsonarray import Array

            data = Array(data)
        return data
    if kind == b"multipart/form-data":
        from tinyweb.multipart import read_fields

        return (yield from read_fields(request))
    raise HTTPException(415)

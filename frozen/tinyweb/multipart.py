# SPDX-License-Identifier: MIT
"""Forms of multipart/form-data (RFC 7578) without files."""

from httpparse import DATA, PART, PART_END, Multipart

from micropython import const
from tinyweb import HTTPException

# Buffer of the parser: a boundary of at most 74 bytes, and the longest header field of a part.
_SIZE = const(512)


def text(data):
    """The str that UTF-8 data is; HTTPException(400) for other data."""
    try:
        return str(data, "utf-8")
    except UnicodeError:
        raise HTTPException(400)


def read_fields(request):
    """Read the body of `request` and return its fields, {str: str}. Coroutine.

    The last of equal names counts. A file is refused with HTTPException(415), unless it is the
    empty one that browsers send for an input without a choice: that is left out.
    """
    form = Multipart(request._content_type, _SIZE)
    fields = {}
    name = value = None
    while True:
        event = form.parse()
        while event is None:
            event = form.parse((yield from request.readinto(form.space)))
        if event == DATA:
            if name is None:
                raise HTTPException(415)
            value.extend(form.data)
        elif event == PART:
            name = form.name
            value = bytearray()
            if form.filename is not None:
                if form.filename:
                    raise HTTPException(415)
                name = None
        elif event == PART_END:
            if name is not None:
                fields[name] = text(value)
        else:  # The end of the body.
            return fields

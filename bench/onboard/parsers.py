# SPDX-License-Identifier: MIT
"""The head of a request, parsed by httpparse and by a program in Python that does the same.

Both return (method, path, kept fields, content length).
"""

import httpparse

_request = httpparse.Request(512)

_TCHAR = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def c(stream, names):
    """By httpparse.Request; `names` as for its keep()."""
    request = _request
    request.reset()
    request.feed(stream)
    method = request.method
    path = request.path
    request.keep(names)
    request.feed(stream)
    return method, path, request.headers(), request.content_length


def _check(good):
    if not good:
        raise ValueError


def _token(text):
    _check(text)
    for c in text:
        _check(c in _TCHAR)


def python(stream, names):
    """In Python; `names` in lower case."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        part = stream.read(512)
        _check(part)
        data += part
    lines = data[:end].split(b"\r\n")
    words = lines.pop(0).split(b" ")
    _check(len(words) == 3)
    method, target, version = words
    _token(method)
    _check(min(target) > 32 and target[0] == 47)
    _check(version in (b"HTTP/1.1", b"HTTP/1.0"))
    path = target.split(b"?", 1)[0]
    kept = {}
    host = length = None
    for line in lines:
        colon = line.find(b":")
        _check(colon > 0)
        name = line[:colon]
        value = line[colon + 1 :].strip()
        _token(name)
        for c in value:
            _check(c >= 32 and c != 127 or c == 9)
        name = name.lower()
        if name in names:
            kept[name] = kept[name] + b", " + value if name in kept else value
        if name == b"host":
            _check(host is None)
            host = value
        elif name == b"content-length":
            _check(length is None and value.isdigit())
            length = int(value)
        elif name == b"transfer-encoding":
            _check(length is None and value.lower() == b"chunked")
            length = -1
    _check(host is not None or version == b"HTTP/1.0")
    return method, path, kept, length

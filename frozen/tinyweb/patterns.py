# SPDX-License-Identifier: MIT
"""Registration of URLs that have parameters, or that have a route already.

A pattern is a list [segments, first route]. `segments` is a tuple: bytes, or None for `<name>`, a
converter for `<int:name>` and its like, router.PATH for `<path:name>`.
"""

import _tinyweb

from tinyweb import router


def add(server, url, route):
    """Add `route` for `url` (bytes).

    Raises ValueError for a converter that is not known, for a second `<path:...>`, and for a
    method that the URL has a route for.
    """
    insert(server, split(server, url), route)


def split(server, url):
    """The segments of `url` (bytes), a tuple."""
    return tuple(_segment(server, part) for part in url.split(b"/"))


def insert(server, segments, route):
    """Add `route` for `segments`, a tuple; see add()."""
    for segment in segments:
        if segment is router.PATH or not isinstance(segment, bytes):
            break
    else:
        url = b"/".join(segments)
        server.routes[url] = _chain(route, server.routes.get(url))
        return
    if segments.count(router.PATH) > 1:
        raise ValueError("a URL has one path parameter at most")
    if server.patterns is None:
        server.patterns = []
    rank = _rank(segments)
    at = 0
    for entry in server.patterns:
        if entry[0] == segments:
            entry[1] = _chain(route, entry[1])
            return
        if _rank(entry[0]) <= rank:
            at += 1
    server.patterns.insert(at, [segments, _chain(route, None)])


def _segment(server, part):
    if not (part.startswith(b"<") and part.endswith(b">")):
        return part
    words = part[1:-1].decode().split(":", 1)
    kind = words[0]
    if len(words) < 2 or kind == "str":
        return None
    if kind == "path":
        return router.PATH
    from tinyweb import converters

    return converters.find(server, kind)


def _rank(segments):
    # Patterns are tried in the order of these. The leftmost segment that differs decides.
    rank = bytearray()
    for segment in segments:
        if segment is router.PATH:
            rank.append(3)
        elif segment is None:
            rank.append(2)
        else:
            rank.append(0 if isinstance(segment, bytes) else 1)
    rank.append(4)  # What follows a path is more than nothing.
    return bytes(rank)


def _chain(route, others):
    # `route` before the routes `others` of the same URL.
    other = others
    while other is not None:
        for method in route.methods:
            if method in other.methods:
                raise ValueError("URL exists for {}".format(method.decode()))
        other = other.next
    return _tinyweb.route(route, next=others)

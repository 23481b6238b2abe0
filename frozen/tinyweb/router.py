# SPDX-License-Identifier: MIT
"""URLs with parameters, escapes, several routes for one URL: what a dict lookup does not find.

Imported when an application first needs it. The members of a route are listed in tinyweb.server.
"""

from httpparse import unquote, unquote_str

from micropython import const

_METHODS = const(1)
_NEXT = const(8)


async def _answer(req, resp):
    # The framework's own answers: 404, 405, and OPTIONS, which is also the preflight of CORS.
    route = find(req._slot.server, req.path)
    if route is None and req.path != b"*":
        await resp.error(404)
        return
    allow = allowed(route) if route else "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    resp.headers["Allow"] = allow
    if req.method != b"OPTIONS":
        await resp.error(405)
        return
    resp.code = 204
    if route is not None:
        req.route = route
        resp.add_access_control_headers()
        resp.headers["Access-Control-Allow-Methods"] = allow
    resp._start()


# It never reads a body, and its status says more than 413 would, so that may have any size.
_ANSWER = (_answer, (), None, None, 0x3FFFFFFF, "*", "*", "", None)


def choose(server, req):
    """Set the route of `req` and return the URL's parameters, a list of str or ()."""
    route = find(server, req.path)
    if route is not None:
        route = for_method(route, req.method)
    if route is None:
        req.route = _ANSWER
        return ()
    req.route = route
    parameters = server.parameters
    server.parameters = ()  # else their memory would be held until the next request like this
    return parameters


def add(server, url, route):
    """Add `route` (a tuple without NEXT) for `url` (bytes); a `<name>` segment is a parameter."""
    if b"<" not in url:
        server.routes[url] = chain(route, server.routes.get(url))
        return
    segments = tuple(
        None if s.startswith(b"<") and s.endswith(b">") else s for s in url.split(b"/")
    )
    if server.patterns is None:
        # [segments, route]; a segment is bytes, or None for a parameter
        server.patterns = []
    for entry in server.patterns:
        if entry[0] == segments:
            entry[1] = chain(route, entry[1])
            return
    server.patterns.append([segments, chain(route, None)])


def find(server, path):
    """The first route of `path` (bytes, still percent-encoded), or None.

    Leaves the values of the URL's parameters in server.parameters, a list of str or ().
    """
    server.parameters = ()
    route = server.routes.get(path)
    if route is None and server.patterns:
        route = _match(server, path.split(b"/"))
    if route is None and b"%" in path:
        # The same resource, spelled with escapes (RFC 9110 section 4.2.3).
        route = server.routes.get(unquote(path))
    return route or server.catch_all


def _match(server, parts):
    for segments, route in server.patterns:
        if len(segments) != len(parts):
            continue
        values = []
        for segment, part in zip(segments, parts):
            if segment is not None:
                if segment != part and segment != unquote(part):
                    break
            else:
                value = unquote_str(part)
                # An encoded slash must not turn one segment into a path of its own.
                if not value or "/" in value or "\0" in value or value in (".", ".."):
                    break
                values.append(value)
        else:
            server.parameters = values
            return route
    return None


def chain(route, others):
    """`route` completed by NEXT, before the routes `others` of the same URL."""
    other = others
    while other is not None:
        for method in route[_METHODS]:
            if method in other[_METHODS]:
                raise ValueError("URL exists for {}".format(method.decode()))
        other = other[_NEXT]
    return route + (others,)


def for_method(route, method):
    """The route in the chain `route` that answers `method`, or None. GET answers HEAD."""
    first = route
    while route is not None:
        if method in route[_METHODS]:
            return route
        route = route[_NEXT]
    return for_method(first, b"GET") if method == b"HEAD" else None


def allowed(route):
    """The value of Allow for the chain `route` (RFC 9110 section 10.2.1)."""
    methods = []
    while route is not None:
        for method in route[_METHODS]:
            methods.append(method.decode())
        route = route[_NEXT]
    if "GET" in methods and "HEAD" not in methods:
        methods.append("HEAD")
    if "OPTIONS" not in methods:
        methods.append("OPTIONS")
    return ", ".join(methods)

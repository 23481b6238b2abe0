# SPDX-License-Identifier: MIT
"""URLs with parameters, escapes, several routes for one URL: what a dict lookup does not find.

Imported when an application first needs it.
"""

import _tinyweb
from _tinyweb import PATH, find_pattern, for_method, match  # noqa: F401 - for other modules
from httpparse import unquote


async def _answer(req, resp):
    # The framework's own answers: 404, 405, and OPTIONS, which is also the preflight of CORS.
    routes = matching(req._slot.server, req.path)
    if not routes and req.path != b"*":
        await resp.error(404)
        return
    allow = allowed(routes) if routes else "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    resp.headers["Allow"] = allow
    if req.method != b"OPTIONS":
        await resp.error(405)
        return
    resp.code = 204
    if routes:
        own = req.route
        req.route = routes[0]
        resp.add_access_control_headers()
        req.route = own
        if "Access-Control-Allow-Methods" in resp.headers:
            resp.headers["Access-Control-Allow-Methods"] = allow
    resp._start()


# It never reads a body, and its status says more than 413 would, so that may have any size.
ANSWER = _tinyweb.route(
    None,
    handler=_answer,
    methods=(),
    max_body_size=0x3FFFFFFF,
    cors_origins="*",
    cors_headers="*",
    cors_methods="",
)


def choose(server, req):
    """Set the route of `req` and return the URL's parameters, a tuple of str.

    A URL without parameters comes first, then the patterns in the order of their precedence, then
    the catch-all; among those that match, the first that answers the method.
    """
    path = req.path
    method = req.method
    known = False
    for literal in _literals(server, path):
        known = True
        route = for_method(literal, method)
        if route is not None:
            req.route = route
            return ()
    values = find_pattern(server, req)
    if values is not None:
        return values
    route = None
    if server.catch_all is not None and not known and not matching(server, path, False):
        route = for_method(server.catch_all, method)
    if route is None:
        route = ANSWER if server.group is None else server.group.answer
    req.route = route
    return ()


def _literals(server, path):
    # The first routes of the URLs without parameters that `path` spells, one or none.
    route = server.routes.get(path)
    if route is None and b"%" in path:
        # The same resource, spelled with escapes (RFC 9110 section 4.2.3).
        route = server.routes.get(unquote(path))
    return () if route is None else (route,)


def matching(server, path, catch_all=True):
    """List of the first routes of all URLs that match `path` (bytes, percent-encoded).

    catch_all: whether that of the catch-all stands in where there is none.
    """
    found = list(_literals(server, path))
    if server.patterns is not None:
        for segments, first in server.patterns:
            if match(server, segments, path) is not None:
                found.append(first)
    if not found and catch_all and server.catch_all is not None:
        found.append(server.catch_all)
    return found


def allowed(routes):
    """The value of Allow for the chains `routes` (RFC 9110 section 10.2.1)."""
    methods = []
    for route in routes:
        while route is not None:
            for method in route.methods:
                method = method.decode()
                if method not in methods:
                    methods.append(method)
            route = route.next
    if "GET" in methods and "HEAD" not in methods:
        methods.append("HEAD")
    if "OPTIONS" not in methods:
        methods.append("OPTIONS")
    return ", ".join(methods)

# SPDX-License-Identifier: MIT
"""What webserver has beyond routes: imported when an application uses it, dropped by open()."""

import _tinyweb
from httpparse import argument_names, quote

from tinyweb import hooks, patterns, router
from tinyweb.routes import keeping
from tinyweb.server import check


def before_request(server, f):
    """The method before_request() of `server`."""
    check("hook", f, 2, "before_request()")
    group = group_of(server)
    group.before += (f,)
    _wants(server, group, f)
    return f


def after_request(server, f):
    """The method after_request() of `server`."""
    check("hook", f, 2, "after_request()")
    group = group_of(server)
    group.after += (_plain(f),)
    _wants(server, group, f)
    return f


def errorhandler(server, key):
    """The method errorhandler() of `server`."""
    check("error_key", key)

    def decorate(f):
        check("hook", f, 3, "errorhandler()")
        group = group_of(server)
        group.errors += ((key, f),)
        return f

    return decorate


def mount(server, sub, prefix):
    """The method mount() of `server`."""
    if not prefix.startswith("/") or prefix.endswith("/"):
        raise ValueError("a prefix starts with / and does not end with it")
    if sub.catch_all is not None:
        raise ValueError("a mounted application has no catch-all")
    sub._mounted = True
    sub.slots = []  # It does not serve itself.
    group_of(sub)
    group = group_of(server)
    start = patterns.split(server, prefix.encode())
    for url, route in sub.routes.items():
        _take(server, group, start + tuple(url.split(b"/")[1:]), route)
    for segments, route in sub.patterns or ():
        _take(server, group, start + segments[1:], route)
    if sub.group.preflight is not None:
        group.preflight = sub.group.preflight
        group.answer_keep = sub.group.answer_keep
        refresh(server)


def _take(server, group, segments, route):
    while route is not None:
        patterns.insert(server, segments, _around(route, group))
        route = route.next


def url_for(server, f, values, named):
    """The method url_for() of `server`."""
    for url, route in server.routes.items():
        if _has(route, f) is not None:
            if values or named:
                raise ValueError("the URL has no parameters")
            return url.decode()
    for segments, route in server.patterns or ():
        handler = _has(route, f)
        if handler is not None:
            return _fill(segments, handler, list(values), named)
    raise ValueError("no route has this handler")


def _has(route, f):
    # The function among the handlers of the chain `route` that is `f`, below its wrappers.
    while route is not None:
        handler = route.handler if route.hooks is None else route.hooks.handler
        found = False
        while True:
            if handler is f or getattr(handler, "__name__", None) == f:
                found = True
            inner = getattr(handler, "f", None)
            if inner is None:
                break
            handler = inner
        if found:
            return handler
        route = route.next
    return None


def _fill(segments, handler, values, named):
    if named:
        names = argument_names(handler)[0][2 + len(values) :]
        values += [named[name] for name in names if name in named]
    parts = []
    for segment in segments:
        if isinstance(segment, bytes) and segment is not router.PATH:
            parts.append(segment.decode())
        elif values:
            value = quote(str(values.pop(0)), b"/" if segment is router.PATH else b"")
            parts.append(value)
        else:
            raise ValueError("the URL has more parameters")
    if values:
        raise ValueError("the URL has fewer parameters")
    return "/".join(parts)


def _plain(f):
    if type(f) is type(hooks._run):
        raise TypeError("what comes after a handler is no coroutine")
    return f


def group_of(server):
    """The hooks.Group of `server`; with it all routes get room for hooks."""
    if server.group is None:
        server.group = hooks.Group()
        refresh(server)
    return server.group


def _wants(server, group, f):
    group.keep += tuple(getattr(f, "save_headers", ()))
    refresh(server)


def refresh(server):
    """Adapt all routes of `server` to what its hooks are now."""
    group = server.group
    for url, route in server.routes.items():
        server.routes[url] = _around(route, group)
    for entry in server.patterns or ():
        entry[1] = _around(entry[1], group)
    if server.catch_all is not None:
        server.catch_all = _around(server.catch_all, group)
    group.answer = _answer(group)


def _answer(group):
    return _around(keeping(router.ANSWER, group.answer_keep), group)


def hooked(server, route, before, after, cors):
    """`route` with what surrounds its handler: the arguments of add_route(), and the server's."""
    before = _tuple(before)
    after = _tuple(after)
    group = group_of(server)
    names = ()
    for f in before:
        check("hook", f, 2, "before=")
    for f in after:
        check("hook", f, 2, "after=")
    for f in before + after:
        names += tuple(getattr(f, "save_headers", ()))
    for f in after:
        _plain(f)
    if cors is not None:
        cors.join(group)
        names += cors.FIELDS
        route = _tinyweb.route(route, cors_origins=cors)
        group.answer = _answer(group)
    around = hooks.Around(route.handler, before, after, (group,))
    return _around(_tinyweb.route(keeping(route, names), hooks=around), group)


def _tuple(hooks):
    if hooks is None:
        return ()
    return tuple(hooks) if isinstance(hooks, (tuple, list)) else (hooks,)


def _around(route, group):
    # The chain `route` as one of an application with `group`, the outermost of its groups.
    if route is None:
        return None
    around = route.hooks or hooks.Around(route.handler)
    groups = around.groups
    if not groups or groups[0] is not group:
        groups = (group,) + groups
    active = around.before or around.after or not isinstance(route.cors_origins, str)
    names = ()
    for g in groups:
        names += g.keep
        active = active or g.before or g.after or g.cors or g.preflight
    return _tinyweb.route(
        keeping(route, names),
        handler=hooks.run if active else around.handler,
        hooks=hooks.Around(around.handler, around.before, around.after, groups),
        next=_around(route.next, group),
    )

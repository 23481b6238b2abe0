# SPDX-License-Identifier: MIT
"""What webserver has beyond routes: imported when an application uses it, dropped by start().

A public function here is a method of webserver, `server` being its self.
"""

from httpparse import argument_names, quote

from micropython import const
from tinyweb import hooks, patterns, router
from tinyweb.routes import names_to_keep

_KEEP = const(2)
_ALIASES = const(3)
_CORS_ORIGINS = const(5)
_HOOKS = const(8)
_NEXT = const(9)


def attribute(server, name):
    """The attribute `name` (str) of `server`; AttributeError if there is none."""
    if name == "converters":
        server.converters = {}
        return server.converters
    if name == "static":
        from tinyweb import static

        return lambda url, source, **options: static.add(server, url, source, **options)
    if name not in ("before_request", "after_request", "errorhandler", "mount", "url_for"):
        raise AttributeError(name)
    method = globals()[name]
    return lambda *args, **kwargs: method(server, *args, **kwargs)


def before_request(server, f):
    """Decorator: `f(request, response)`, a function or coroutine, runs before each handler.

    What it returns is the answer; with None, and if it has not started the response, the handler
    runs. `f.save_headers` names the request fields that it needs.
    """
    group = group_of(server)
    group.before += (f,)
    _wants(server, group, f)
    return f


def after_request(server, f):
    """Decorator: `f(request, response)`, a plain function, runs before each head is made.

    It may change response.code and response.headers.
    """
    group = group_of(server)
    group.after += (_plain(f),)
    _wants(server, group, f)
    return f


def errorhandler(server, key):
    """Decorator: `f(request, response, error)` answers errors as a handler does.

    key: a status (int), or a class of exceptions.
    """

    def decorate(f):
        group = group_of(server)
        group.errors += ((key, f),)
        return f

    return decorate


def mount(server, sub, prefix):
    """Take over the routes of `sub`, another webserver, with `prefix` (str) before their URLs.

    Its hooks and error handlers go with them, and those of the application apply to them too.
    Raises ValueError for a prefix that is no path, for a catch-all in `sub`, and for a method that
    a URL has a route for.
    """
    if not prefix.startswith("/") or prefix.endswith("/"):
        raise ValueError("a prefix starts with / and does not end with it")
    if sub.catch_all is not None:
        raise ValueError("a mounted application has no catch-all")
    sub.slots = []  # It does not serve itself.
    group_of(sub)
    group = group_of(server)
    start = patterns.split(server, prefix.encode())
    for url, route in sub.routes.items():
        _take(server, group, start + url.split(b"/")[1:], route)
    for segments, route in sub.patterns or ():
        _take(server, group, start + segments[1:], route)
    if sub.group.preflight is not None:
        group.preflight = sub.group.preflight
        group.answer_keep = sub.group.answer_keep
        refresh(server)


def _take(server, group, segments, route):
    while route is not None:
        patterns.insert(server, segments, _around(route, group)[:_NEXT])
        route = route[_NEXT]


def url_for(server, f, *values, **named):
    """The path (str) of the first route whose handler is `f`.

    f: the function, or its name.
    values, named: the URL's parameters, by position or by the name of the handler's argument.

    Raises ValueError if there is no such route, or if it has other parameters.
    """
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
        handler = route[0] if route[_HOOKS] is None else route[_HOOKS][0]
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
        route = route[_NEXT]
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
    if values or len(parts) < len(segments):
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
    return _around(_keeping(router.ANSWER, group.answer_keep), group)


def hooked(server, route, before, after, cors):
    """Give `route`, a tuple of the members up to CORS_METHODS, those that follow, but NEXT."""
    before = _tuple(before)
    after = _tuple(after)
    group = group_of(server)
    names = ()
    for f in before + after:
        names += tuple(getattr(f, "save_headers", ()))
    for f in after:
        _plain(f)
    if cors is not None:
        cors.join(group)
        names += cors.FIELDS
        route = route[:_CORS_ORIGINS] + (cors,) + route[_CORS_ORIGINS + 1 :]
        group.answer = _answer(group)
    route = _keeping(route, names) + ((route[0], before, after, (group,)), None)
    return _around(route, group)[:_NEXT]


def _tuple(hooks):
    if hooks is None:
        return ()
    return tuple(hooks) if isinstance(hooks, (tuple, list)) else (hooks,)


def _keeping(route, names):
    # `route` with these names of request fields beside its own.
    keep, aliases = names_to_keep(names)
    for name in route[_KEEP] or ():
        if name not in (keep or ()):
            keep = (keep or ()) + (name,)
    for alias in route[_ALIASES] or ():
        if alias not in (aliases or ()):
            aliases = (aliases or ()) + (alias,)
    return route[:_KEEP] + (keep, aliases) + route[_ALIASES + 1 :]


def _around(route, group):
    # The chain `route` as one of an application with `group`, the outermost of its groups.
    if route is None:
        return None
    f, before, after, groups = route[_HOOKS] or (route[0], (), (), ())
    if not groups or groups[0] is not group:
        groups = (group,) + groups
    active = before or after or not isinstance(route[_CORS_ORIGINS], str)
    names = ()
    for g in groups:
        names += g.keep
        active = active or g.before or g.after or g.cors or g.preflight
    kept = _keeping(route, names)
    handler = hooks.run if active else f
    return (handler,) + kept[1:_HOOKS] + ((f, before, after, groups), _around(route[_NEXT], group))

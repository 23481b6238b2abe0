# SPDX-License-Identifier: MIT
"""Registration: from the arguments of add_route() to the tuple that a route is.

open() drops this module. `server` is the self of those functions that are methods of webserver.
"""


def field_name(name):
    """The canonical spelling of a field-name (str or bytes) as bytes: b'Content-Type'."""
    if isinstance(name, bytes):
        name = name.decode()
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-")).encode()


def names_to_keep(save_headers):
    """What the parser keeps for a route, and under which other name the handler sees it.

    save_headers: field-names, str or bytes. Returns the members KEEP and ALIASES of the route.
    """
    keep = []
    aliases = []
    for name in save_headers:
        kept = field_name(name)
        if kept not in keep:
            keep.append(kept)
        if isinstance(name, str):
            name = name.encode()
        if name != kept:
            aliases.append((kept, name))
    return tuple(keep) or None, tuple(aliases) or None


def _joined(value):
    return value if isinstance(value, str) else ", ".join(value)


def add_route(
    server,
    url,
    f,
    methods=("GET", "POST"),
    save_headers=(),
    max_body_size=1024,
    allowed_access_control_headers="*",
    allowed_access_control_origins="*",
    before=None,
    after=None,
    cors=None,
    **unknown,
):
    """Map `url` to the handler `f(request, response, *parameters)`, a function or coroutine.

    url: path, str; each segment `<name>` matches any one and is passed on as str, in order, the
        last one also the empty segment after a slash; `<int:name>` and `<float:name>` as a number,
        `<path:name>` matches one or more.
    methods: the methods that `f` answers. HEAD comes with GET, OPTIONS with every route.
    save_headers: the header fields that request.headers shall hold, in any case.
    max_body_size: largest body in bytes; 413 beyond it.
    allowed_access_control_headers, allowed_access_control_origins: values for CORS, str or
        list of str.
    before, after: functions that run before and after the handler, one or a tuple of them, as
        those of before_request() and after_request() do.
    cors: a tinyweb.cors.CORS for this route.
    unknown: what else is given, such as method= for methods=, is ignored, as the original
        does, with a line in the log.
    """
    for name in unknown:
        text = "route {}: unknown option {}= ignored".format(url, name)
        if name == "method":
            text += ", write methods=[...]"
        server.log_error(TypeError(text), None)
    methods = tuple(m.encode() if isinstance(m, str) else m for m in methods)
    keep, aliases = names_to_keep(tuple(save_headers) + tuple(getattr(f, "save_headers", ())))
    route = (
        f,
        methods,
        keep,
        aliases,
        max_body_size,
        _joined(allowed_access_control_origins),
        _joined(allowed_access_control_headers),
        ", ".join(m.decode() for m in methods),
    )
    if before or after or cors or server.group is not None:
        from tinyweb import application

        route = application.hooked(server, route, before, after, cors)
    else:
        route += (None,)
    if url is None:
        server.catch_all = route + (None,)
        return
    if isinstance(url, str):
        url = url.encode()
    if not url.startswith(b"/"):
        raise ValueError("a URL starts with /")
    if b"?" in url:
        raise ValueError("a URL has no query string here")
    if b"<" in url or url in server.routes:
        from tinyweb import patterns

        patterns.add(server, url, route)
    else:
        server.routes[url] = route + (None,)


def route(server, url, **kwargs):
    """Decorator for add_route(): `url` and `kwargs` are its arguments."""

    def decorate(f):
        server.add_route(url, f, **kwargs)
        return f

    return decorate


def catchall(server):
    """Decorator: the handler for every URL that no route matches, with any method."""

    def decorate(f):
        add_route(server, None, f, ("GET", "POST", "PUT", "PATCH", "DELETE"))
        return f

    return decorate

# SPDX-License-Identifier: MIT
"""Registration: from the arguments of add_route() to the tuple that a route is."""


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


def add(
    server,
    url,
    f,
    methods,
    save_headers,
    max_body_size,
    origins,
    headers,
    before=None,
    after=None,
    cors=None,
):
    """Register a route; see webserver.add_route. With None as `url` it is the catch-all.

    Raises ValueError for a URL that can never match, and for a method that the URL has a route
    for.
    """
    methods = tuple(m.encode() if isinstance(m, str) else m for m in methods)
    keep, aliases = names_to_keep(tuple(save_headers) + tuple(getattr(f, "save_headers", ())))
    route = (
        f,
        methods,
        keep,
        aliases,
        max_body_size,
        _joined(origins),
        _joined(headers),
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

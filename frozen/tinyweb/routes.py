# SPDX-License-Identifier: MIT
"""Registration: what webserver.add_route() does. webserver.open() drops this module."""

import _tinyweb

# The handler that a decorator has registered last, and a Wrapper that was put around it since.
registered = around = None


def field_name(name):
    """The canonical spelling of a field-name (str or bytes) as bytes: b'Content-Type'."""
    if isinstance(name, bytes):
        name = name.decode()
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-")).encode()


def keeping(route, names):
    """`route` with these names of request fields (str or bytes) beside its own.

    The parser keeps them in their canonical spelling; the handler sees them in this one.
    """
    keep = list(route.keep or ())
    aliases = list(route.aliases or ())
    for name in names:
        kept = field_name(name)
        if kept not in keep:
            keep.append(kept)
        if isinstance(name, str):
            name = name.encode()
        if name != kept and (kept, name) not in aliases:
            aliases.append((kept, name))
    return _tinyweb.route(route, keep=tuple(keep) or None, aliases=tuple(aliases) or None)


def joined(value):
    """The value of a field whose members are `value`, str or a list of str."""
    return value if isinstance(value, str) else ", ".join(value)


def add(server, url, route):
    """Add `route` for `url`, str or bytes, or None for the catch-all."""
    if url is None:
        server.catch_all = route
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
        server.routes[url] = route

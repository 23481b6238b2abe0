# SPDX-License-Identifier: MIT
"""Cookies (RFC 6265, and 6265bis for SameSite, Partitioned and the prefixes of names)."""

from time import gmtime

from _tinyweb import http_date
from httpparse import parse_cookies

from micropython import const
from tinyweb.wrapper import Wrapper

# What clients keep at least, name and attributes included (section 6.1).
_MAX_SIZE = const(4096)
_SEPARATORS = b'()<>@,;:\\"/[]?={}'
_SAME_SITE = ("Strict", "Lax", "None")


class cookies(Wrapper):
    """Decorator: the handler gets the request's cookies in `req.cookies`, {str: str}."""

    NEEDS = ("Cookie",)

    def __call__(self, req, resp, *parameters):
        req.cookies = read(req)
        return self.f(req, resp, *parameters)


def read(req):
    """The cookies of `req`, whose Cookie field was kept: {str: str}, in section 5.4's order.

    What is no pair is left out; of equal names the first counts.
    """
    value = req.headers.get(b"Cookie")
    return parse_cookies(value) if value else {}


def _check(text, without, what):
    # Visible ASCII only, and none of `without`: so nothing can be put into the field.
    # As bytes: MicroPython keeps each character that a str is iterated by for ever.
    for c in text.encode():
        if not 33 <= c <= 126 or c in without:
            raise ValueError(what)
    return text


def set_cookie(
    resp,
    name,
    value,
    *,
    path="/",
    domain=None,
    max_age=None,
    expires=None,
    secure=False,
    http_only=False,
    same_site="Lax",
    partitioned=False,
):
    """Add a Set-Cookie field (section 4.1) to `resp`, a response that has not begun.

    name: token, str. A cookie of this name that was set before is replaced.
    value: str of visible ASCII characters without quotation mark, comma, semicolon, backslash.
    path: paths below it get the cookie, None for the folder of the request's.
    domain: hosts below it get the cookie, None for this host only.
    max_age: seconds that the cookie is kept.
    expires: its end, in seconds as time.time() counts them; with neither, the client forgets it
        with the end of its session.
    secure: whether it is sent over TLS only.
    http_only: whether it is hidden from scripts.
    same_site: 'Strict', 'Lax', 'None', or None to send nothing.
    partitioned: whether it is kept apart for each site that embeds this one.

    Raises ValueError for what clients would refuse or misunderstand, and for more than 4096 bytes.
    """
    if not name:
        raise ValueError("cookie name")
    if len(name) + len(value) > _MAX_SIZE:
        raise ValueError("cookie too large")
    field = [
        _check(name, _SEPARATORS, "cookie name") + "=" + _check(value, b'",;\\', "cookie value")
    ]
    prefix = name.lower()
    if prefix.startswith("__host-"):
        if not secure or path != "/" or domain is not None:
            raise ValueError("__Host- needs secure, path / and no domain")
    elif prefix.startswith("__secure-") and not secure:
        raise ValueError("__Secure- needs secure")
    if (partitioned or same_site == "None") and not secure:
        raise ValueError("partitioned and SameSite=None need secure")
    if max_age is not None:
        field.append("Max-Age={}".format(int(max_age)))
    if expires is not None:
        field.append("Expires=" + http_date(gmtime(expires)))
    if path is not None:
        if not path.startswith("/"):
            raise ValueError("cookie path")
        field.append("Path=" + _check(path, b";", "cookie path"))
    if domain is not None:
        if not domain:
            raise ValueError("cookie domain")
        field.append("Domain=" + _check(domain, _SEPARATORS, "cookie domain"))
    if secure:
        field.append("Secure")
    if http_only:
        field.append("HttpOnly")
    if same_site is not None:
        if same_site not in _SAME_SITE:
            raise ValueError("same_site")
        field.append("SameSite=" + same_site)
    if partitioned:
        field.append("Partitioned")
    field = "; ".join(field)
    if len(field) > _MAX_SIZE:
        raise ValueError("cookie too large")
    if resp._writer.started:
        raise RuntimeError("response already started")
    others = resp.headers.get("Set-Cookie", ())
    if isinstance(others, str):
        others = (others,)
    # One field for each name (section 4.1.1).
    name += "="
    resp.headers["Set-Cookie"] = [c for c in others if not c.startswith(name)] + [field]


def delete_cookie(resp, name, *, path="/", domain=None, secure=False, partitioned=False):
    """Have the client of `resp`, a response that has not begun, forget the cookie `name` (str).

    path, domain, secure, partitioned: as they were when it was set.
    """
    set_cookie(
        resp,
        name,
        "",
        path=path,
        domain=domain,
        max_age=0,
        secure=secure,
        partitioned=partitioned,
    )

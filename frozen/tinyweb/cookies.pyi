# SPDX-License-Identifier: MIT
"""Cookies (RFC 6265, and 6265bis for SameSite, Partitioned and the prefixes of names)."""

from typing import Any

from _tinyweb import request, response

from tinyweb.wrapper import Wrapper

class cookies(Wrapper):
    """Decorator: the handler gets the request's cookies in `req.cookies`, {str: str}."""

    def __call__(self, req: request, resp: response, *parameters: Any) -> Any: ...

def read(req: request) -> dict[str, str]:
    """The cookies of `req`, whose Cookie field was kept: {str: str}, in section 5.4's order.

    What is no pair is left out; of equal names the first counts.
    """

def set_cookie(
    resp: response,
    name: str,
    value: str,
    *,
    path: str | None = "/",
    domain: str | None = None,
    max_age: int | None = None,
    expires: int | None = None,
    secure: bool = False,
    http_only: bool = False,
    same_site: str | None = "Lax",
    partitioned: bool = False,
) -> None:
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

def delete_cookie(
    resp: response,
    name: str,
    *,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    partitioned: bool = False,
) -> None:
    """Have the client of `resp`, a response that has not begun, forget the cookie `name` (str).

    path, domain, secure, partitioned: as they were when it was set.
    """

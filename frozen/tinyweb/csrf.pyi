# SPDX-License-Identifier: MIT
"""Protection against cross-site request forgery, by the fields that browsers send.

Browsers say where an unsafe request comes from: in Sec-Fetch-Site (Fetch Metadata) over TLS and
on localhost, and in Origin (RFC 6454) everywhere. No token is needed. Clients that send neither
are no browsers, so nobody else's page can have made them send the request.
"""

from collections.abc import Callable, Sequence
from typing import Any

from _tinyweb import request

class Csrf:
    """An instance is the decorator for handlers that change something.

    origins: other origins whose pages may use them too, such as 'https://app.example'.
    hosts: the names, with port where it is not the scheme's, that this server has, or None for
        any. With them, a page whose name was made to lead here (DNS rebinding) is refused, too.
    exempt: paths that anybody's pages may send requests to, where the instance guards several.
    """

    def __init__(
        self,
        origins: Sequence[str] = (),
        hosts: Sequence[str] | None = None,
        exempt: Sequence[str] = (),
    ) -> None: ...
    def __call__(self, f: Callable[..., Any]) -> Any:
        """The handler `f`; unsafe requests that come from elsewhere get 403."""
    def allows(self, req: request) -> bool:
        """Whether `req` is safe, comes from this server's own pages, or from no page.

        Its fields Host, Origin and Sec-Fetch-Site have to be kept.
        """

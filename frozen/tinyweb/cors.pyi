# SPDX-License-Identifier: MIT
"""Which scripts of other origins may use an application: the CORS protocol of the Fetch standard.

`CORS(app, ...)` is for an application, `@app.route(url, cors=CORS(...))` for a route. What is
nearer to the handler counts: the route's, that of a mounted application, that of its host.
"""

from collections.abc import Callable, Sequence

from tinyweb.server import webserver

class CORS:
    """A policy.

    app: the webserver that it is for, None if it is for routes.
    origins: list of origins (str), such as 'https://ui.example'; a function that gets an origin
        (str) and returns whether it is allowed; or '*' for all.
    credentials: whether scripts may use cookies and the like; not with '*'.
    methods: list of methods (str); by default those of the URL.
    headers: list of the request fields that scripts may send beside the common ones; by default
        all.
    expose: list of the response fields that scripts may read beside the common ones.
    max_age: seconds for which the answer to a preflight may be kept.

    Raises ValueError for credentials with '*'.
    """

    def __init__(
        self,
        app: webserver | None = None,
        *,
        origins: str | Sequence[str] | Callable[[str], bool] = "*",
        credentials: bool = False,
        methods: Sequence[str] | None = None,
        headers: Sequence[str] | None = None,
        expose: Sequence[str] | None = None,
        max_age: int | None = None,
    ) -> None: ...

# SPDX-License-Identifier: MIT
from collections.abc import Callable, Sequence

from tinyweb.server import webserver

class CORS:
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

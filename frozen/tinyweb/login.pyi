# SPDX-License-Identifier: MIT
from collections.abc import Callable
from typing import Any

from tinyweb.guards import Guard
from tinyweb.limit import Limiter
from tinyweb.request import request
from tinyweb.response import response
from tinyweb.sessions import Sessions

class Login(Guard):
    def __init__(
        self,
        sessions: Sessions,
        check: Any,
        *,
        url: str = "/login",
        limiter: Limiter | None = None,
    ) -> None: ...
    def admit(self, req: request, resp: response) -> Any: ...
    def form(self, f: Callable[..., Any]) -> Any: ...
    def logout(self, f: Callable[..., Any]) -> Any: ...
    def user(self, req: request) -> Any: ...

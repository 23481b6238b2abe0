# SPDX-License-Identifier: MIT
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from _tinyweb import HTTPException as HTTPException

from tinyweb.cors import CORS
from tinyweb.original import parse_query_string as parse_query_string
from tinyweb.original import urldecode_plus as urldecode_plus
from tinyweb.request import request as request
from tinyweb.response import response as response

_F = TypeVar("_F", bound=Callable[..., Any])

class webserver:
    access_log: Callable[[request, int, int], Any] | None
    """Called with (request, status, bytes of the body) after each answer; None by default."""
    debug: bool
    loop: Any
    """The event loop: what asyncio.get_event_loop() returns."""
    converters: dict[str, Callable[[str], Any]]
    """What parameters of URLs are converted with, by their types: a function of a str each."""
    def __init__(
        self,
        request_timeout: float = 3,
        max_concurrency: int | None = None,
        backlog: int = 10,
        debug: bool = False,
        *,
        keep_alive: float = 15,
        body_timeout: float = 5,
        send_timeout: float = 10,
        handler_timeout: float | None = None,
        buffer_size: int | None = None,
    ) -> None: ...
    def add_route(
        self,
        url: str,
        f: Callable[..., Any],
        methods: Sequence[str] = ("GET", "POST"),
        save_headers: Sequence[str] = (),
        max_body_size: int = 1024,
        allowed_access_control_headers: str | Sequence[str] = "*",
        allowed_access_control_origins: str | Sequence[str] = "*",
        before: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
        after: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
        cors: CORS | None = None,
        **unknown: Any,
    ) -> None: ...
    def route(self, url: str, **kwargs: Any) -> Callable[[_F], _F]: ...
    def catchall(self) -> Callable[[_F], _F]: ...
    def add_resource(self, cls: Any, url: str, **kwargs: Any) -> None: ...
    def resource(self, url: str, method: str = "GET", **kwargs: Any) -> Callable[[_F], _F]: ...
    def start(
        self,
        host: str | None = None,
        port: int = 8081,
        backlog: int | None = None,
        ssl: Any = None,
    ) -> None: ...
    async def serve(
        self,
        host: str | None = None,
        port: int = 8081,
        backlog: int | None = None,
        ssl: Any = None,
    ) -> None: ...
    def run(
        self,
        host: str | None = None,
        port: int = 8081,
        loop_forever: bool = True,
        backlog: int | None = None,
        ssl: Any = None,
    ) -> Any: ...
    async def stop(self, timeout: float = 10) -> None: ...
    def shutdown(self) -> None: ...
    def memory(self) -> dict[str, int]: ...
    def log_error(self, exc: BaseException, req: request | None) -> None: ...
    def before_request(self, f: _F) -> _F: ...
    def after_request(self, f: _F) -> _F: ...
    def errorhandler(self, key: int | type[BaseException]) -> Callable[[_F], _F]: ...
    def mount(self, sub: webserver, prefix: str) -> None: ...
    def url_for(self, f: str | Callable[..., Any], *values: Any, **named: Any) -> str: ...
    def static(
        self, url: str, source: Any, index: str | None = "index.html", cache: Any = 0
    ) -> None: ...

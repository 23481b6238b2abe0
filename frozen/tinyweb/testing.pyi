# SPDX-License-Identifier: MIT
from typing import Any

from tinyweb.server import webserver

class Answer:
    status: int
    headers: dict[str, str | list[str]]
    body: bytes
    def __init__(self, status: int, headers: dict[str, str | list[str]], body: bytes) -> None: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any: ...

class TestClient:
    app: webserver
    cookies: dict[str, str]
    def __init__(self, app: webserver) -> None: ...
    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        form: dict[str, str] | None = None,
    ) -> Any: ...
    def get(self, path: str, headers: dict[str, str] | None = None) -> Any: ...
    def head(self, path: str, headers: dict[str, str] | None = None) -> Any: ...
    def post(
        self,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        form: dict[str, str] | None = None,
    ) -> Any: ...
    def put(
        self,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        form: dict[str, str] | None = None,
    ) -> Any: ...
    def patch(
        self,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        form: dict[str, str] | None = None,
    ) -> Any: ...
    def delete(self, path: str, headers: dict[str, str] | None = None) -> Any: ...
    def close(self) -> None: ...

# SPDX-License-Identifier: MIT
from typing import Any

from tinyweb.guards import Guard
from tinyweb.request import request
from tinyweb.response import response

class Session(dict[str, Any]):
    def save(self) -> None: ...
    def renew(self) -> None: ...
    def delete(self) -> None: ...

class Sessions(Guard):
    def __init__(
        self,
        key_file: str = "session.key",
        *,
        max_age: int | None = 86400,
        name: str = "session",
        path: str = "/",
        secure: bool = False,
        same_site: str = "Lax",
    ) -> None: ...
    def admit(self, req: request, resp: response) -> Any: ...
    def replace_key(self) -> None: ...

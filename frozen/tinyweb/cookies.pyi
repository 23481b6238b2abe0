# SPDX-License-Identifier: MIT
from typing import Any

from tinyweb.request import request
from tinyweb.response import response
from tinyweb.wrapper import Wrapper

class cookies(Wrapper):
    def __call__(self, req: request, resp: response, *parameters: Any) -> Any: ...

def read(req: request) -> dict[str, str]: ...
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
) -> None: ...
def delete_cookie(
    resp: response,
    name: str,
    *,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    partitioned: bool = False,
) -> None: ...

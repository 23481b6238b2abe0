# SPDX-License-Identifier: MIT
from typing import Any

from tinyweb.auth import Scheme
from tinyweb.limit import Limiter
from tinyweb.request import request

def digest_password(user: str, realm: str, password: str) -> str: ...

class digest_auth(Scheme):
    def __init__(
        self,
        users: Any,
        realm: str = "device",
        limiter: Limiter | None = None,
        *,
        nonce_life: int = 300,
        nonces: int = 8,
    ) -> None: ...
    def challenge(self, req: request) -> str: ...
    async def check(self, req: request, credentials: bytes) -> Any: ...

# SPDX-License-Identifier: MIT
from tinyweb.request import request
from tinyweb.response import response

class SecurityHeaders:
    def __init__(
        self,
        policy: str | None = "default-src 'self'; frame-ancestors 'none'",
        referrer: str | None = "no-referrer",
        permissions: str | None = "camera=(), geolocation=(), microphone=()",
    ) -> None: ...
    def __call__(self, req: request, resp: response) -> None: ...

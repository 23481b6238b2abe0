# SPDX-License-Identifier: MIT
from tinyweb.dns import Service

class Responder(Service):
    def __init__(
        self,
        name: str,
        address: str,
        service: str | None = None,
        port: int = 80,
        mask: str | None = None,
    ) -> None: ...
    def start(self, host: str = "0.0.0.0", port: int = 5353) -> None: ...
    def stop(self) -> None: ...

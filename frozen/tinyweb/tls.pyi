# SPDX-License-Identifier: MIT
from typing import Any

def context(
    certificate: str,
    key: str,
    max_connections: int | None = None,
    connection_memory: int = 40960,
    network_memory: int = 32768,
    queue_timeout: float = 10,
) -> Context: ...

class Refused(Exception): ...

class Context:
    def __init__(
        self,
        ssl: Any,
        max_connections: int | None = None,
        connection_memory: int = 40960,
        network_memory: int = 32768,
        queue_timeout: float = 10,
    ) -> None: ...

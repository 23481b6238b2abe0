# SPDX-License-Identifier: MIT

def join(
    ssid: str,
    password: str | None = None,
    *,
    timeout: float = 20,
    hostname: str | None = None,
) -> str: ...
def networks() -> list[tuple[str, int, bool]]: ...

class Attempt:
    def __init__(
        self,
        ssid: str,
        password: str | None = None,
        *,
        timeout: float = 20,
        hostname: str | None = None,
        address: tuple[str, str, str, str] | str | None = None,
    ) -> None: ...
    def poll(self) -> str | None: ...

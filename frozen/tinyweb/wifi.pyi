# SPDX-License-Identifier: MIT
def join(
    ssid: str,
    password: str | None = None,
    *,
    timeout: float = 20,
    hostname: str | None = None,
) -> str: ...

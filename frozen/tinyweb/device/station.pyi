# SPDX-License-Identifier: MIT

from typing import Any

from tinyweb.server import webserver

class Station:
    state: str
    ssid: str | None
    address: str | None
    reason: str | None
    def __init__(self, device: Any, app: webserver, port: int) -> None: ...
    def wish(self, network: dict[str, Any], values: dict[str, Any]) -> None: ...
    def check(self, network: dict[str, Any], values: dict[str, Any]) -> None: ...
    def stop(self) -> None: ...

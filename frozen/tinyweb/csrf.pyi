# SPDX-License-Identifier: MIT
from collections.abc import Sequence
from typing import Any

from tinyweb.guards import Guard
from tinyweb.request import request
from tinyweb.response import response

class Csrf(Guard):
    def __init__(
        self,
        origins: Sequence[str] = (),
        hosts: Sequence[str] | None = None,
        exempt: Sequence[str] = (),
    ) -> None: ...
    def admit(self, req: request, resp: response) -> Any: ...
    def allows(self, req: request) -> bool: ...

# SPDX-License-Identifier: MIT
from collections.abc import Sequence
from typing import Any

from tinyweb.request import request
from tinyweb.response import response

class Guard:
    NEEDS: Sequence[str]
    @property
    def save_headers(self) -> Sequence[str]: ...
    def __call__(self, f: Any, resp: response | None = None) -> Any: ...
    def admit(self, req: request, resp: response) -> Any: ...

# SPDX-License-Identifier: MIT
from collections.abc import Callable, Sequence
from typing import Any

class Wrapper:
    NEEDS: Sequence[str]
    SAME_ARGUMENTS: bool
    f: Callable[..., Any]
    save_headers: tuple[str, ...]
    def __init__(self, f: Callable[..., Any], needs: Sequence[str] | None = None) -> None: ...

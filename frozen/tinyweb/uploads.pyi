# SPDX-License-Identifier: MIT
from collections.abc import Callable
from typing import Any

from tinyweb.request import request

def free(folder: str) -> int: ...
def clean(folder: str) -> None: ...
def safe_name(filename: str) -> str: ...
async def fill(request: request, buf: bytearray, n: int = 0) -> int: ...
async def receive_file(
    request: request,
    path: str,
    *,
    max_size: int | None = None,
    min_free: int = 4096,
    progress: Callable[..., Any] | None = None,
    buffer_size: int = 512,
) -> int: ...
async def receive_form(
    request: request,
    folder: str,
    *,
    choose: Callable[..., Any] | None = None,
    max_files: int = 4,
    max_file_size: int | None = None,
    max_field_size: int = 256,
    max_fields: int = 16,
    min_free: int = 4096,
    progress: Callable[..., Any] | None = None,
    buffer_size: int = 512,
) -> tuple[dict[str, str], list[tuple[str, str, int]]]: ...

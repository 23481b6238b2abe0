# SPDX-License-Identifier: MIT
"""Files that clients send, streamed to the file system: forms with files, and plain bodies.

A file is written under a temporary name and gets its own only when the whole request was received
and understood; otherwise it is removed. The memory that is needed does not depend on its size. The
route's max_body_size has to allow for it.
"""

from collections.abc import Callable
from typing import Any

from _tinyweb import request

def free(folder: str) -> int:
    """Bytes that may still be written below `folder`."""

def clean(folder: str) -> None:
    """Remove what an upload that a reset has cut off left in `folder`; to be called at start."""

def safe_name(filename: str) -> str:
    """The last segment of `filename`, what a client calls a file; HTTPException(400) for none.

    A path is cut off, whichever slash it has, so that the file stays in its folder. Hidden and
    temporary names are refused, and such as are longer than 64 bytes.
    """

async def receive_file(
    request: request,
    path: str,
    *,
    max_size: int | None = None,
    min_free: int = 4096,
    progress: Callable[..., Any] | None = None,
    buffer_size: int = 512,
) -> int:
    """Write the body of `request` to the file `path`, as for PUT. Coroutine; returns its size.

    max_size: bytes that the file may have; HTTPException(413) beyond, None for no other limit
        than the route's max_body_size.
    min_free: bytes that have to stay free in the file system; HTTPException(507) where they
        would not.
    progress: called as progress(received, total), in bytes, after each piece; total is None for a
        chunked body.
    buffer_size: bytes that are read at a time.

    A PUT with Content-Range is HTTPException(400): it asks for a change of a part, which would
    be taken for the whole (RFC 9110 section 14.5).
    """

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
) -> tuple[dict[str, str], list[tuple[str, str, int]]]:
    """Receive the form with files (multipart/form-data) that is the body of `request`. Coroutine.

    Returns (fields, files):
    fields: {str: str} of the fields that are no files.
    files: list of (field's name, path, size), in the form's order. Two of the same path are an
        error, HTTPException(400).

    folder: where the files go, str; '' is the current one.
    choose: called as choose(name, filename, content_type) for each file, all str or None; returns
        the name it gets in `folder`, None to leave it out. By default safe_name(filename).
    max_files, max_fields, max_file_size, max_field_size: limits; HTTPException(413) or
        httpparse.Error with that status beyond them.
    min_free, progress: as for receive_file(); received counts the bytes of the files.
    buffer_size: bytes of the parser's buffer, 256 or more; each header field of a part has to fit.
    """

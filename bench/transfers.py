# SPDX-License-Identifier: MIT
"""What a large file costs on the emulated board, beside the least that Python or C can do.

`make bench-board` runs it; see docs/benchmarks.md.
"""

import hashlib
import time

from bench.emulated import SHIFT, Board
from bench.frames import HEAD, SERVERS, received
from bench.pages import CREDENTIALS, START_PAGES
from bench.report import number, table

SIZE = 200 * 1024
UPLOAD_SIZE = 512 * 1024
FILES = {
    size: b"".join(hashlib.sha256(i.to_bytes(2, "big")).digest() for i in range(size // 32))
    for size in (SIZE, UPLOAD_SIZE)
}
FILE = FILES[SIZE]
DOWNLOAD = HEAD % SIZE + b"Connection: close\r\n\r\n"
UPLOAD = HEAD % 5 + b"Connection: close\r\n\r\ntaken"
START = "tinyweb()", "transfers"
LENGTH = f"Content-Length: {UPLOAD_SIZE}\r\n\r\n"
# {title: (request, path on the board, whether it is an upload, what starts tinyweb)}
KINDS = {
    "file from ROMFS": (b"GET /rom/large.bin HTTP/1.0\r\n\r\n", "/rom/large.bin", False, START),
    "file from littlefs": (b"GET /flash/large.bin HTTP/1.0\r\n\r\n", "/large.bin", False, START),
    "upload to littlefs": (
        f"PUT /upload HTTP/1.0\r\n{LENGTH}".encode(),
        "/upload.bin",
        True,
        START,
    ),
    "upload by the device's pages": (
        f"PUT /fs/upload.bin HTTP/1.0\r\nAuthorization: {CREDENTIALS}\r\n{LENGTH}".encode(),
        "/upload.bin",
        True,
        START_PAGES,
    ),
}

QUICK = ("file from ROMFS", "upload to littlefs")


def is_right(answer, upload):
    """Whether this is the answer to an upload, or the file."""
    return answer[9:12] in (b"200", b"201", b"204") if upload else answer.endswith(FILE)


def instructions(board, request, upload):
    """Of one transfer."""
    before = board.busy()
    with board.connect() as sock:
        sock.settimeout(120)
        sock.sendall(request + FILES[UPLOAD_SIZE] if upload else request)
        answer = received(sock)
    if not is_right(answer, upload):
        raise RuntimeError(f"wrong answer of {len(answer)} bytes: {answer[:200]!r}")
    # It closes the connection.
    time.sleep(0.2)
    return board.busy() - before


def measure(quick, say):
    """{"transfers": {kind: {server: instructions}}}, of the second transfer.

    quick: without C, and only kinds of QUICK.
    """
    results = {}
    with Board({"large.bin": FILE}, shift=SHIFT) as board:
        for title, (request, path, upload, start) in KINDS.items():
            for server in SERVERS:
                if quick and (server == "c" or title not in QUICK):
                    continue
                say(f"{title}, {SERVERS[server]}")
                direction, answer, size = (
                    ("upload", UPLOAD, UPLOAD_SIZE) if upload else ("download", DOWNLOAD, SIZE)
                )
                call = f"{server}_{direction}({len(request)}, {answer!r}, {path!r}, {size})"
                board.run(*start if server == "tinyweb" else (call, "transfers"))
                if server != "c":  # Its file is at the end then.
                    instructions(board, request, upload)
                results.setdefault(title, {})[server] = instructions(board, request, upload)
    return {"transfers": results}


def text(results):
    """The report for people."""
    rows = []
    for title, found in results["transfers"].items():
        ours = found["tinyweb"]
        for server, count in found.items():
            rows.append([f"{title}, {SERVERS[server]}", number(count), f"{count / ours:.2f}"])
    head = [
        f"{SIZE // 1024} KB, {UPLOAD_SIZE // 1024} KB up",
        "instructions",
        "throughput beside it",
    ]
    return "\n".join(table(head, rows)) + "\n"

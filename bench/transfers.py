# SPDX-License-Identifier: MIT
"""What a large file costs on the emulated board, beside the least that Python or C can do.

`make bench-board` runs it; see docs/benchmarks.md.
"""

import hashlib
import time

from bench.emulated import Board
from bench.frames import HEAD, SERVERS, received
from bench.report import number, table

SIZE = 200 * 1024
# 16 ns for an instruction: about as fast as this computer, which TCP's timers need
SHIFT = 4
FILE = b"".join(hashlib.sha256(bytes([i // 256, i % 256])).digest() for i in range(SIZE // 32))
DOWNLOAD = HEAD % SIZE + b"Connection: close\r\n\r\n"
UPLOAD = HEAD % 5 + b"Connection: close\r\n\r\ntaken"
# {title: (request, path on the board, whether it is an upload)}
KINDS = {
    "file from ROMFS": (b"GET /rom/large.bin HTTP/1.0\r\n\r\n", "/rom/large.bin", False),
    "file from littlefs": (b"GET /flash/large.bin HTTP/1.0\r\n\r\n", "/large.bin", False),
    "upload to littlefs": (
        b"PUT /upload HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % SIZE,
        "/upload.bin",
        True,
    ),
}


def instructions(board, request, upload):
    """Of one transfer."""
    before = board.busy()
    with board.connect() as sock:
        sock.settimeout(120)
        sock.sendall(request + FILE if upload else request)
        answer = received(sock)
    if not answer.endswith(b"taken" if upload else FILE):
        raise RuntimeError(f"wrong answer of {len(answer)} bytes: {answer[:200]!r}")
    # It closes the connection.
    time.sleep(0.2)
    return board.busy() - before


def measure(quick, say):
    """{"transfers": {kind: {server: instructions}}}, of the second transfer.

    quick: one kind, and without C.
    """
    results = {}
    with Board({"large.bin": FILE}, shift=SHIFT) as board:
        for title, (request, path, upload) in KINDS.items():
            for server in SERVERS:
                if quick and (server == "c" or not path.startswith("/rom")):
                    continue
                say(f"{title}, {SERVERS[server]}")
                direction, answer = ("upload", UPLOAD) if upload else ("download", DOWNLOAD)
                call = f"{server}_{direction}({len(request)}, {answer!r}, {path!r}, {SIZE})"
                board.run("tinyweb()" if server == "tinyweb" else call, "transfers")
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
    head = [f"{SIZE // 1024} KB", "instructions", "throughput beside it"]
    return "\n".join(table(head, rows)) + "\n"

# SPDX-License-Identifier: MIT
"""Writes the transcript of each request job in a file, as tests/host/harness.c does.

A job is a line: a JSON list of size, max_head, max_fields, mode, names, body size, read steps
and input, bytes in hexadecimal.
"""

import io
import json
import sys
from binascii import hexlify, unhexlify

import httpparse


class Source(io.IOBase):
    """Gives `data` in pieces of the sizes that `steps` tells, then would block."""

    def __init__(self, data, steps):
        self.data = data
        self.at = 0
        self.steps = steps
        self.turn = 0

    def readinto(self, buf):
        n = min(len(buf), len(self.data) - self.at)
        if n == 0:
            return None
        if self.steps:
            n = min(n, self.steps[self.turn % len(self.steps)] + 1)
            self.turn += 1
        buf[:n] = self.data[self.at : self.at + n]
        self.at += n
        return n


def hexed(data):
    return "x" + hexlify(data).decode()


def read_body(p, source, size, put):
    """Reads or drains the body; returns whether it is complete."""
    received = b""
    try:
        if size == 0:
            return p.drain(source, 1 << 29) is True
        buf = bytearray(size)
        while True:
            n = p.readinto(source, buf)
            if n is None:
                return False
            if n == 0:
                return True
            received += bytes(buf[:n])
    finally:
        if size:  # drain() does not tell how much it discards
            put(f"body {hexed(received)} bytes={len(received)} remaining={p.remaining}")


def transcribe(job, put):
    size, max_head, max_fields, mode, names, body_size, steps, data = job
    names = tuple(unhexlify(name) for name in names)
    source = Source(unhexlify(data), unhexlify(steps))
    p = httpparse.Request(size, max_head=max_head, max_fields=max_fields)
    try:
        while True:
            event = p.feed(source)
            if event is None:
                put("more idle" if p.idle else "more")
                return
            if event == httpparse.REQUEST_LINE:
                target = f"{hexed(p.path)} {hexed(p.query_string)}"
                put(f"line {hexed(p.method)} {target} {p.version}")
                p.keep((None, names, True, names)[mode])
                continue
            headers = p.headers()
            for name in sorted(headers):
                put(f"field {hexed(name)} {hexed(headers[name])}")
            line = "head"
            if p.content_length is not None:
                line += f" length={p.content_length}"
            line += f" remaining={p.remaining}"
            line += " chunked" * p.chunked + " keep-alive" * p.keep_alive
            put(line + " expect" * p.expect + " upgrade" * p.upgrade)
            if not read_body(p, source, body_size, put):
                put("more")
                return
            p.next()
    except httpparse.Error as error:
        put(f"error {error.status} {error}")


with open(sys.argv[1]) as jobs:
    for line in jobs:
        transcribe(json.loads(line), print)
        print()

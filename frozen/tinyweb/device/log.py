# SPDX-License-Identifier: MIT
"""The last lines of the log, in memory."""

import io

from micropython import const

_SIZE = const(256)


class Log(io.IOBase):
    """A stream that keeps the last `size` bytes of what is written to it."""

    def __init__(self, size=_SIZE):
        self._buffer = bytearray(size)
        self._at = 0  # where the next byte goes
        self._full = False

    def write(self, data):
        """Write `data`, str or bytes-like. Returns how many bytes there were."""
        if isinstance(data, str):
            data = data.encode()
        buffer = self._buffer
        for byte in data:
            buffer[self._at] = byte
            self._at += 1
            if self._at == len(buffer):
                self._at = 0
                self._full = True
        return len(data)

    def text(self):
        """What is kept, str: from the start of a line on where there was more."""
        data = bytes(self._buffer[: self._at])
        if self._full:
            data = bytes(self._buffer[self._at :]) + data
            end = data.find(b"\n") + 1
            if end < len(data):
                return str(data[end:], "utf-8")
            # One long line: its end, from the start of a character on (RFC 3629).
            while data[0] & 0xC0 == 0x80:
                data = data[1:]
        return str(data, "utf-8")

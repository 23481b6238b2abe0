# SPDX-License-Identifier: MIT
"""The wire between the emulated board's card and its network: it carries frames, or does not."""

import contextlib
import heapq
import itertools
import pathlib
import random
import select
import socket
import tempfile
import threading
import time

FRAME_MAX = 4096
IPV4 = b"\x08\x00"
TCP, UDP = 6, 17


class Wire:
    """Give `option` to the Emulator before it is made; close() ends the wire.

    seed: of what happens to frames. loss, double, late: of how many frames, 0 to 1, that are lost,
    that come twice, and that come up to `lateness` s later, so that others overtake them. delay: s
    that each frame takes. up: whether the wire is there. change: a function of a frame, as bytes,
    and of whether it is for the board, that returns what is carried in its place, or None.
    carried, lost: frames so far.
    """

    def __init__(self, seed=0):
        self._folder = tempfile.TemporaryDirectory(prefix="wire-")
        self._path = pathlib.Path(self._folder.name)
        self._random = random.Random(seed)
        self.quiet()
        self.carried = self.lost = 0
        self._ends = {}
        for name in ("card", "net"):
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            sock.bind(str(self._path / name))
            self._ends[sock] = name
        # Under way: when it arrives, the order of those that do at once, where, and the frame.
        self._under_way = []
        self._numbers = itertools.count()
        self.option = ("--wire", self._path)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def quiet(self):
        """From now on each frame comes, once and at once."""
        self.loss = self.double = self.late = self.delay = 0
        self.lateness = 0.05
        self.up = True
        self.change = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._closed.set()
        self._thread.join(5)
        for sock in self._ends:
            sock.close()
        self._folder.cleanup()

    def _run(self):
        while not self._closed.is_set():
            wait = 0.1
            if self._under_way:
                wait = min(wait, max(0, self._under_way[0][0] - time.monotonic()))
            for sock in select.select(list(self._ends), [], [], wait)[0]:
                self._take(sock.recv(FRAME_MAX), self._ends[sock] == "net")
            while self._under_way and self._under_way[0][0] <= time.monotonic():
                _, _, to_board, frame = heapq.heappop(self._under_way)
                self._deliver(frame, "card" if to_board else "net")

    def _take(self, frame, to_board):
        if self.change is not None:
            frame = self.change(frame, to_board)
        if frame is None or not self.up or self._random.random() < self.loss:
            self.lost += 1
            return
        for _ in range(2 if self._random.random() < self.double else 1):
            at = time.monotonic() + self.delay
            if self._random.random() < self.late:
                at += self._random.uniform(0, self.lateness)
            heapq.heappush(self._under_way, (at, next(self._numbers), to_board, frame))

    def _deliver(self, frame, name):
        self.carried += 1
        # QEMU may have ended, or not begun.
        with contextlib.suppress(OSError):
            next(iter(self._ends)).sendto(frame, str(self._path / f"{name}-qemu"))


# Frames, whose IPv4 headers have no options here.


def tcp_ports(frame):
    """(source, destination) of a TCP segment; None for another frame."""
    if frame[12:14] != IPV4 or frame[23] != TCP:
        return None
    return int.from_bytes(frame[34:36], "big"), int.from_bytes(frame[36:38], "big")


def is_offer(frame):
    """Whether a DHCP server offers an address (RFC 2131)."""
    return (
        frame[12:14] == IPV4
        and frame[23] == UDP
        and frame[34:36] == b"\0\x43"
        and frame[282:285] == b"\x35\x01\x02"
    )


def checksum(data):
    """The Internet checksum (RFC 1071) of bytes."""
    data += bytes(len(data) % 2)
    total = sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).to_bytes(2, "big")


def with_window(frame, window):
    """A TCP segment with another window."""
    data = bytearray(frame)
    data[48:50] = window.to_bytes(2, "big")
    end = 14 + int.from_bytes(data[16:18], "big")
    segment = data[34:end]
    segment[16:18] = bytes(2)
    pseudo = data[26:34] + bytes([0, TCP]) + len(segment).to_bytes(2, "big")
    data[50:52] = checksum(bytes(pseudo + segment))
    return bytes(data)


def with_offered_address(frame, address):
    """A DHCP offer of another address, 4 bytes; without a checksum, which UDP may leave out."""
    data = bytearray(frame)
    data[58:62] = address
    data[40:42] = bytes(2)
    return bytes(data)

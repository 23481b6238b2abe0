# SPDX-License-Identifier: MIT
"""What an image for a chip of the ESP32 family is, checked while it comes.

A file that ends in -app.bin is a header of 24 bytes, segments with 8 bytes before each, zeros and
a checksum up to a multiple of 16, and the SHA-256 of all that (ESP-IDF: esp_app_format.h,
"App Image Format"). The first segment begins with the program's description (esp_app_desc.h).
"""

import struct
from hashlib import sha256

from micropython import const

_MAGIC = const(0xE9)
_HEADER = const(24)
_SEGMENT = const(8)
_SEGMENTS = const(16)
_DESCRIPTION = const(256)
_DESCRIPTION_MAGIC = 0xABCD5432
_SEED = const(0xEF)
_DIGEST = const(32)
# Bytes at the beginning of an image that tell what it is.
HEAD = _HEADER + _SEGMENT + _DESCRIPTION


def describe(head):
    """What the first HEAD bytes of an image say: (chip's number, project, version), or None."""
    magic, count = head[0], head[1]
    if magic != _MAGIC or not 1 <= count <= _SEGMENTS or len(head) < HEAD:
        return None
    (chip,) = struct.unpack_from("<H", head, 12)
    at = _HEADER + _SEGMENT
    if struct.unpack_from("<I", head, at)[0] != _DESCRIPTION_MAGIC:
        return None
    return chip, _text(head, at + 48), _text(head, at + 16)


def _text(data, at):
    # A string of C in 32 bytes.
    text = bytes(data[at : at + 32]).split(b"\0")[0]
    return "".join(chr(c) if 32 <= c < 127 else "?" for c in text)


# What comes next of an image, the states of Image.
_IN_HEADER = const(0)
_IN_SEGMENT = const(1)  # what stands before a segment
_IN_DESCRIPTION = const(2)
_IN_DATA = const(3)
_IN_PADDING = const(4)
_IN_DIGEST = const(5)
_END = const(6)


class Image:
    """An image that comes piece by piece.

    room: bytes that it may have. chip, project: what it has to be for, as describe() has them.
    version: what it says that it is, str, once its first HEAD bytes are there.
    """

    version = None

    def __init__(self, room, chip, project):
        self.room = room
        self.chip = chip
        self.project = project
        self.size = 0  # bytes that have come
        self._sha = sha256()
        self._first = None  # the header, until the description is there
        self._xor = 0  # of the data, as numbers that are as long as pieces
        self._longest = 0  # bytes of the longest piece
        self._segments = 0  # that are still to come
        self._data = 0  # bytes of the first segment
        self._next(_IN_HEADER, _HEADER)

    def feed(self, data):
        """Take the next piece, bytes-like. Raises ValueError with a sentence if it is wrong."""
        data = memoryview(data)
        while len(data):
            if self._state == _END:
                raise ValueError("there is something behind the image")
            piece = data[: self._left]
            data = data[len(piece) :]
            self.size += len(piece)
            self._left -= len(piece)
            if self._state != _IN_DIGEST:
                self._sha.update(piece)
            if self._state == _IN_DATA:
                self._sum(piece)
            else:
                self._held.extend(piece)
            if not self._left:
                _DONE[self._state](self, self._held)

    def end(self):
        """There is no more. Raises ValueError if that is too early."""
        if self._state != _END:
            raise ValueError("the image is cut off")

    def _sum(self, piece):
        # The checksum is an exclusive or of all bytes, in whatever order.
        self._xor ^= int.from_bytes(piece, "little")
        self._longest = max(self._longest, len(piece))

    def _next(self, state, size):
        if self.size + size > self.room:
            raise ValueError("the image is larger than its place")
        self._held = bytearray()
        self._state = state
        self._left = size

    def _header(self, head):
        if head[0] != _MAGIC:
            raise ValueError("this is no image of a program: a file that ends in -app.bin is one")
        if not 1 <= head[1] <= _SEGMENTS:
            raise ValueError("the image's header is wrong")
        if struct.unpack_from("<H", head, 12)[0] != self.chip:
            raise ValueError("the image is for another chip")
        if head[23] != 1:
            raise ValueError("the image has no SHA-256 at its end")
        self._segments = head[1]
        self._first = head
        self._next(_IN_SEGMENT, _SEGMENT)

    def _segment(self, head):
        size = struct.unpack_from("<I", head, 4)[0]
        first = self._first
        if size % 4 or (first and size < _DESCRIPTION):
            raise ValueError("a segment's size is wrong")
        self._segments -= 1
        if first:
            self._data = size
            first.extend(head)
            self._next(_IN_DESCRIPTION, _DESCRIPTION)
        else:
            self._next_data(size)

    def _description(self, text):
        head = self._first
        self._first = None
        head.extend(text)
        described = describe(head)
        if described is None:
            raise ValueError("the image does not say what it is")
        _, project, self.version = described
        if project != self.project:
            raise ValueError("the image is of another project: {}".format(project or "no name"))
        self._sum(text)
        self._next_data(self._data - _DESCRIPTION)

    def _next_data(self, size):
        self._next(_IN_DATA, size)
        if not size:
            self._segment_end(None)

    def _segment_end(self, _):
        if self._segments:
            self._next(_IN_SEGMENT, _SEGMENT)
        else:
            self._next(_IN_PADDING, 16 - self.size % 16)

    def _padding(self, padding):
        xor = _SEED
        for byte in self._xor.to_bytes(self._longest, "little"):
            xor ^= byte
        if padding[-1] != xor:
            raise ValueError("the image's checksum is wrong")
        self._next(_IN_DIGEST, _DIGEST)

    def _digest(self, digest):
        if digest != self._sha.digest():
            raise ValueError("the image's SHA-256 is wrong")
        self._state = _END


# What is done when a part is there, by state.
_DONE = (
    Image._header,
    Image._segment,
    Image._description,
    Image._segment_end,
    Image._padding,
    Image._digest,
)

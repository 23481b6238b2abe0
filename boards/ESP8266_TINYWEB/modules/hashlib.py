# SPDX-License-Identifier: MIT
"""hashlib for images without TLS: the built-in sha256, and sha1 (FIPS 180-4, section 6.1).

The C implementation of sha1 belongs to the TLS library. The handshake of WebSocket, and
so WebREPL, needs one on some 60 bytes, where the time of this one does not matter.
"""

import struct

from uhashlib import sha256  # noqa: F401


class sha1:
    def __init__(self, data=b""):
        self._h = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
        self._rest = b""
        self._size = 0
        self.update(data)

    def update(self, data):
        """Take more bytes (any object with the buffer protocol)."""
        data = self._rest + bytes(data)
        self._size += len(data) - len(self._rest)
        end = len(data) & ~63
        for i in range(0, end, 64):
            self._block(struct.unpack_from(">16I", data, i))
        self._rest = data[end:]

    def digest(self):
        """Return the 20 bytes of the hash; no update() may follow, as with the built-in ones."""
        size = self._size
        pad = b"\x80" + bytes((55 - size) % 64)
        self.update(pad + struct.pack(">Q", size * 8))
        return struct.pack(">5I", *self._h)

    def _block(self, words):
        w = list(words)
        a, b, c, d, e = self._h
        for i in range(80):
            if i >= 16:
                x = w[(i - 3) & 15] ^ w[(i - 8) & 15] ^ w[(i - 14) & 15] ^ w[i & 15]
                w[i & 15] = (x << 1 | x >> 31) & 0xFFFFFFFF
            if i < 20:
                f = d ^ (b & (c ^ d))
                k = 0x5A827999
            elif i < 40:
                f = b ^ c ^ d
                k = 0x6ED9EBA1
            elif i < 60:
                f = (b & c) | (d & (b | c))
                k = 0x8F1BBCDC
            else:
                f = b ^ c ^ d
                k = 0xCA62C1D6
            t = ((a << 5 | a >> 27) + f + e + k + w[i & 15]) & 0xFFFFFFFF
            a, b, c, d, e = t, a, (b << 30 | b >> 2) & 0xFFFFFFFF, c, d
        h = self._h
        for i, x in enumerate((a, b, c, d, e)):
            h[i] = (h[i] + x) & 0xFFFFFFFF

# SPDX-License-Identifier: MIT
"""What signatures are made of: HMAC-SHA256, base64url, comparison, and a key kept in a file."""

import os
from binascii import a2b_base64, b2a_base64
from hashlib import sha256

from micropython import const
from tinyweb.files import replace

_BLOCK = const(64)
_KEY_SIZE = const(32)


def pads(key):
    """The inner and the outer block of HMAC for `key` (bytes), to be given to mac()."""
    if len(key) > _BLOCK:
        key = sha256(key).digest()
    inner = bytearray(b"\x36" * _BLOCK)
    outer = bytearray(b"\x5c" * _BLOCK)
    for i, byte in enumerate(key):
        inner[i] ^= byte
        outer[i] ^= byte
    return inner, outer


def mac(blocks, *data):
    """HMAC-SHA256 (RFC 2104) of `data` (bytes, one or several) with a key's pads(): 32 bytes."""
    h = sha256(blocks[0])
    for part in data:
        h.update(part)
    outer = sha256(blocks[1])
    outer.update(h.digest())
    return outer.digest()


def equal(a, b):
    """Whether two bytes objects are equal, in a time that depends on their lengths only."""
    if len(a) != len(b):
        return False
    difference = 0
    for i in range(len(a)):
        difference |= a[i] ^ b[i]
    return difference == 0


def encode(data):
    """base64url (RFC 4648 section 5) of `data` as bytes, without padding."""
    return b2a_base64(data).rstrip(b"=\n").replace(b"+", b"-").replace(b"/", b"_")


def decode(text):
    """The bytes of base64url `text` (bytes); ValueError where it is none."""
    for c in text:
        # a2b_base64() skips what it does not know.
        if not (97 <= c <= 122 or 65 <= c <= 90 or 48 <= c <= 57 or c == 45 or c == 95):
            raise ValueError
    text = text.replace(b"-", b"+").replace(b"_", b"/")
    return a2b_base64(text + b"==="[: -len(text) % 4])


def new_key(path):
    """Write a new random key to the file `path` and return it: 32 bytes.

    The file appears whole or not at all: it is written under another name and renamed.
    """
    key = os.urandom(_KEY_SIZE)
    replace(path, key)
    return key


def load_key(path):
    """The key in the file `path` (str), which is made where there is none; 32 bytes."""
    try:
        with open(path, "rb") as file:
            key = file.read(_KEY_SIZE + 1)
        if len(key) == _KEY_SIZE:
            return key
    except OSError:
        pass  # There is none yet.
    return new_key(path)

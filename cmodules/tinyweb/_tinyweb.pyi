# SPDX-License-Identifier: MIT
"""What the server does for every request, in C."""

from typing import Any

class HTTPException(Exception):
    """Answer with the status `code`, 200 to 599."""

    code: int
    def __init__(self, code: int = 400) -> None: ...

def escape(value: Any) -> bytes:
    """HTML of `value` as bytes, for text and for attributes in quotation marks.

    Bytes are taken for UTF-8, None for nothing, anything else as str() shows it.
    """

def verify(
    key: bytes | bytearray | memoryview,
    digest: bytes | bytearray | memoryview,
    signature: bytes | bytearray | memoryview,
) -> bool:
    """Whether `signature` was made with the private key to `key`: ECDSA on the curve P-256.

    key: the public key in DER (SubjectPublicKeyInfo), as openssl writes it.
    digest: the SHA-256 of what was signed, 32 bytes.
    signature: in DER (RFC 3279 section 2.2.3); what is no signature is none of that key's.

    Images whose TLS is not mbedTLS are without it, such as the ESP8266's. Raises ValueError for
    another kind of key, or a digest of another size.
    """

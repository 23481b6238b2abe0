# SPDX-License-Identifier: MIT
"""HTTPS: the context that `webserver.run(ssl=...)` takes, and what it admits.

On the ESP32 a TLS connection takes its memory from the heap that the Wi-Fi driver and lwIP live
on, and most during its handshake. So handshakes are made one after the other, each when there is
memory for it; until then clients wait in a queue.
"""

from typing import Any

def context(
    certificate: str,
    key: str,
    max_connections: int | None = None,
    connection_memory: int = 40960,
    network_memory: int = 32768,
    queue_timeout: float = 10,
) -> Context:
    """Return the Context of a server (RFC 8446, RFC 5246).

    certificate: path of a file in PEM or DER, with the chain after the certificate if there is
        one. Elliptic curves (P-256) take a chip a tenth of the time of RSA.
    key: path of the private key's file, without a passphrase.
    max_connections, connection_memory, network_memory, queue_timeout: as for Context.

    Raises NotImplementedError where the firmware has no TLS for servers, OSError if a file cannot
    be read and ValueError if it is no certificate or key, or the two do not belong together.
    """

class Refused(Exception):
    """A client did not get a TLS connection in time: what log_error() is called with."""

class Context:
    """An SSLContext of a server, and the connections that it may have.

    ssl: the SSLContext.
    max_connections: TLS connections at the same time; None for as many as there is memory for.
    connection_memory: bytes that a connection takes at most, which is during its handshake.
    network_memory: bytes inside the chip that stay free for Wi-Fi and lwIP.
    queue_timeout: seconds that a client waits for its turn before it is refused.

    The bounds of memory apply on the ESP32, where esp32.idf_heap_info() tells what is free.
    """

    def __init__(
        self,
        ssl: Any,
        max_connections: int | None = None,
        connection_memory: int = 40960,
        network_memory: int = 32768,
        queue_timeout: float = 10,
    ) -> None: ...

# SPDX-License-Identifier: MIT
"""HTTPS: the context that `webserver.run(ssl=...)` takes, and what it admits.

On the ESP32 a TLS connection takes its memory from the heap that the Wi-Fi driver and lwIP live
on, and most during its handshake. So handshakes are made one after the other, each when there is
memory for it; until then clients wait in a queue.
"""

import sys
from asyncio import CancelledError
from time import ticks_diff, ticks_ms

import _tinyweb

from micropython import const
from tinyweb import aio

# A record may have 16 KiB (RFC 8446 section 5.1): mbedTLS reads it into one piece of memory.
_RECORD = const(17408)
# How often the client whose turn it is looks whether it can go on, in ms.
_LOOK = const(20)
# A client that has sent nothing for so long, in ms, does not keep others from their handshake.
_PATIENCE = const(1000)


def context(
    certificate,
    key,
    max_connections=None,
    connection_memory=40960,
    network_memory=32768,
    queue_timeout=10,
):
    """Return the Context of a server (RFC 8446, RFC 5246).

    certificate: path of a file in PEM or DER, with the chain after the certificate if there is
        one. Elliptic curves (P-256) take a chip a tenth of the time of RSA.
    key: path of the private key's file, without a passphrase.
    max_connections, connection_memory, network_memory, queue_timeout: as for Context.

    Raises NotImplementedError where the firmware has no TLS for servers, OSError if a file cannot
    be read and ValueError if it is no certificate or key, or the two do not belong together.
    """
    if sys.platform == "esp8266":
        raise NotImplementedError(
            "no HTTPS on the ESP8266: TLS needs more memory for one connection than the chip has"
        )
    try:
        import tls
    except ImportError:
        raise NotImplementedError("no HTTPS: this firmware was built without TLS")
    made = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    with open(certificate, "rb") as c, open(key, "rb") as k:
        made.load_cert_chain(c.read(), k.read())
    return Context(made, max_connections, connection_memory, network_memory, queue_timeout)


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
        ssl,
        max_connections=None,
        connection_memory=40960,
        network_memory=32768,
        queue_timeout=10,
    ):
        self._ssl = ssl
        self._max_connections = max_connections
        self._connection_memory = connection_memory
        self._network_memory = network_memory
        self._queue_timeout = int(queue_timeout * 1000)
        self._queue = []  # the slots whose clients wait
        self._turn = None  # the transport of the handshake that is under way
        self._received = self._since = 0  # what its client had sent, and when that was new

    def enter(self, slot):
        """Begin TLS on the connection of `slot` when it is its turn. Coroutine.

        Raises OSError or MemoryError where there is no memory after all. A client that waits for
        longer than queue_timeout is refused.
        """
        queue = self._queue
        queue.append(slot)
        slot.move("turn", self._queue_timeout)
        try:
            while queue[0] is not slot or self._has_to_wait(slot.server):
                yield from aio.pause(_LOOK)
            # The handshake takes place when the slot reads.
            slot.move("first", slot.server.request_timeout)
            # It takes the place of the socket below, and is closed with the connection.
            slot.transport = slot.sock = self._turn = _tinyweb.transport(slot.sock)
            self._received = 0
            self._since = ticks_ms()
            slot.sock = self._ssl.wrap_socket(
                slot.sock, server_side=True, do_handshake_on_connect=False
            )
        except CancelledError:
            if slot.state == "expired":
                self._log(slot, "no turn within {} ms".format(self._queue_timeout))
            raise
        except (OSError, MemoryError) as exc:
            self._log(slot, repr(exc))
            raise
        finally:
            queue.remove(slot)

    def _log(self, slot, why):
        text = "TLS client refused, {}; connections: {}, heap (free, largest block, inside): {}"
        slot._log(Refused(text.format(why, _count(slot.server), _heap())), None)

    def _has_to_wait(self, server):
        turn = self._turn
        if turn is not None and turn.handshaking:
            now = ticks_ms()
            if turn.received != self._received:
                self._received = turn.received
                self._since = now
            if ticks_diff(now, self._since) < _PATIENCE:
                return True
        self._turn = None
        if self._has_room(server):
            return False
        # A connection that is kept for a request that may never come makes room.
        server.make_room()
        return True

    def _has_room(self, server):
        if self._max_connections is not None and _count(server) >= self._max_connections:
            return False
        found = _heap()
        if found is None:
            return True
        free, largest, inside = found
        return (
            free - self._connection_memory >= self._network_memory
            and inside >= self._network_memory
            and largest >= _RECORD
        )


def _count(server):
    return sum([slot.transport is not None for slot in server.slots])


# Memory beyond this size, in bytes, is outside the chip: no ESP32 has so much inside.
_INSIDE = const(1048576)


def _heap():
    # Of what mbedTLS allocates from: bytes free, in the largest block, and inside the chip. None
    # where the system does not tell.
    try:
        import esp32
    except ImportError:
        return None
    free = largest = inside = 0
    for size, unused, block, _ in esp32.idf_heap_info(esp32.HEAP_DATA):
        free += unused
        largest = max(largest, block)
        if size < _INSIDE:
            inside += unused
    return free, largest, inside

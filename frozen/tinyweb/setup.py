# SPDX-License-Identifier: MIT
"""What webserver does before it serves. open() drops this module, which is not needed then.

A public function here is a method of webserver, `server` being its self.
"""

import asyncio
import gc
import sys
from time import ticks_ms

from micropython import const
from tinyweb.server import Slot

# The unix port does not name them; they are the same on Linux, the BSDs and macOS.
_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)
# Seconds; 2**29 - 1 ms are 6.2 days.
_LONGEST = const(536870)


def init(
    server,
    request_timeout=3,
    max_concurrency=None,
    backlog=10,
    debug=False,
    *,
    keep_alive=15,
    body_timeout=5,
    send_timeout=10,
    handler_timeout=None,
    buffer_size=None,
):
    # The constructor of webserver. What compiled the program so far has left gaps.
    gc.collect()
    if max_concurrency is None:
        max_concurrency = {"esp8266": 3, "esp32": 6}.get(sys.platform, 10)
    if buffer_size is None:
        buffer_size = max(256, min(1024, gc.mem_free() // 64))
    server.max_concurrency = max_concurrency
    server.buffer_size = buffer_size
    server.backlog = backlog
    if debug:
        server.debug = debug
    server.request_timeout = _ms("request_timeout", request_timeout)
    server.keep_alive_timeout = _ms("keep_alive", keep_alive)
    server.body_timeout = _ms("body_timeout", body_timeout)
    server.send_timeout = _ms("send_timeout", send_timeout)
    server.handler_timeout = handler_timeout and _ms("handler_timeout", handler_timeout)
    server.routes = {}  # path -> route
    # Later there may be no memory to add attributes.
    server.closing = False
    server._newcomer = None  # the connection that waits for a slot
    server._refused = 0
    server._date = server._date_due = None
    # The first slot is made before the program goes on, which leaves its memory in small pieces.
    server.slots = [Slot(server)]


def _ms(name, seconds):
    # A timeout in ms. Differences of ticks_ms() are known up to half of its period.
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= _LONGEST:
        raise ValueError("{} is a number of seconds from 0 to {}".format(name, _LONGEST))
    return int(seconds * 1000)


def start(server, host="127.0.0.1", port=8081, backlog=None, ssl=None):
    """Listen on `host`:`port` and serve from tasks of the running or next event loop.

    backlog: length of the queue of pending connections; the server's own by default.
    ssl: what tinyweb.tls.context() makes, or an SSLContext of a server; HTTP without it.

    Raises OSError if the address cannot be used, ValueError for a port above 65535,
    MemoryError if the heap is too small.
    """
    import socket

    if not 0 <= port <= 0xFFFF:
        raise ValueError("port is 0 to 65535")  # sockets take its low 16 bits
    if server._listener is not None:
        server.shutdown()
    _make_slots(server)
    family, kind, proto, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, proto)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # With Nagle's algorithm the last part of an answer would wait until the client has
        # acknowledged the one before, which clients delay (RFC 9293 section 3.8.6.3).
        nodelay = getattr(socket, "TCP_NODELAY", None)
        if nodelay is None:
            # The unix port has no name for it; there, accepted sockets inherit it.
            listener.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(server.backlog if backlog is None else backlog)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    server._listener = listener
    if ssl is not None or server._ssl is not None:
        if ssl is not None and not hasattr(ssl, "enter"):
            from _tinyweb import tls_context

            ssl = tls_context(ssl)
        server._ssl = ssl
    server.open()
    server._acceptor = asyncio.create_task(server._accept(listener, nodelay))


def _make_slots(server):
    # What connections need is had now, or missed now.
    if not server.slots:
        # After a shutdown. The caller sees here that memory is too short for it.
        server.slots.append(Slot(server))
    for slot in server.slots:
        if slot.task is None:
            slot.start()
    while len(server.slots) < server.max_concurrency and server._add_slot():
        pass


def prepare(server):
    """Get ready to serve connections, wherever they come from: the method open()."""
    if server.stopping:
        server.stopping = server.closing = False
    server._date_due = ticks_ms()
    # The registration of routes is not needed any more, or will be imported again.
    tinyweb = sys.modules["tinyweb"]
    for name in ("setup", "routes", "patterns", "application"):
        if sys.modules.pop("tinyweb." + name, None):
            delattr(tinyweb, name)
    if server._watchdog is None:
        server._watchdog = asyncio.create_task(server._watch())

# SPDX-License-Identifier: MIT
"""What webserver does before it serves. prepare() drops this module, which is not needed then."""

import asyncio
from time import ticks_ms

from micropython import const
from tinyweb import connection
from tinyweb.server import check, drop_modules

# The unix port does not name them; they are the same on Linux, the BSDs and macOS.
_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)


def start(server, host, port, backlog, ssl):
    """The method start() of `server`."""
    import socket

    if not isinstance(port, int) or not 0 <= port <= 0xFFFF:
        # Sockets would take its low 16 bits.
        raise ValueError("port is a number from 0 to 65535, not {!r}".format(port))
    if server._listener is not None:
        if not server._left:
            raise RuntimeError("the server listens already: app.shutdown() ends that")
        server._left = False
        server.shutdown()
    check("start", server, host, port)
    _make_slots(server)
    listener = None
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
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
    except OSError as exc:
        if listener is not None:
            listener.close()
        check("cannot_listen", exc, host, port)
        raise
    server._listener = listener
    if ssl is not None or server._ssl is not None:
        if ssl is not None and not hasattr(ssl, "enter"):
            from tinyweb.tls import Context

            ssl = Context(ssl)
        server._ssl = ssl
    server.open()
    server._acceptor = asyncio.create_task(server._accept(listener, nodelay))


def _make_slots(server):
    # What connections need is had now, or missed now.
    if not server.slots:
        # After a shutdown. The caller sees here that memory is too short for it.
        server.slots.append(connection.new_slot(server))
    for slot in server.slots:
        if slot.task is None:
            slot.start()
    while len(server.slots) < server.max_concurrency and server._add_slot():
        pass


def prepare(server):
    """The method open() of `server`."""
    if server.stopping:
        server.stopping = server.closing = False
    server._date_due = ticks_ms()
    drop_modules()
    if server._watchdog is None:
        server._watchdog = asyncio.create_task(server._watch())

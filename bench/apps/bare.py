# SPDX-License-Identifier: MIT
"""What both bare loops start with."""

import select
import socket

from page import PAGE


def listen(host, port):
    """(listening socket, poller that watches it), non-blocking."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo(host, port)[0][-1])
    listener.listen(16)
    listener.setblocking(False)
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    return listener, poller


def answer(version):
    """The bytes of the answer, with the page."""
    return (
        f"HTTP/{version} 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n"
        + PAGE
    ).encode()

# SPDX-License-Identifier: MIT
"""Servers on the emulated board, for bench.frames: this project's, and two that are the least.

The answers of those two are constant, and come when so many bytes have come as the request has.
"""

import asyncio
import select
import socket
import time

import network
import uctypes
import vfs
from measure import respond, tell

PORT = 8081
PERIOD_MS = 2000


def begin(address, size):
    """Mount the ROMFS at this address of the memory on /rom, and wait for the network."""
    station = network.WLAN(network.STA_IF)
    while not station.isconnected():
        time.sleep_ms(50)
    vfs.mount(vfs.VfsRom(uctypes.bytearray_at(address, size)), "/rom")


def tinyweb():
    """This project's server, with each kind of request."""
    import tinyweb
    from page import PAGE
    from tinyweb.broadcast import Broadcast
    from tinyweb.sse import with_sse
    from tinyweb.websocket import with_websocket

    app = tinyweb.webserver(max_concurrency=4)
    app.static("/static", "/rom")
    everyone = Broadcast()

    @app.route("/")
    async def index(request, response):
        await response.start_html()
        await response.send(PAGE)

    @app.route("/form", methods=("POST",))
    async def form(request, response):
        data = await request.read_parse_form_data()
        await response.start_html()
        await response.send(data["text"])

    @app.route("/echo")
    @with_websocket
    async def echo(request, ws):
        async for message in ws:
            await ws.send(message)

    @app.route("/events")
    @with_sse
    async def events(request, stream):
        everyone.add(stream)
        while True:
            await asyncio.sleep(3600)

    async def tell_everyone():
        while True:
            await asyncio.sleep_ms(PERIOD_MS)
            everyone.send({"temperature": 21.5})

    app.start("0.0.0.0", PORT)
    asyncio.create_task(tell_everyone())
    print("ready")
    asyncio.get_event_loop().run_forever()


def listening():
    """A socket that listens, and what polls it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("0.0.0.0", PORT)[0][-1])
    listener.listen(5)
    listener.setblocking(False)
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    return listener, poller


def python(length, answer, stays):
    """Python on the bare socket."""
    listener, poller = listening()
    buffer = bytearray(536)
    got = 0
    print("ready")
    while True:
        for ready in poller.ipoll():
            sock = ready[0]
            if sock is listener:
                sock = listener.accept()[0]
                sock.setblocking(False)
                sock.setsockopt(6, socket.TCP_NODELAY, 1)
                poller.register(sock, select.POLLIN)
                continue
            n = sock.readinto(buffer)
            if n:
                got += n
                if got < length:
                    continue
                got = 0
                n = sock.write(answer)
                if n < len(answer):
                    sock.setblocking(True)
                    sock.write(answer[n:])
                if stays:
                    continue
            poller.unregister(sock)
            sock.close()


def python_events(event):
    """Python on the bare socket: an event to each client, now and then."""
    listener, _ = listening()
    clients = []
    print("ready")
    while True:
        time.sleep_ms(PERIOD_MS)
        for sock in clients:
            sock.write(event)
        try:
            sock = listener.accept()[0]
            sock.setblocking(False)
            sock.setsockopt(6, socket.TCP_NODELAY, 1)
            clients.append(sock)
        except OSError:
            pass


def c(length, answer, stays):
    """C in the callbacks of lwIP."""
    respond(PORT, length, answer, stays)
    print("ready")
    wait()


def c_events(event):
    """C in the callbacks of lwIP: an event to each client, now and then."""
    respond(PORT, 1, b"", True)
    print("ready")
    wait(lambda: tell(event))


def wait(turn=lambda: None):
    try:
        while True:
            time.sleep_ms(PERIOD_MS)
            turn()
    finally:
        # It would outlive this program.
        respond(0, 0, b"")

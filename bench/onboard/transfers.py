# SPDX-License-Identifier: MIT
"""Servers of a large file on the emulated board, for bench.transfers."""

import asyncio
import socket

from frames import PORT, wait
from measure import respond, sleepless

UPLOAD = "/upload.bin"

sleepless(True)


def tinyweb():
    """This project's server: the files of ROMFS and of littlefs, and a PUT."""
    import tinyweb
    from tinyweb.uploads import receive_file

    app = tinyweb.webserver()
    app.static("/rom", "/rom")
    app.static("/flash", "/")

    @app.route("/upload", methods=("PUT",), max_body_size=1_000_000)
    async def upload(request, response):
        await receive_file(request, UPLOAD)
        await response.start_html()
        await response.send("taken")

    app.start("0.0.0.0", PORT)
    print("ready")
    asyncio.get_event_loop().run_forever()


def python_download(request, answer, path, size, piece=2048):
    """Python on the bare socket: reads `size` bytes of the file and writes them."""
    listener = _listener()
    buffer = memoryview(bytearray(piece))
    while True:
        sock = listener.accept()[0]
        sock.read(request)
        sock.write(answer)
        with open(path, "rb") as file:
            while n := file.readinto(buffer):
                sock.write(buffer[:n])
        sock.close()


def python_upload(request, answer, path, size, piece=512):
    """The same, which reads `size` bytes behind the request and writes them to the file."""
    listener = _listener()
    buffer = memoryview(bytearray(piece))
    while True:
        sock = listener.accept()[0]
        sock.read(request)
        left = size
        with open(path, "wb") as file:
            while left:
                n = sock.readinto(buffer if left >= piece else buffer[:left])
                file.write(buffer[:n])
                left -= n
        sock.write(answer)
        sock.close()


def _listener():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("0.0.0.0", PORT)[0][-1])
    listener.listen(5)
    print("ready")
    return listener


def c_download(request, answer, path, size):
    """C in the callbacks of lwIP; the file is read like any stream."""
    with open(path, "rb") as file:
        respond(PORT, request, answer, file=file, size=size)
        print("ready")
        wait()


def c_upload(request, answer, path, size):
    """The same, which writes what comes to the file."""
    with open(path, "wb") as file:
        respond(PORT, request + size, answer, file=file, body=size)
        print("ready")
        wait()

# SPDX-License-Identifier: MIT
"""Large files of ROMFS, which go from its memory to the client without a copy."""

import contextlib
import hashlib
import socket

import httpx
import pytest
from mpremote.romfs import VfsRomWriter

from support.simulator import SIMULATOR_MODULES, search_path, start_server

PROGRAM = """
    import sys, tinyweb
    from file_systems import mounted_rom

    app = tinyweb.webserver()
    root = mounted_rom(sys.argv[3])
    app.static("/site", root)

    @app.route("/sent/<name>", save_headers=["Range"])
    async def sent(request, response, name):
        await response.send_file(root + "/" + name)

    @app.route("/part/<name>")
    async def part(request, response, name):
        # A file as one part of a body in chunks.
        await response.start_html()
        await response.send("before")
        await response.send_file(root + "/" + name)
        await response.send("behind")

    app.run("127.0.0.1", int(sys.argv[1]))
"""
SIZES = (700, 4099, 40_001, 300_000)


def content(size):
    blocks = (hashlib.sha256(b"%d %d" % (size, i)).digest() for i in range(size // 32 + 1))
    return b"".join(blocks)[:size]


# Names of each length: the contents begin at each address of a word.
FILES = {f"{size}{'x' * i}.bin": content(size) for size in SIZES for i in range(4)}


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rom")
    writer = VfsRomWriter()
    for name, data in FILES.items():
        writer.mkfile(name, data)
    (folder / "image").write_bytes(writer.finalise())
    server = start_server(
        PROGRAM,
        folder=folder,
        bits=request.param,
        heap="4m",
        args=(folder / "image",),
        env=search_path(SIMULATOR_MODULES),
    )
    yield server
    assert "Traceback" not in server.log()
    server.stop()


@pytest.mark.parametrize("url", ["/site/", "/sent/"])
def test_files_and_parts_of_them(server, url):
    with httpx.Client(base_url=server.url, timeout=20) as client:
        for name, data in FILES.items():
            assert client.get(url + name).content == data
            for first in (0, 1, 2, 3, 511, len(data) - 650):
                for last in (first, len(data) - 2, len(data) - 1):
                    field = f"bytes={first}-{last}"
                    answer = client.get(url + name, headers={"Range": field})
                    assert answer.status_code == 206
                    assert answer.content == data[first : last + 1], (name, field)


def test_a_file_in_chunks(server):
    with httpx.Client(base_url=server.url, timeout=20) as client:
        for name, data in FILES.items():
            assert client.get("/part/" + name).content == b"before" + data + b"behind"


def test_a_client_that_takes_little_at_a_time(server):
    name = max(FILES, key=lambda name: (len(FILES[name]), name))
    url = httpx.URL(server.url)
    with contextlib.closing(socket.socket()) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.settimeout(20)
        sock.connect((url.host, url.port))
        sock.sendall(b"GET /site/%s HTTP/1.0\r\n\r\n" % name.encode())
        answer = b""
        while piece := sock.recv(777):
            answer += piece
            if len(answer) < 20_000:
                # Others are served meanwhile.
                assert httpx.get(f"{server.url}/site/700.bin").content == FILES["700.bin"]
    assert answer.partition(b"\r\n\r\n")[2] == FILES[name]

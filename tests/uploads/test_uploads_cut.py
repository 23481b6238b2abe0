# SPDX-License-Identifier: MIT
"""An upload that ends at any byte leaves the old file or the new one, on every file system."""

import socket
import struct
import time

import httpx
import pytest

from support.simulator import SIMULATOR_MODULES, search_path

PROGRAM = """
    import json, os, sys, tinyweb
    from file_systems import mounted
    from tinyweb import uploads

    app = tinyweb.webserver(max_concurrency=4)
    FOLDER = mounted(sys.argv[3], sys.argv[4])

    @app.route("/file/<name>", methods=["PUT"], max_body_size=100000)
    async def put(request, response, name):
        await uploads.receive_file(request, FOLDER + "/" + name, min_free=0)
        response.code = 201

    @app.route("/form", methods=["POST"], max_body_size=100000)
    async def form(request, response):
        await uploads.receive_form(request, FOLDER, min_free=0)

    @app.route("/file/<name>", methods=["GET"])
    async def get(request, response, name):
        await response.send_file(FOLDER + "/" + name)

    @app.route("/list")
    async def listed(request, response):
        await response.start_json()
        await response.send(json.dumps(sorted(e[0] for e in os.ilistdir(FOLDER))))

    @app.route("/mkdir/<name>")
    async def mkdir(request, response, name):
        os.mkdir(FOLDER + "/" + name)

    @app.route("/interrupted")
    async def interrupted(request, response):
        # As a reset leaves it, when an upload is under way.
        for name in (".a.7.part", "notes.part", ".hidden"):
            with open(FOLDER + "/" + name, "wb") as f:
                f.write(b"x")
        uploads.clean(FOLDER)

    app.run("127.0.0.1", int(sys.argv[1]))
"""

OLD = b"old " * 100
NEW = bytes(range(256)) * 3
OTHER = b"other" * 50


@pytest.fixture(params=["posix", "VfsFat", "VfsLfs2"])
def client(request, serve, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    server = serve(
        PROGRAM,
        bits=32,
        heap="300k",
        args=(request.param, folder),
        env=search_path(SIMULATOR_MODULES),
    )
    with httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


def names(client):
    return [name for name in client.get("/list").json() if name != "."]


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def cuts(message):
    """Where a message is cut: around all seams of it, and in between."""
    head = message.index(b"\r\n\r\n") + 4
    points = {head - 1, head, head + 1, len(message) - 2, len(message) - 1}
    points.update(range(head, len(message), 97))
    return sorted(points)


def send_cut(client, part, reset):
    with socket.create_connection((client.base_url.host, client.base_url.port)) as raw:
        raw.sendall(part)
        if reset:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def send_whole(client, message):
    with socket.create_connection((client.base_url.host, client.base_url.port)) as raw:
        raw.settimeout(20)
        raw.sendall(message)
        return raw.recv(100)


def assert_cut_anywhere(client, message, old):
    """What is there stays as it is, wherever the message is cut."""
    for at in cuts(message):
        for reset in (False, True):
            send_cut(client, message[:at], reset)
            wait_for(lambda: names(client) == sorted(old))
            for name, content in old.items():
                assert client.get("/file/" + name).content == content, at


def test_put(client):
    assert client.put("/file/a", content=OLD).status_code == 201
    head = b"PUT /file/a HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(NEW)
    assert_cut_anywhere(client, head + NEW, {"a": OLD})
    assert b" 201 " in send_whole(client, head + NEW)
    assert client.get("/file/a").content == NEW
    assert names(client) == ["a"]


def test_put_in_chunks(client):
    assert client.put("/file/a", content=OLD).status_code == 201
    head = b"PUT /file/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    message = head + b"100\r\n" + NEW[:256] + b"\r\n200\r\n" + NEW[256:] + b"\r\n0\r\n\r\n"
    assert_cut_anywhere(client, message, {"a": OLD})
    assert b" 201 " in send_whole(client, message)
    assert client.get("/file/a").content == NEW
    assert names(client) == ["a"]


def test_form_with_two_files(client):
    assert client.put("/file/a", content=OLD).status_code == 201
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="%s"\r\n\r\n%s\r\n'
    body = part % (b"a", NEW) + part % (b"b", OTHER) + b"--b--"
    head = (
        b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    assert_cut_anywhere(client, head + body, {"a": OLD})
    assert b" 200 " in send_whole(client, head + body)
    assert client.get("/file/a").content == NEW
    assert client.get("/file/b").content == OTHER
    assert names(client) == ["a", "b"]


def test_part_of_a_file_is_no_file(client):
    assert client.put("/file/a", content=OLD).status_code == 201
    for content in (NEW, b""):
        answer = client.put("/file/a", content=content, headers={"Content-Range": "bytes 0-5/99"})
        assert answer.status_code == 400
    assert client.get("/file/a").content == OLD


def test_name_of_a_folder(client):
    assert client.get("/mkdir/folder").status_code == 200
    assert client.put("/file/folder", content=NEW).status_code == 409
    assert names(client) == ["folder"]


def test_name_that_no_file_can_have(client):
    assert client.put("/file/" + "x" * 300, content=NEW).status_code == 400
    assert names(client) == []


def test_what_a_reset_left_is_removed(client):
    assert client.get("/interrupted").status_code == 200
    assert names(client) == [".hidden", "notes.part"]

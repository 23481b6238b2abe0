# SPDX-License-Identifier: MIT
"""Each allocation of an upload fails in turn: no part of a file is left in the end."""

import pytest
import requests

from support import faults as support
from support.simulator import start_server

PROGRAM = """
    import sys, tinyweb
    from tinyweb import uploads

    app = tinyweb.webserver(max_concurrency=2)

    @app.route("/file", methods=["PUT"], max_body_size=100000)
    async def file(req, resp):
        return str(await uploads.receive_file(req, sys.argv[3] + "/file"))

    @app.route("/form", methods=["POST"], max_body_size=100000)
    async def form(req, resp):
        _, files = await uploads.receive_form(req, sys.argv[3])
        return str(len(files))

    @app.route("/wrong", methods=["PUT"], max_body_size=100000)
    async def wrong(req, resp):
        def progress(received, total):
            raise tinyweb.HTTPException(409)
        return str(await uploads.receive_file(req, sys.argv[3] + "/file", progress=progress))

    app.run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def simulator(request, tmp_path_factory):
    return support.link(request.param, tmp_path_factory.mktemp("faults"))


def put(server, path):
    return requests.put(server.url + path, data=b"x" * 2000, timeout=10).status_code


def form(server):
    files = {"a": ("a", b"a" * 700), "b": ("b", b"b" * 700)}
    return requests.post(server.url + "/form", files=files, timeout=10).status_code


WAYS = {
    "file": (lambda server: put(server, "/file"), 200),
    "wrong": (lambda server: put(server, "/wrong"), 409),
    "form": (form, 200),
}


@pytest.mark.parametrize("failing", [1, 3])
@pytest.mark.parametrize("way", WAYS)
def test_no_part_is_left(simulator, tmp_path, way, failing):
    faults = support.Faults(tmp_path)
    folder = tmp_path / "files"
    folder.mkdir()
    server = start_server(
        PROGRAM, folder=tmp_path, simulator=simulator, args=(folder,), env=faults.environment
    )
    try:
        upload, expected = WAYS[way]
        assert upload(server) == expected
        skip = 0
        while True:
            faults.plan(skip, failing)
            try:
                upload(server)
            except requests.exceptions.RequestException:
                pass
            failed = faults.end()
            assert server.process.poll() is None, server.log()[-2000:]
            # What could not be removed at once is removed when the next one comes.
            assert upload(server) == expected, (skip, server.log()[-2000:])
            parts = [file.name for file in folder.iterdir() if file.name.endswith(".part")]
            assert parts == [], (skip, server.log()[-2000:])
            if failed < failing:
                break
            skip += 1
        assert skip > 10
    finally:
        server.stop()

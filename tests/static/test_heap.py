# SPDX-License-Identifier: MIT
"""What a request to a static site allocates, all that is freed at once included."""

import os

import httpx
import pytest

PROGRAM = """
    import micropython, sys, tinyweb

    app = tinyweb.webserver()

    @app.route("/total")
    async def total(request, response):
        await response.send(str(micropython.mem_total()))

    app.static("/", "www")
    app.run("127.0.0.1", int(sys.argv[1]))
"""
COUNT = 50
# As browsers send them.
FIELDS = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.mark.parametrize(
    ("name", "fields", "status", "most"),
    [
        ("page.html", {}, 200, 400),
        ("page.html", {"If-None-Match": "*"}, 304, 300),
        ("code.js", {}, 200, 400),
    ],
    ids=["file", "not modified", "coded"],
)
def test_heap_of_a_request(serve, tmp_path, name, fields, status, most):
    www = tmp_path / "www"
    www.mkdir()
    for file in ("page.html", "code.js", "code.js.gz"):
        (www / file).write_bytes(b"<h1>Page</h1>")
        os.utime(www / file, (1715000889,) * 2)
    server = serve(PROGRAM, bits=32, cwd=tmp_path)
    with httpx.Client(base_url=server.url, timeout=20) as client:
        client.headers.clear()

        def total():
            return int(client.get("/total").text)

        def ask():
            with client.stream("GET", "/" + name, headers={**FIELDS, **fields}) as answer:
                assert answer.status_code == status
                body = b"".join(answer.iter_raw())
            assert body == (b"" if status == 304 else b"<h1>Page</h1>")

        ask()
        before = total()
        for _ in range(COUNT):
            ask()
        used = (total() - before) / COUNT
        assert used < most

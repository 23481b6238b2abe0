# SPDX-License-Identifier: MIT
import httpx
import pytest

from support.simulator import TOP

PROGRAM = """\
import gc, sys
gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
import templates
templates.run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.mark.parametrize(("bits", "heap"), [(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def test_guest_book(serve, tmp_path, bits, heap):
    # As on a chip, the program is compiled from its source there.
    env = {"MICROPYPATH": f"{TOP}/examples:.frozen"}
    server = serve(PROGRAM, bits=bits, heap=heap, cwd=tmp_path, env=env)
    with httpx.Client(base_url=server.url, timeout=20, follow_redirects=True) as client:
        assert "Nobody was here." in client.get("/").text
        client.post("/", data={"name": "A & B", "text": "<script>alert(1)</script>"})
        page = client.post("/", data={"text": "hi"}).text
        assert "<h1>2 entries</h1>" in page
        assert "<script>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<b>somebody</b>" in page
        assert "<b>A &amp; B</b>" in page
        assert "<h1>1 entry</h1>" in client.get("/?by=A%20%26%20B").text
        for i in range(25):
            client.post("/", data={"name": "x" * 20, "text": str(i) * 80})
        assert "<h1>20 entries</h1>" in client.get("/").text

# SPDX-License-Identifier: MIT
import re
import subprocess

import httpx

from support.simulator import TOP

EXAMPLE = "upload"


def test_form_and_list(client, tmp_path):
    assert client.get("/").headers["Content-Type"].startswith("text/html")
    assert client.get("/files").json() == []
    content = bytes(range(256)) * 400
    files = [("file", ("a b.bin", content)), ("file", ("ä.txt", b"text"))]
    answer = client.post("/upload", files=files)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/files").json() == [["a b.bin", len(content)], ["ä.txt", 4]]
    assert (tmp_path / "files" / "a b.bin").read_bytes() == content
    assert client.get("/files/%C3%A4.txt").text == "text"


def test_put_get_and_delete(client, tmp_path):
    assert client.put("/files/a.txt", content=b"one").status_code == 201
    assert client.put("/files/a.txt", content=b"two").status_code == 204
    assert client.get("/files/a.txt").text == "two"
    assert client.delete("/files/a.txt").status_code == 204
    assert client.delete("/files/a.txt").status_code == 404
    assert client.get("/files/a.txt").status_code == 404
    assert client.put("/files/.hidden", content=b"x").status_code == 400
    assert client.put("/files/large", content=bytes((1 << 20) + 1)).status_code == 413
    assert list((tmp_path / "files").iterdir()) == []


def test_curl_as_the_example_says(client, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8" * 3000)
    url = f"{client.base_url}/files/"
    subprocess.run(["curl", "-sfT", "photo.jpg", url], cwd=tmp_path, check=True, timeout=20)
    assert (tmp_path / "files" / "photo.jpg").read_bytes() == b"\xff\xd8" * 3000


def test_example_of_the_documentation(serve, tmp_path):
    text = (TOP / "docs" / "uploads.md").read_text(encoding="utf-8")
    [program] = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    (tmp_path / "files").mkdir()
    server = serve(program + 'import sys\napp.run("127.0.0.1", int(sys.argv[1]))', cwd=tmp_path)
    answer = httpx.post(server.url + "/upload", files={"f": ("a.txt", b"form")})
    assert answer.text == "received 1 files"
    assert httpx.put(server.url + "/files/b.txt", content=b"put").status_code == 201
    assert (tmp_path / "files" / "a.txt").read_bytes() == b"form"
    assert (tmp_path / "files" / "b.txt").read_bytes() == b"put"

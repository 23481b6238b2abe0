# SPDX-License-Identifier: MIT
import socket

import pytest


def test_sample_page_style_and_image_are_made_and_served(frozen, tmp_path):
    client = frozen("static_content")
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.text == (tmp_path / "static/index.html").read_text()

    style = client.get("/style.css")
    assert style.headers["content-type"].startswith("text/css")
    image = client.get("/chip.svg")
    assert image.headers["content-type"].startswith("image/svg+xml")
    assert image.headers["cache-control"] == "max-age=3600, public"
    assert image.content == (tmp_path / "static/chip.svg").read_bytes()


def test_own_files_are_kept_and_served_as_they_are(frozen, tmp_path):
    (tmp_path / "static").mkdir()
    every_byte = bytes(range(256)) * 100
    (tmp_path / "static/index.html").write_text("<h1>Mine</h1>")
    (tmp_path / "static/photo.png").write_bytes(every_byte)
    client = frozen("static_content")

    assert client.get("/").text == "<h1>Mine</h1>"
    photo = client.get("/photo.png")
    assert photo.headers["content-type"].startswith("image/png")
    assert photo.content == every_byte
    assert client.get("/style.css").status_code == 404
    assert sorted(p.name for p in (tmp_path / "static").iterdir()) == ["index.html", "photo.png"]


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/..%2Fsecret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/static/../../secret.txt",
        "/..",
        "/.",
        "/folder",
        "/folder/inner.txt",
    ],
)
def test_nothing_outside_the_folder_is_served(frozen, tmp_path, target):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "static/folder").mkdir(parents=True)
    (tmp_path / "static/folder/inner.txt").write_text("inner")
    (tmp_path / "static/index.html").write_text("index")
    client = frozen("static_content")
    # A socket of its own, because a client library would tidy the path up.
    address = (client.base_url.host, client.base_url.port)
    with socket.create_connection(address, timeout=10) as s:
        s.sendall(f"GET {target} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        answer = b""
        while part := s.recv(4096):
            answer += part
    assert answer.split()[1] in (b"400", b"404")
    assert b"secret" not in answer and b"inner" not in answer
    assert client.get("/").text == "index"

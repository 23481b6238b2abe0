# SPDX-License-Identifier: MIT
"""send_file(): types, encodings, caching, binary content and its folder."""

import gzip
import os

import pytest

APP = "files.py"
BINARY = bytes(range(256)) * 3 + b"\r\n\0\x80"
MIB = 1 << 20
TYPES = {
    "page.html": {"text/html"},
    "page.htm": {"text/html"},
    "style.css": {"text/css"},
    "code.js": {"text/javascript", "application/javascript"},
    "module.mjs": {"text/javascript", "application/javascript"},
    "data.json": {"application/json"},
    "table.csv": {"text/csv"},
    "note.txt": {"text/plain"},
    "tree.xml": {"text/xml", "application/xml"},
    "pic.png": {"image/png"},
    "pic.jpg": {"image/jpeg"},
    "pic.jpeg": {"image/jpeg"},
    "pic.gif": {"image/gif"},
    "pic.webp": {"image/webp"},
    "pic.svg": {"image/svg+xml"},
    "favicon.ico": {"image/x-icon", "image/vnd.microsoft.icon"},
    "face.woff2": {"font/woff2"},
    "face.woff": {"font/woff"},
    "paper.pdf": {"application/pdf"},
    "app.wasm": {"application/wasm"},
    "UPPER.HTML": {"text/html"},
    "two.dots.css": {"text/css"},
    "unknown.xyz": {"application/octet-stream", None},
    "noextension": {"application/octet-stream", None},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("site")
    static = top / "static"
    static.mkdir()
    (top / "secret.txt").write_text("not for you")
    (static / "index.simple.html").write_text("<h1>simple</h1>")
    for name in TYPES:
        (static / name).write_bytes(BINARY)
    (static / "empty.txt").write_bytes(b"")
    (static / "one.txt").write_bytes(b"1")
    (static / "big.bin").write_bytes(os.urandom(MIB))
    (static / "style.css.gz").write_bytes(gzip.compress(b"body { margin: 0 }"))
    (static / "naïve name.txt").write_text("unicode")
    (static / "folder").mkdir()
    (static / "link.txt").symlink_to("one.txt")
    return top


@pytest.fixture(scope="module")
def serve_options(folder):
    return {"cwd": folder}


def test_example_of_the_documentation(client):
    response = client.get("/index.html")
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == "text/html"
    assert response.text == "<h1>simple</h1>"


@pytest.mark.parametrize("name", TYPES)
def test_type_is_detected_and_content_is_binary(client, name):
    response = client.get("/static/" + name)
    assert response.status_code == 200
    content_type = response.headers.get("content-type")
    assert (content_type and content_type.split(";")[0]) in TYPES[name]
    assert response.content == BINARY
    assert response.headers["content-length"] == str(len(BINARY))


@pytest.mark.parametrize(("name", "size"), [("empty.txt", 0), ("one.txt", 1), ("big.bin", MIB)])
def test_sizes(client, folder, name, size):
    response = client.get("/static/" + name)
    assert response.headers["content-length"] == str(size)
    assert response.content == (folder / "static" / name).read_bytes()


def test_name_with_escapes(client):
    assert client.get("/static/na%C3%AFve%20name.txt").text == "unicode"


def test_content_type_keyword(client):
    response = client.get("/typed/page.html")
    assert response.headers["content-type"] == "application/x-own"


def test_content_type_header_set_before(client):
    """Detection does not overrule a type that the application chose itself."""
    assert client.get("/own-type/page.html").headers["content-type"] == "text/x-explicit"


def test_content_encoding_keyword(client):
    response = client.get("/packed/style.css.gz")
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-type"] == "text/css"
    assert response.text == "body { margin: 0 }"


def test_no_content_encoding_by_default(client):
    assert "content-encoding" not in client.get("/static/style.css").headers


def test_positional_arguments(client):
    with client.stream("GET", "/positional/style.css.gz") as response:
        assert response.headers["content-type"] == "text/x-pos"
        assert response.headers["content-encoding"] == "gzip"
        assert "max-age=7" in response.headers["cache-control"]


def test_max_age_default_is_30_days(client):
    assert "max-age=2592000" in client.get("/static/one.txt").headers["cache-control"]


def test_max_age_keyword(client):
    assert "max-age=60" in client.get("/packed/style.css.gz").headers["cache-control"]


def test_max_age_zero_disables_caching(client):
    control = client.get("/fresh/one.txt").headers["cache-control"]
    assert any(word in control for word in ("max-age=0", "no-cache", "no-store"))


def test_head(client):
    response = client.head("/static/big.bin")
    assert response.status_code == 200
    assert response.headers["content-length"] == str(MIB)
    assert response.content == b""


@pytest.mark.parametrize("name", ["missing.html", "folder", "page.html%00", "%ff", "x" * 300])
def test_missing(client, name):
    response = client.get("/static/" + name)
    assert response.status_code == 404
    assert response.reason_phrase == "Not Found"


@pytest.mark.parametrize("path", ["", "/", "."])
def test_folder_itself(wire, path):
    with wire() as peer:
        peer.send(f"GET /static{path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        assert peer.read_response().status == 404


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "..%2Fsecret.txt",
        "%2e%2e%2fsecret.txt",
        "%2E%2E/secret.txt",
        "folder/../../secret.txt",
        "folder%2f..%2f..%2fsecret.txt",
        "..%5csecret.txt",
        ".%2f..%2fsecret.txt",
        "..%252fsecret.txt",
        "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "folder%2f..%2f..%2f..%2fetc%2fhostname",
    ],
)
def test_no_way_out_of_the_folder(wire, name):
    with wire() as peer:
        peer.send(f"GET /static/{name} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        response = peer.read_response()
        assert response.status in (400, 403, 404)
        assert b"not for you" not in response.raw
        assert b"root:" not in response.raw


@pytest.mark.parametrize("name", ["..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", ".."])
def test_no_way_up_for_a_bare_name(wire, name):
    with wire() as peer:
        peer.send(f"GET /rooted/{name} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        assert peer.read_response().status in (400, 403, 404)


def test_files_are_closed(client, app):
    before = len(os.listdir(f"/proc/{app.process.pid}/fd"))
    for _ in range(20):
        client.get("/static/one.txt")
        client.head("/static/big.bin")
        client.get("/static/missing")
    assert len(os.listdir(f"/proc/{app.process.pid}/fd")) <= before + 1


def test_names_that_no_file_has(run_mpy, tmp_path):
    """They are not found, rather than an error of the server: nor is what is above the folder."""
    (tmp_path / "a").write_text("there")
    done = run_mpy(
        """
        import tinyweb
        from tinyweb.testing import TestClient

        app = tinyweb.webserver()
        names = ["a", "a\\0b", "../a", "..\\\\a", "b", "", "x" * 300]

        @app.route("/<int:i>")
        async def file(req, resp, i):
            await resp.send_file(names[i])

        client = TestClient(app)
        print([client.get("/{}".format(i)).status for i in range(len(names))])
        """,
        cwd=tmp_path,
    )
    assert done.stdout == "[200, 404, 404, 404, 404, 404, 404]\n"

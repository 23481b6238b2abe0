# SPDX-License-Identifier: MIT
"""app.static() from every file system, and from assets."""

import gzip
import os
import runpy
import socket
import subprocess
import time

import httpx
import pytest
from mpremote.romfs import make_romfs

from support.simulator import SIMULATOR_MODULES, TOP, search_path, start_server

PROGRAM = """
    import sys, tinyweb
    from file_systems import copy, mounted, mounted_rom
    from tinyweb import static

    app = tinyweb.webserver(buffer_size=int(sys.argv[5]))
    kind, folder = sys.argv[3:5]
    if kind == "module":
        import assets as source
    elif kind == "dict":
        import os

        source = {}

        def read(path, prefix):
            for entry in os.ilistdir(path):
                if entry[1] == 0x4000:
                    read(path + "/" + entry[0], prefix + entry[0] + "/")
                else:
                    with open(path + "/" + entry[0], "rb") as file:
                        source[prefix + entry[0]] = file.read()

        read(folder, "")
    elif kind == "rom":
        source = mounted_rom(folder + ".romfs") + "/www"
    elif kind == "posix":
        source = folder
    else:
        source = mounted(kind, None, 2048)
        os = __import__("os")
        os.mkdir(source + "/www")
        source += "/www"
        copy(folder, source)

    def long(name):
        return "no-store" if name.endswith("one.txt") else 60

    @app.route("/own", methods=["GET"])
    async def own(request, response):
        await response.send("own")

    @app.route("/own", methods=["POST"])
    async def post(request, response):
        await response.send("posted")

    app.static("/", source, cache={".css": 3600, ".min.css": 7200, ".txt": "private", "": 0})
    app.static("/other/", source, index="one.txt", cache=long)
    app.run("127.0.0.1", int(sys.argv[1]))
"""

PAGE = b"<h1>Page</h1>\n"
SCRIPT = b"let x = 1;\n" * 500
LARGE = bytes(range(256)) * 700
FILES = {
    "index.html": PAGE,
    "app.js": SCRIPT,
    "app.js.gz": gzip.compress(SCRIPT),
    "only.js.gz": gzip.compress(SCRIPT),
    "style.css": b"a{}",
    "style.min.css": b"a{}",
    "one.txt": b"1",
    "empty.txt": b"",
    "large.bin": LARGE,
    "docs/index.html": b"<h1>Docs</h1>\n",
    "docs/b c.txt": b"space",
    "docs/deep/page.html": b"deep",
    "packed/index.html.gz": gzip.compress(PAGE),
    ".secret": b"secret",
    ".git/config": b"secret",
    ".well-known/security.txt": b"known",
    "long name with secret.txt": b"long",
}
WHEN = 1715000889
NOT_SERVED = [
    "/../secret.txt",
    "/docs/../../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E%2Fsecret.txt",
    "/.%2e/secret.txt",
    "/docs/%2e%2e/%2e%2e/secret.txt",
    "/..\\secret.txt",
    "/..%5csecret.txt",
    "/docs\\..\\..\\secret.txt",
    "/%252e%252e/secret.txt",
    # Overlong UTF-8 of the dot, the slash and NUL.
    "/%c0%ae%c0%ae/secret.txt",
    "/%c0%ae%c0%ae%c0%afsecret.txt",
    "/%e0%80%ae%e0%80%ae/secret.txt",
    "/..%c0%afsecret.txt",
    "/..%u2215secret.txt",
    "/%00/secret.txt",
    "/one.txt%00.html",
    "/%c0%80",
    "/one.txt%0a",
    "/one.txt%0d%0aSet-Cookie:a=b",
    "//secret.txt",
    "/docs//index.html",
    "/./one.txt",
    "/docs/.",
    "/docs/..",
    "/..",
    "/...",
    "/.. /secret.txt",
    "/..%20/secret.txt",
    "/%2e%2e%20/secret.txt",
    "/%2fetc/passwd",
    "/~/secret.txt",
    # Hidden files, also under the short name that FAT gives.
    "/.secret",
    "/%2esecret",
    "/.git/config",
    "/.git/",
    "/docs/../.secret",
    "/SECRET~1",
    "/secret~1",
    "/GIT~1/config",
    "/.well-known",
    "/.well-known/../.secret",
    "/other/../../secret.txt",
    "/other/%2e%2e/secret.txt",
    "/docs/" + "x" * 280,
    "/\xff",
    "/docs%2fdeep%2fpage.html",
]
KINDS = ["posix", "VfsFat", "VfsLfs2", "VfsLfs2-untimed", "rom", "dict", "module"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder www with FILES, next to it its ROMFS, its module and a file that is not in it."""
    top = tmp_path_factory.mktemp("site")
    www = top / "www"
    for name, content in FILES.items():
        path = www / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (WHEN, WHEN))
    rom = top / "rom"
    rom.mkdir()
    (rom / "www").symlink_to(www)
    (rom / "secret.txt").write_text("secret")
    (top / "secret.txt").write_text("secret")
    (top / "www.romfs").write_bytes(make_romfs(str(rom), mpy_cross=False))
    # mpremote makes a ROMFS of ASCII names only.
    (www / "\u00fc.txt").write_bytes(b"umlaut")
    command = [TOP / "ci" / "pack-assets", www, top / "assets.py", "--plain"]
    subprocess.run(command, check=True, timeout=20)
    return www


def start(tmp_path_factory, folder, kind, bits=32, heap="3m", buffer_size=512):
    return start_server(
        PROGRAM,
        folder=tmp_path_factory.mktemp("app"),
        bits=bits,
        heap=heap,
        args=(kind, folder, buffer_size),
        env=search_path(SIMULATOR_MODULES, folder.parent),
    )


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def client(kind, folder, tmp_path_factory):
    server = start(tmp_path_factory, folder, kind)
    with httpx.Client(base_url=server.url, timeout=20) as client:
        # httpx would accept gzip by itself.
        client.headers.clear()
        if kind in ("VfsFat", "VfsLfs2"):
            # The copies are new: until they are old enough for their times, tags are hashes.
            deadline = time.monotonic() + 30
            while not all("Last-Modified" in client.get("/" + name).headers for name in SHOWN):
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield client
    assert "Traceback" not in server.log()
    server.stop()


GZIP = {"Accept-Encoding": "gzip, deflate"}


def raw(client, target, fields=""):
    """The answer, with its head, to a target that no library would send."""
    with socket.create_connection((client.base_url.host, client.base_url.port)) as s:
        s.settimeout(20)
        s.sendall(f"GET {target} HTTP/1.0\r\nHost: a\r\n{fields}\r\n".encode("latin-1"))
        answer = b""
        while part := s.recv(65536):
            answer += part
    return answer


SHOWN = [name for name in FILES if not name.startswith((".secret", ".git"))]


def test_content(client):
    for name in SHOWN:
        answer = client.get("/" + name)
        assert (answer.status_code, answer.content) == (200, FILES[name]), name
        assert answer.headers["Content-Length"] == str(len(FILES[name]))
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "Content-Encoding" not in answer.headers
        head = client.head("/" + name)
        assert (head.status_code, head.content) == (200, b"")
        for field in ("ETag", "Content-Length", "Content-Type", "Cache-Control"):
            assert head.headers[field] == answer.headers[field]


def test_what_a_client_has_and_what_it_misses(client):
    for name in SHOWN:
        fields = {"If-None-Match": client.get("/" + name).headers["ETag"]}
        again = client.get("/" + name, headers=fields)
        assert (again.status_code, again.content) == (304, b""), name
        assert again.headers["Vary"] == "Accept-Encoding"
        if len(FILES[name]) > 1:
            part = client.get("/" + name, headers={"Range": "bytes=1-2000"})
            assert (part.status_code, part.content) == (206, FILES[name][1:2001]), name


def test_name_in_utf_8(client, kind):
    answer = client.get("/%C3%BC.txt")
    assert answer.status_code == (404 if kind == "rom" else 200)
    assert kind == "rom" or answer.content == b"umlaut"


def test_types(client):
    def kind_of(name):
        return client.get(name).headers["Content-Type"]

    assert kind_of("/") == "text/html; charset=utf-8"
    assert kind_of("/app.js") == "text/javascript; charset=utf-8"
    assert kind_of("/app.js.gz") == "application/gzip"
    assert kind_of("/large.bin") == "application/octet-stream"


def test_index(client):
    assert client.get("/").content == PAGE
    assert client.get("/docs/").content == FILES["docs/index.html"]
    assert client.get("/docs/deep/").status_code == 404
    assert client.get("/index.html/").status_code == 404
    assert client.get("/other/").content == b"1"
    assert client.get("/other/docs/deep/page.html").content == b"deep"


MOVED = [
    ("/docs", "/docs/"),
    ("/docs?a=b&c", "/docs/?a=b&c"),
    ("/%64ocs", "/%64ocs/"),
    ("/packed", "/packed/"),
    ("/other", "/other/"),
]


def test_redirect_to_the_folder(client):
    for target, location in MOVED:
        answer = client.get(target)
        assert (answer.status_code, answer.headers["Location"]) == (302, location)
    # Never to another host.
    for target in ("//docs", "/%2fdocs", "/\\docs", "//example.org/docs", "/%5Cexample.org"):
        assert raw(client, target).split()[1] in (b"400", b"404")


CODED = [
    ("gzip", True),
    ("gzip, deflate, br", True),
    ("GZip;q=0.001", True),
    ("*", True),
    ("deflate, *;q=0.5", True),
    ("gzip;q=1.0,identity;q=0.5", True),
    ("gzip;q=0", False),
    ("gzip; q = 0.000 , *", False),
    ("*;q=0", False),
    ("deflate", False),
    ("xgzip, gzipx", False),
    ("identity", False),
    ("", False),
    (None, False),
]


def test_negotiated_coding(client):
    for field, coded in CODED:
        fields = {} if field is None else {"Accept-Encoding": field}
        answer = client.get("/app.js", headers=fields)
        assert answer.content == SCRIPT
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Vary"] == "Accept-Encoding"
        size = len(FILES["app.js.gz"]) if coded else len(SCRIPT)
        assert answer.headers["Content-Length"] == str(size), field
        assert answer.headers.get("Content-Encoding") == ("gzip" if coded else None)


def test_each_coding_has_its_own_tag(client):
    plain = client.get("/app.js").headers["ETag"]
    coded = client.get("/app.js", headers=GZIP).headers["ETag"]
    assert plain != coded
    for tag, fields, status in (
        (plain, {}, 304),
        (coded, GZIP, 304),
        (plain, GZIP, 200),
        (coded, {}, 200),
    ):
        answer = client.get("/app.js", headers={"If-None-Match": tag, **fields})
        assert answer.status_code == status
        assert answer.headers["Vary"] == "Accept-Encoding"
    # A range is one of the coded bytes.
    fields = {"Range": "bytes=3-9", "If-Range": coded, **GZIP}
    with client.stream("GET", "/app.js", headers=fields) as answer:
        assert answer.status_code == 206
        assert answer.headers["Content-Encoding"] == "gzip"
        assert b"".join(answer.iter_raw()) == FILES["app.js.gz"][3:10]


def test_coded_file_without_a_plain_one(client):
    for fields in ({}, GZIP):
        answer = client.get("/only.js", headers=fields)
        assert answer.content == SCRIPT
        assert answer.headers["Content-Encoding"] == "gzip"
    assert client.get("/packed/", headers=GZIP).content == PAGE
    assert client.get("/only.js", headers={"Accept-Encoding": "identity"}).status_code == 406
    # By its own name it is a file like others.
    answer = client.get("/only.js.gz", headers=GZIP)
    assert answer.content == FILES["only.js.gz"]
    assert "Content-Encoding" not in answer.headers


CACHED = [
    ("/style.css", "max-age=3600"),
    ("/style.min.css", "max-age=7200"),
    ("/one.txt", "private"),
    ("/", "no-cache"),
    ("/app.js", "no-cache"),
    ("/other/app.js", "max-age=60"),
    ("/other/", "no-store"),
]


def test_cache_control(client):
    for name, value in CACHED:
        answer = client.get(name)
        assert answer.headers["Cache-Control"] == value, name
        fields = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(name, headers=fields).headers["Cache-Control"] == value


def test_nothing_else_is_served(client):
    for target in NOT_SERVED:
        answer = raw(client, target, "Accept-Encoding: gzip\r\n")
        assert answer.split()[1] in (b"400", b"404"), (target, answer[:200])
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"secret" not in body and b"Set-Cookie" not in head, target
    assert client.get("/one.txt").content == b"1"


def test_other_routes_and_methods(client):
    assert client.get("/own").text == "own"
    assert client.post("/own").text == "posted"
    answer = client.post("/one.txt")
    assert answer.status_code == 405
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].replace(" ", "").split(","))
    assert client.get("/none").status_code == 404


def test_modification_time(client, kind):
    answer = client.get("/one.txt")
    if kind == "posix":
        assert answer.headers["Last-Modified"] == "Mon, 06 May 2024 13:08:09 GMT"
        fields = {"If-Modified-Since": answer.headers["Last-Modified"]}
        assert client.get("/one.txt", headers=fields).status_code == 304
    elif kind in ("VfsLfs2-untimed", "rom", "dict", "module"):
        assert "Last-Modified" not in answer.headers


def test_small_heap(folder, tmp_path_factory):
    """With the heap of an ESP8266, and buffers that would be too small for all the fields."""
    server = start(tmp_path_factory, folder, "posix", heap="38k", buffer_size=256)
    with httpx.Client(base_url=server.url, timeout=20) as client:
        for _ in range(3):
            answer = client.get("/large.bin", headers={"Range": "bytes=100000-", **GZIP})
            assert (answer.status_code, answer.content) == (206, LARGE[100000:])
            assert answer.headers["Last-Modified"]
            answer = client.get("/app.js", headers=GZIP)
            assert (answer.status_code, answer.content) == (200, SCRIPT)
            fields = {"If-None-Match": answer.headers["ETag"], **GZIP}
            assert client.get("/app.js", headers=fields).status_code == 304
            assert client.get("/large.bin").content == LARGE
    server.stop()


def test_bare_assets_that_others_take_the_place_of(tmp_path):
    """Without comments and indents, but for licences; files of another folder as they are."""
    www, other = tmp_path / "www", tmp_path / "other"
    www.mkdir()
    other.mkdir()
    script = (
        "/*! A licence\n  of two lines. */\n// One.\nif (a) {\n  /* Two\n   * lines. ** */\n"
        "  b = '// no comment'; // one\n\n  /** A word. */\n  c = `  ${b}  `; /* e */\n}\n"
    )
    (www / "app.js").write_text(script)
    (www / "style.css").write_text("/* One. */\na {\n  b: c;\n}\n\n/* * */\n")
    (www / "index.html").write_text("  <p>\n")
    (www / "lib.js").write_text("export {};\n")
    (other / "lib.js").write_text("  // This stays.\n")
    (other / "more.js").write_text("none\n")

    def packed(*options):
        made = tmp_path / "assets.py"
        command = [TOP / "ci" / "pack-assets", www, made, "--plain", *options]
        subprocess.run(command, check=True, timeout=20)
        names = runpy.run_path(str(made))
        return dict(zip(names["_NAMES"], names["_DATA"], strict=True))

    assert packed("--bare", "--over", other) == {
        "app.js": b"/*! A licence\nof two lines. */\nif (a) {\nb = '// no comment'; // one\n\n"
        b"c = `  ${b}  `; /* e */\n}\n",
        "index.html": b"  <p>\n",
        "lib.js": b"  // This stays.\n",
        "style.css": b"a {\nb: c;\n}\n\n",
    }
    assert packed("--over", tmp_path / "none")["app.js"] == script.encode()
    (www / "app.js").write_text("a = `\n  b`;\n")
    command = [TOP / "ci" / "pack-assets", www, tmp_path / "assets.py", "--bare"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "app.js: a template of several lines would lose its indents" in done.stderr


def test_packed_assets(folder, tmp_path_factory):
    """ci/pack-assets keeps the smaller form only, and the same files make the same module."""
    top = tmp_path_factory.mktemp("packed")
    www = top / "www"
    www.mkdir()
    (www / "app.js").write_bytes(SCRIPT)
    (www / "index.html").write_bytes(PAGE)
    (www / ".hidden").write_bytes(b"secret")
    for name in ("assets.py", "again.py"):
        command = [TOP / "ci" / "pack-assets", www, top / name]
        subprocess.run(command, check=True, timeout=20)
    text = (top / "assets.py").read_text()
    assert text == (top / "again.py").read_text()
    assert ".hidden" not in text
    server = start(tmp_path_factory, www, "module", heap="64k")
    with httpx.Client(base_url=server.url, timeout=20) as client:
        answer = client.get("/app.js")
        assert answer.content == SCRIPT
        assert answer.headers["Content-Encoding"] == "gzip"
        assert client.get("/").content == PAGE
        assert "Content-Encoding" not in client.get("/").headers
    server.stop()


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def driven(request, run_mpy, tmp_path):
    """``driven(code)``: the lines that `code` prints, in a folder with a site in `www`."""
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("index")
    (tmp_path / "www" / "some.txt").write_text("x" * 900)
    os.utime(tmp_path / "www" / "some.txt", (1715000889, 1715000889))
    start = """
import tinyweb
from tinyweb import conditional
from tinyweb.testing import TestClient

app = tinyweb.webserver(buffer_size=1024)
client = TestClient(app)

def show(*paths):
    for path in paths:
        answer = client.get(path)
        print(answer.status, answer.text[:5], len(answer.body))

"""
    return lambda code: run_mpy(start + code, bits=request.param, cwd=tmp_path).stdout.splitlines()


def test_folder_with_a_slash_and_the_current_one(driven):
    lines = driven("""
app.static("/a", "www/")
app.static("/b", "www")
app.static("/c", "")
show("/a/", "/b/index.html", "/c/www/")
""")
    assert lines == ["200 index 5"] * 3


def test_site_beside_a_route_for_its_folder(driven):
    """The application's own stays."""
    lines = driven("""
app.add_route("/", lambda req, resp: "own")
app.add_route("/s/", lambda req, resp: "own")
app.static("/", "www")
app.static("/s", "www")
show("/", "/s/", "/index.html", "/s/index.html")
""")
    assert lines == ["200 own 3"] * 2 + ["200 index 5"] * 2


def test_site_that_comes_while_requests_are_served(driven):
    """The connections have their buffers by then: where these are too small, that is said."""
    lines = driven("""
for size in (256, 512):
    app = tinyweb.webserver(buffer_size=size)
    client = TestClient(app)
    show("/index.html")
    try:
        app.static("/", "www")
    except RuntimeError as exc:
        print(exc)
    show("/index.html")
""")
    assert lines == [
        "404 Not F 9",
        "static() comes before start(), or needs buffer_size=512",
        *["404 Not F 9"] * 2,
        "200 index 5",
    ]


def test_medium_that_fails(driven):
    """It is no missing file: the device has an error, and the log says which."""
    lines = driven("""
from tinyweb.static import Site

site = Site("www")
app.add_route("/<path:name>", site, methods=["GET"])
app.log_error = lambda exc, req: print("logged", exc.errno)

def get(path):
    raise OSError(5)

site.get = get
show("/index.html")
""")
    assert lines == ["logged 5", "500 Inter 21"]


def test_file_that_fits_into_the_buffer_and_not_into_the_network(driven):
    """What the client has not taken yet follows, from the same content."""
    lines = driven("""
app.static("/site", "www")

@app.route("/file", save_headers=conditional.FIELDS)
async def file(req, resp):
    await resp.send_file("www/some.txt")

show("/site/some.txt", "/file", "/site/some.txt")
print(len(client.get("/file", {"Range": "bytes=100-"}).body))
""")
    assert lines == ["200 xxxxx 900"] * 3 + ["800"]

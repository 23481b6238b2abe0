# SPDX-License-Identifier: MIT
"""Sites on file systems in Python, on disks that fail, and as a part of an application."""

import gzip
import os
import pathlib
import socket

import httpx
import pytest

from support.simulator import SIMULATOR_MODULES, search_path, start_server

OLD = 1715000889

PROGRAM = """
    import io, os, sys, tinyweb, vfs
    from file_systems import Disk
    from tinyweb import static

    folder = sys.argv[3]
    app = tinyweb.webserver(max_concurrency=4)
    app.log_error = lambda exc, request: print(type(exc).__name__, exc)
    old = (0o100000, 0, 0, 0, 0, 0, 5, 1715000889, 1715000889, 1715000889)

    class Files:
        # A file system in Python, with one file; `asked` is called before each stat().
        asked = staticmethod(lambda: None)
        def mount(self, readonly, mkfs):
            pass
        def umount(self):
            pass
        def chdir(self, path):
            pass
        def stat(self, path):
            if path == "/":
                return (0o40000,) + old[1:]
            self.asked()
            if path != "/a.txt":
                raise OSError(2)
            return old
        def open(self, path, mode):
            return io.BytesIO(b"hello")

    class Failing(Disk):
        # A disk of which the reading fails, with `error`, after `left` blocks.
        left = error = None
        def readblocks(self, n, buf, offset=0):
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    raise self.error
            super().readblocks(n, buf, offset)

    vfs.mount(Files(), "/python")
    app.static("/python", "/python")

    gone = Files()
    def go():
        # The answer to the first question: it is there. Then it is taken out.
        for path in ("/gone", "/"):
            try:
                vfs.umount(path)
            except OSError:
                pass
    gone.asked = go
    vfs.mount(gone, "/gone")
    app.static("/gone", "/gone")

    disk = Failing(256)
    vfs.VfsFat.mkfs(disk)
    vfs.mount(vfs.VfsFat(disk), "/disk")
    # Each question takes two blocks: one of either folder.
    os.mkdir("/disk/www")
    with open("/disk/www/a.txt", "w") as file:
        file.write("hello")
    # The entry's date, at its byte 24, is 6 May 2024: old enough for a tag of the time.
    entry = bytes(disk.data).find(b"A       TXT")
    disk.data[entry + 24 : entry + 26] = ((2024 - 1980) << 9 | 5 << 5 | 6).to_bytes(2, "little")
    app.static("/disk", "/disk/www")

    @app.route("/fails/<left>/<error>")
    async def fails(request, response, left, error):
        vfs.umount("/disk")
        disk.left = None
        vfs.mount(vfs.VfsFat(disk), "/disk")
        disk.left = int(left) if left != "never" else None
        disk.error = OSError(5) if error == "OSError" else ValueError("broken disk")
        await response.send("ok")

    app.static("/files", folder)
    app.run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of files that are old enough for their times."""
    www = tmp_path_factory.mktemp("www")
    files = {"a.txt": b"hello", "b.txt": b"x" * 400, "c.txt": b"x" * 8000}
    files["a.js.gz"] = gzip.compress(b"let x;")
    for name, content in files.items():
        (www / name).write_bytes(content)
    with open(www / "huge.bin", "wb") as file:
        file.truncate(3 << 30)
    for file in www.iterdir():
        os.utime(file, (OLD, OLD))
    return www


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def start(request, tmp_path, folder):
    """``start(program)``: a client of the program, which has to run to the end of the test."""
    started = []

    def run(program):
        server = start_server(
            program,
            folder=tmp_path,
            bits=request.param,
            args=(folder,),
            env=search_path(SIMULATOR_MODULES),
        )
        client = httpx.Client(base_url=server.url, timeout=20, trust_env=False)
        client.headers.clear()
        started.append((server, client))
        client.server = server
        return client

    yield run
    for server, client in started:
        client.close()
        assert server.process.poll() is None, server.log()
        server.stop()


def test_a_file_system_written_in_python(start):
    """It is asked like any other, only that each question takes an object for the path."""
    client = start(PROGRAM)
    answer = client.get("/python/a.txt")
    assert (answer.status_code, answer.content) == (200, b"hello")
    assert client.get("/python/b.txt").status_code == 404
    fields = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/python/a.txt", headers=fields).status_code == 304


def test_a_file_system_that_goes_while_it_is_asked(start):
    """There is no such file any more, and the other sites go on."""
    client = start(PROGRAM)
    assert client.get("/gone/a.txt").status_code == 404
    assert "OSError" not in client.server.log()
    assert client.get("/python/a.txt").content == b"hello"


@pytest.mark.parametrize("error", ["OSError", "ValueError"])
def test_a_disk_that_cannot_be_read(start, error):
    """Wherever reading begins to fail, no file is sent, or not the whole. Then all is well."""
    client = start(PROGRAM)
    whole = client.get("/disk/a.txt")
    assert (whole.status_code, whole.content) == (200, b"hello")
    seen = set()
    for left in range(12):
        assert client.get(f"/fails/{left}/{error}").content == b"ok"
        try:
            answer = client.get("/disk/a.txt")
        except httpx.RemoteProtocolError:
            seen.add("cut")
        else:
            seen.add(answer.status_code)
            assert answer.status_code != 200 or answer.content == b"hello"
    assert 200 in seen and seen & {404, 500, "cut"}, seen
    assert client.get(f"/fails/never/{error}").content == b"ok"
    assert client.get("/disk/a.txt").content == b"hello"


def test_conditions_that_are_not_about_the_client_s_copy(start):
    client = start(PROGRAM)
    tag = client.get("/files/a.txt").headers["ETag"]
    for fields, status in (
        ({"If-Match": tag}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-Unmodified-Since": "Sun, 06 May 2035 13:08:09 GMT"}, 200),
        ({"If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 412),
        ({"If-Modified-Since": "Sun, 06 May 2035 13:08:09 GMT"}, 304),
        ({"If-Range": '"other"'}, 200),
        ({"Range": "bytes=1-2", "If-Range": '"other"'}, 200),
    ):
        answer = client.get("/files/a.txt", headers=fields)
        assert answer.status_code == status, fields


def test_lists_of_codings(start):
    """Blanks are spaces or tabs, members may be empty, and several lines are one list."""
    client = start(PROGRAM)
    for lines, coded in (
        (["br,\tgzip\t;\tq=0.5"], True),
        (["br, ,"], False),
        (["br", "gzip"], True),
        (["gzip;q=0", "br"], False),
    ):
        answer = client.get("/files/a.js", headers=[("Accept-Encoding", line) for line in lines])
        assert answer.status_code == (200 if coded else 406), lines


def test_a_file_of_more_than_2_gib(start):
    """It is larger than any number of a head can say: no answer claims to be it."""
    client = start(PROGRAM)
    try:
        answer = client.head("/files/huge.bin")
    except httpx.RemoteProtocolError:
        pass
    else:
        assert answer.status_code in (404, 500) or answer.headers["Content-Length"] == str(3 << 30)
    assert client.get("/files/a.txt").content == b"hello"


def test_a_client_that_reads_nothing_for_a_while(start):
    """Many files that fit into the buffer are all sent, and whole, when it reads at last."""
    client = start(
        """
        import sys, tinyweb
        app = tinyweb.webserver(buffer_size=8192)
        app.static("/", sys.argv[3])
        app.run("127.0.0.1", int(sys.argv[1]))
        """
    )
    address = client.server.host, client.server.port
    request = b"GET /c.txt HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection(address, timeout=20) as sock:
        sock.sendall(request)
        body = b""
        while not body.endswith(b"x" * 8000):
            body += sock.recv(65536)
        size = len(body)
    number = 20000
    with socket.create_connection(address, timeout=0.3) as sock:
        left = memoryview(request * number)
        try:
            while left:
                left = left[sock.send(left) :]
        except TimeoutError:
            pass
        number -= -(-len(left) // len(request))
        sock.settimeout(20)
        got = 0
        while got < number * size:
            part = sock.recv(1 << 20)
            assert part
            got += len(part)
    assert got == number * size


SMALL = """
    import sys, tinyweb
    from tinyweb import static

    app = tinyweb.webserver(buffer_size=320)
    app.add_route("/<path:name>", static.Site(sys.argv[3]), methods=("GET",))
    app.run("127.0.0.1", int(sys.argv[1]))
"""


def test_a_site_of_a_server_with_small_buffers(start):
    """What is only useful is left out of the head: Last-Modified and Accept-Ranges."""
    client = start(SMALL)
    for name, content in (("a.txt", b"hello"), ("b.txt", b"x" * 400)):
        answer = client.get("/" + name)
        assert (answer.status_code, answer.content) == (200, content)
        assert not {"last-modified", "accept-ranges"} & set(answer.headers)
        again = client.get("/" + name, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


HOOKED = """
    import sys, tinyweb
    from tinyweb import static

    app = tinyweb.webserver()
    site = static.Site(sys.argv[3])

    @app.after_request
    def seal(request, response):
        response.headers["X-Seen"] = ",".join(sorted(response.headers))

    app.static("/files", sys.argv[3])

    @app.route("/own/<name>", save_headers=site.save_headers)
    def own(request, response, name):
        response.headers["X-Own"] = "1"
        return site(request, response, name)
    app.run("127.0.0.1", int(sys.argv[1]))
"""


def test_a_site_whose_answers_have_a_hook(start):
    """It finds the fields that the site makes, also of an answer without a body."""
    client = start(HOOKED)
    answer = client.get("/files/a.txt")
    assert answer.content == b"hello"
    assert "Cache-Control" in answer.headers["X-Seen"] and "Vary" in answer.headers["X-Seen"]
    again = client.get("/files/a.txt", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert "Content-Encoding" not in again.headers
    coded = client.get("/files/a.js", headers={"Accept-Encoding": "gzip"})
    assert coded.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" in coded.headers["X-Seen"]


def test_a_site_as_a_part_of_a_handler(start):
    """Its fields join those that the handler has set."""
    client = start(HOOKED)
    answer = client.get("/own/a.txt")
    assert (answer.content, answer.headers["X-Own"]) == (b"hello", "1")
    assert answer.headers["Cache-Control"] == "no-cache"


BY_HAND = """
    import sys, tinyweb
    from tinyweb import static

    app = tinyweb.webserver()
    site = static.Site(sys.argv[3])

    @app.route("/name", save_headers=site.save_headers)
    def name(request, response):
        return site(request, response, request.query_string.decode())

    app.add_route("/name/<path:name>", site, methods=("GET",))

    @app.route("/nowhere", save_headers=site.save_headers)
    def nowhere(request, response):
        request.path = b""
        return site(request, response)

    @app.route("/fields", save_headers=site.save_headers)
    def fields(request, response):
        mine = ("Range", "bytes=0-1"), 5, {b"Accept-Encoding": b"br, "}
        request.headers = mine[int(request.query_string)]
        return site(request, response, "a.txt")

    @app.route("/clock", save_headers=site.save_headers)
    def clock(request, response):
        response._date = None       # as where the clock was never set
        return site(request, response, "a.txt")

    @app.route("/next", save_headers=site.save_headers)
    def next(request, response):
        request._parser.next()
        return site(request, response, "a.txt")
    app.run("127.0.0.1", int(sys.argv[1]))
"""


def test_names_that_come_from_elsewhere_than_a_url(start):
    """The site looks at each name itself: none that is hidden or leads out is found."""
    client = start(BY_HAND)
    for name in ("/a.txt", "x//a.txt", "x/.git/config", "x/../a.txt", "x/./a.txt", "a~1"):
        assert client.get(f"/name?{name}").status_code == 404, name
    assert client.get("/name?a.txt").content == b"hello"
    for name in ("/name?a~b", "/name/a%7f", "/name/a%01"):
        assert client.get(name).status_code == 404
    moved = client.get("/nowhere")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/")


def test_fields_that_the_application_has_replaced(start):
    """What is no dict has no fields; a message that is over has none either."""
    client = start(BY_HAND)
    for path in ("/fields?0", "/fields?1", "/fields?2", "/next"):
        answer = client.get(path, headers={"Range": "bytes=1-2"})
        assert (answer.status_code, answer.content) == (200, b"hello"), path


def test_without_a_clock_there_is_no_time_of_modification(start):
    """RFC 9110 section 8.8.2.1: it must not be later than Date, which there is none of."""
    answer = start(BY_HAND).get("/clock")
    assert answer.content == b"hello"
    assert "Last-Modified" not in answer.headers


SYSTEM = pathlib.Path("/sys/kernel/mm/transparent_hugepage")


@pytest.mark.skipif(not (SYSTEM / "enabled").exists(), reason="needs Linux's sysfs")
def test_a_file_that_is_shorter_than_its_size(start):
    """Those of sysfs say 4096 bytes: the answer ends early, and the client sees that it is cut."""
    client = start(
        f"""
        import sys, tinyweb
        app = tinyweb.webserver(buffer_size=8192)
        app.static("/", "{SYSTEM}")
        app.run("127.0.0.1", int(sys.argv[1]))
        """
    )
    content = (SYSTEM / "enabled").read_bytes()
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/enabled")
    assert content

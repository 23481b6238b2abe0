# SPDX-License-Identifier: MIT
"""Conditional requests and ranges of send_file() (RFC 9110 sections 13 and 14)."""

import os
import re
import socket
import time

import httpx
import pytest

from support.simulator import SIMULATOR_MODULES, TOP, search_path, start_server

PROGRAM = """
    import sys, tinyweb
    from tinyweb import conditional

    app = tinyweb.webserver()

    @app.route("/<name>", save_headers=conditional.FIELDS)
    async def file(request, response, name):
        await response.send_file(name)

    @app.route("/plain/<name>", save_headers=("If-Range",))
    async def plain(request, response, name):
        await response.send_file(name)

    @app.route("/teapot/<name>", save_headers=conditional.FIELDS)
    async def teapot(request, response, name):
        response.code = 418
        await response.send_file(name)

    app.run("127.0.0.1", int(sys.argv[1]))
"""

CONTENT = bytes(range(256)) * 20
SIZE = len(CONTENT)
WHEN = 1715000889
DATE = "Mon, 06 May 2024 13:08:09 GMT"
EARLIER = "Mon, 06 May 2024 13:08:08 GMT"
LATER = "Tue, 07 May 2024 00:00:00 GMT"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for name, content in (("file.bin", CONTENT), ("one.txt", b"1"), ("empty.txt", b"")):
        (folder / name).write_bytes(content)
        os.utime(folder / name, (WHEN, WHEN))
    server = start_server(PROGRAM, folder=tmp_path_factory.mktemp("app"), bits=32, cwd=folder)
    with httpx.Client(base_url=server.url, timeout=20) as client:
        client.folder = folder
        # Nothing that is not asked for: httpx sends Accept-Encoding and others by itself.
        client.headers.clear()
        yield client
    server.stop()


@pytest.fixture
def etag(client):
    return client.get("/file.bin").headers["ETag"]


def get(client, **fields):
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    return client.get("/file.bin", headers=headers)


def test_validators(client):
    answer = client.get("/file.bin")
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["Last-Modified"] == DATE
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "max-age=2592000, public"
    assert answer.headers["ETag"].startswith('"') and answer.headers["ETag"].endswith('"')
    assert client.get("/one.txt").headers["ETag"] != answer.headers["ETag"]
    head = client.head("/file.bin")
    # Everything but the time of the answer is the same.
    for name in set(head.headers) | set(answer.headers):
        assert name == "date" or head.headers[name] == answer.headers[name]


def test_only_for_routes_that_save_the_fields(client):
    answer = client.get("/plain/file.bin", headers={"Range": "bytes=0-0"})
    assert answer.status_code == 200
    assert "ETag" not in answer.headers and "Accept-Ranges" not in answer.headers


def test_only_where_the_answer_is_a_success(client, etag):
    headers = {"If-None-Match": etag, "Range": "bytes=0-0"}
    answer = client.get("/teapot/file.bin", headers=headers)
    assert (answer.status_code, answer.content) == (418, CONTENT)


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("{}", 304),
        ("W/{}", 304),
        ("*", 304),
        ('"a", {}', 304),
        ('"a,b" , W/"c",{} ,"d"', 304),
        ('"other"', 200),
        ('"a", W/"b"', 200),
        ("", 200),
    ],
)
def test_if_none_match(client, etag, field, status):
    answer = get(client, If_None_Match=field.format(etag))
    assert answer.status_code == status
    if status == 304:
        assert answer.content == b""
        assert answer.headers["ETag"] == etag
        assert answer.headers["Cache-Control"] == "max-age=2592000, public"
        assert "Content-Type" not in answer.headers
    else:
        assert answer.content == CONTENT


def test_part_of_a_tag_is_no_tag(client, etag):
    assert get(client, If_None_Match=etag[:-2] + '"').status_code == 200
    assert get(client, If_None_Match=etag.strip('"')).status_code == 200


@pytest.mark.parametrize(
    ("field", "status"),
    [("{}", 200), ('"a", {}', 200), ("*", 200), ("W/{}", 412), ('"a"', 412), ("W/{0}, {0}", 200)],
)
def test_if_match(client, etag, field, status):
    assert get(client, If_Match=field.format(etag)).status_code == status


@pytest.mark.parametrize(
    ("field", "status"),
    [
        (DATE, 304),
        (LATER, 304),
        (EARLIER, 200),
        # The two obsolete forms (RFC 9110 section 5.6.7).
        ("Monday, 06-May-24 13:08:09 GMT", 304),
        ("Monday, 06-May-24 13:08:08 GMT", 200),
        ("Mon May  6 13:08:09 2024", 304),
        ("Mon May  6 13:08:08 2024", 200),
        # A year of two digits that would be more than 50 years ahead is in the past.
        ("Sunday, 06-Nov-94 08:49:37 GMT", 200),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 304),
        # What is no date is ignored.
        ("", 200),
        ("tomorrow", 200),
        ("1715000889", 200),
        ("Mon, 06 Max 2025 13:08:09 GMT", 200),
        ("Mon, 06 ayJ 2025 13:08:09 GMT", 200),
        ("Mon, 06 M 2025 13:08:09 GMT", 200),
        ("Mon, 00 May 2025 13:08:09 GMT", 200),
        ("Mon, 32 May 2025 13:08:09 GMT", 200),
        ("Mon, 06 May 2025 24:08:09 GMT", 200),
        ("Mon, 06 May 2025 13:60:09 GMT", 200),
        ("Mon, 06 May 2025 13:08:61 GMT", 200),
        ("Mon, 06 May 2025 13:08:60 GMT", 304),  # a leap second
        ("Mon, 06 May 2025 13:08 GMT", 200),
        ("Mon, 06 May 2025 13:08:09 CET", 200),
        ("Mon, 06 May 2025 13:08:09 GMT, and more", 200),
    ],
)
def test_if_modified_since(client, field, status):
    assert get(client, If_Modified_Since=field).status_code == status


def test_bytes_that_are_no_text(client):
    for name in ("If-Modified-Since", "If-None-Match", "If-Range", "Range"):
        answer = client.get("/file.bin", headers=[(name.encode(), b"\xff\xfe=\x80-")])
        assert answer.status_code == 200, name
    assert client.get("/file.bin", headers=[(b"If-Match", b"\xff")]).status_code == 412


@pytest.mark.parametrize(
    ("field", "status"), [(DATE, 200), (LATER, 200), (EARLIER, 412), ("nonsense", 200)]
)
def test_if_unmodified_since(client, field, status):
    assert get(client, If_Unmodified_Since=field).status_code == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        # An entity-tag goes before a date.
        ({"If_None_Match": '"a"', "If_Modified_Since": LATER}, 200),
        ({"If_None_Match": "{}", "If_Modified_Since": EARLIER}, 304),
        ({"If_Match": "{}", "If_Unmodified_Since": EARLIER}, 200),
        ({"If_Match": '"a"', "If_Unmodified_Since": LATER}, 412),
        # 412 goes before 304, and both before a range.
        ({"If_Match": '"a"', "If_None_Match": "{}"}, 412),
        ({"If_Unmodified_Since": EARLIER, "If_Modified_Since": LATER}, 412),
        ({"If_Match": "{}", "If_None_Match": "{}"}, 304),
        ({"If_None_Match": "{}", "Range": "bytes=0-0"}, 304),
        ({"If_Match": '"a"', "Range": "bytes=99999-"}, 412),
        ({"If_None_Match": '"a"', "Range": "bytes=0-0"}, 206),
        ({"If_Match": "{}", "Range": "bytes=99999-"}, 416),
        ({"If_Match": "{}", "If_Range": '"a"', "Range": "bytes=99999-"}, 200),
    ],
)
def test_precedence(client, etag, fields, status):
    """The steps of section 13.2.2."""
    fields = {name: value.format(etag) for name, value in fields.items()}
    assert get(client, **fields).status_code == status


@pytest.mark.parametrize(
    ("field", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=10-299", 10, 299),
        ("bytes=1000-999999", 1000, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=-1", SIZE - 1, SIZE - 1),
        ("bytes=-1500", SIZE - 1500, SIZE - 1),
        ("bytes=-999999", 0, SIZE - 1),
        ("bytes=1-99999999999999999999999999", 1, SIZE - 1),
        ("BYTES=5-6", 5, 6),
        ("bytes= 5-6", 5, 6),
    ],
)
def test_range(client, etag, field, first, last):
    answer = get(client, Range=field)
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert answer.headers["ETag"] == etag
    assert answer.content == CONTENT[first : last + 1]


@pytest.mark.parametrize(
    "field",
    [
        "bytes=0-1,5-6",  # several: a server may send the whole
        "bytes=5-4",
        "bytes=-",
        "bytes=",
        "bytes",
        "bytes=a-b",
        "bytes=1-b",
        "bytes=+1-2",
        "bytes=1_0-20",
        "bytes=--1",
        "bytes=1-2-3",
        "lines=0-1",
        "",
    ],
)
def test_range_that_is_ignored(client, field):
    answer = get(client, Range=field)
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("field", [f"bytes={SIZE}-", "bytes=99999999999999999999-", "bytes=-0"])
def test_range_that_cannot_be_satisfied(client, field):
    answer = get(client, Range=field)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    assert "Content-Encoding" not in answer.headers


def test_ranges_of_an_empty_file(client):
    def ask(field):
        return client.get("/empty.txt", headers={"Range": field})

    assert ask("bytes=0-").headers["Content-Range"] == "bytes */0"
    assert ask("bytes=0-").status_code == 416
    # All that there is of the last 5 bytes, of which Content-Range cannot speak.
    assert (ask("bytes=-5").status_code, ask("bytes=-5").content) == (200, b"")
    assert ask("bytes=-0").status_code == 416


def test_range_is_for_get_only(client):
    answer = client.head("/file.bin", headers={"Range": "bytes=0-0"})
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(SIZE)
    # POST: neither ranges nor conditions, whose action has been done already.
    answer = client.post("/file.bin", headers={"Range": "bytes=0-0", "If-None-Match": "*"})
    assert (answer.status_code, answer.content) == (200, CONTENT)


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("{}", 206),
        ("W/{}", 200),  # the comparison is strong
        ('"other"', 200),
        ("{}, {}", 200),  # not a list
        ("*", 200),
        (DATE, 206),
        (EARLIER, 200),
        (LATER, 200),  # exactly that date, not one after it
        ("nonsense", 200),
    ],
)
def test_if_range(client, etag, field, status):
    answer = get(client, Range="bytes=7-8", If_Range=field.replace("{}", etag))
    assert answer.status_code == status
    assert answer.content == (CONTENT[7:9] if status == 206 else CONTENT)


def test_a_download_is_resumed(client, etag):
    got = b""
    while len(got) < SIZE:
        fields = {"Range": f"bytes={len(got)}-{len(got) + 776}", "If-Range": etag}
        got += client.get("/file.bin", headers=fields).content
    assert got == CONTENT


def test_a_tag_is_strong(client):
    """Each change makes another tag, even at once and of the same size, and no other does."""
    file = client.folder / "changing.txt"
    tags = set()
    for number in range(10):
        file.write_text(str(number))
        answer = client.get("/changing.txt")
        assert "Last-Modified" not in answer.headers
        again = client.get("/changing.txt", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        tags.add(answer.headers["ETag"])
    assert len(tags) == 10
    # Time of a clock that was never set, as on a board without network.
    for number in range(10):
        file.write_text(str(number))
        os.utime(file, (946684800 + 17, 946684800 + 17))
        answer = client.get("/changing.txt")
        assert "Last-Modified" not in answer.headers
        assert answer.headers["ETag"] in tags
    # Time that is still to come: nobody knows what it is worth.
    os.utime(file, (time.time() + 3600,) * 2)
    answer = client.get("/changing.txt")
    assert "Last-Modified" not in answer.headers
    assert answer.headers["ETag"] in tags


def test_device_whose_clock_was_not_set(run_mpy, tmp_path):
    """No time is told, since it would be none; the entity-tag is the file's all the same."""
    (tmp_path / "a.txt").write_text("there")
    os.utime(tmp_path / "a.txt", (WHEN, WHEN))
    done = run_mpy(
        """
        import time

        import clock

        year = (2000, 1, 1, 0, 0, 0, 5, 1)
        clock.replace(gmtime=lambda *args: time.gmtime(*args) if args else year)
        import tinyweb
        from tinyweb import conditional
        from tinyweb.testing import TestClient

        app = tinyweb.webserver()

        @app.route("/", save_headers=conditional.FIELDS)
        async def file(request, response):
            await response.send_file("a.txt")

        client = TestClient(app)
        headers = client.get("/").headers
        print(sorted(name for name in headers if name in ("Date", "ETag", "Last-Modified")))
        print(client.get("/", {"If-None-Match": headers["ETag"]}).status)
        print(client.get("/", {"If-Modified-Since": "Tue, 07 May 2024 00:00:00 GMT"}).status)
        """,
        cwd=tmp_path,
        patched=True,
        env=search_path(SIMULATOR_MODULES),
    )
    assert done.stdout.splitlines() == ["['ETag']", "304", "200"]


def test_example_of_the_documentation(serve, tmp_path):
    text = (TOP / "docs" / "static.md").read_text(encoding="utf-8")
    program = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)[-1]
    (tmp_path / "log.txt").write_text("line\n")
    server = serve(program + 'import sys\napp.run("127.0.0.1", int(sys.argv[1]))', cwd=tmp_path)
    etag = httpx.get(server.url + "/log").headers["ETag"]
    answer = httpx.get(server.url + "/log", headers={"If-None-Match": etag})
    assert answer.status_code == 304


def write_over(file, size):
    # In place, as a file system without references to open files has it.
    with open(file, "r+b") as f:
        f.write(b"b" * size)


@pytest.mark.parametrize(
    "change",
    [
        write_over,
        lambda file, size: os.truncate(file, size // 2),
        lambda file, size: file.unlink(),
    ],
    ids=["replaced", "cut", "removed"],
)
def test_file_that_changes_meanwhile(client, change):
    """Nobody gets the head of one file and the tail of another; the answer is cut off."""
    file = client.folder / "large.bin"
    size = 20_000_000
    file.write_bytes(b"a" * size)
    os.utime(file, (WHEN, WHEN))
    with socket.create_connection((client.base_url.host, client.base_url.port)) as raw:
        raw.settimeout(20)
        raw.sendall(b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        got = raw.recv(1000)
        assert b" 200 " in got and f"Content-Length: {size}".encode() in got
        change(file, size)
        while part := raw.recv(1 << 20):
            got += part
    head, _, body = got.partition(b"\r\n\r\n")
    assert 0 < len(body) < size


def test_buffers_that_are_too_small(client, serve):
    """Rather without validators than not at all."""
    program = PROGRAM.replace("webserver()", "webserver(buffer_size=256)")
    server = serve(program, cwd=client.folder)
    answer = httpx.get(server.url + "/file.bin", headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert "ETag" not in answer.headers


def test_buffers_with_room_for_what_is_needed(client, serve):
    """From 352 bytes on there are validators and ranges; Accept-Ranges only with more room."""
    program = PROGRAM.replace("webserver()", "webserver(buffer_size=400)")
    server = serve(program, cwd=client.folder)
    answer = httpx.get(server.url + "/file.bin", headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, CONTENT[10:20])
    assert "ETag" in answer.headers
    assert "Accept-Ranges" not in answer.headers and "Last-Modified" not in answer.headers


def test_date_of_a_file_whose_time_says_nothing(client):
    """A part of it is for those who have its entity-tag, not for those who have a date."""
    (client.folder / "new.txt").write_text("0123456789")
    fields = {"Range": "bytes=3-5", "If-Range": DATE}
    assert client.get("/new.txt", headers=fields).content == b"0123456789"
    fields["If-Range"] = client.get("/new.txt").headers["ETag"]
    assert client.get("/new.txt", headers=fields).content == b"345"

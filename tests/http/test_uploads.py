# SPDX-License-Identifier: MIT
"""Forms with files and files as bodies, streamed to a file system."""

import json
import os
import socket
import time

import httpx
import pytest

PROGRAM = """
    import json, os, sys, tinyweb
    from tinyweb import uploads

    app = tinyweb.webserver()
    FOLDER = sys.argv[3]
    OPTIONS = json.loads(sys.argv[4])
    calls = []

    if OPTIONS.pop("ram_disk", False):
        import vfs

        class Disk:
            def __init__(self):
                self.data = bytearray(512 * 256)

            def readblocks(self, n, buf, offset=0):
                buf[:] = self.data[n * 512 + offset : n * 512 + offset + len(buf)]

            def writeblocks(self, n, buf, offset=0):
                self.data[n * 512 + offset : n * 512 + offset + len(buf)] = buf

            def ioctl(self, op, arg):
                return {4: 256, 5: 512, 6: 0}.get(op)

        disk = Disk()
        kind = getattr(vfs, OPTIONS.pop("kind"))
        kind.mkfs(disk)
        vfs.mount(kind(disk), "/ram")
        FOLDER = "/ram"

    if OPTIONS.pop("lie", False):
        # A file system that fills up while somebody else writes to it.
        uploads.free = lambda folder: 1000000

    def progress(received, total):
        if len(calls) == 50:
            calls.clear()
        calls.append((received, total))

    @app.route("/form", methods=["POST"], max_body_size=10000000)
    async def form(request, response):
        fields, files = await uploads.receive_form(request, FOLDER, progress=progress, **OPTIONS)
        await response.start_json()
        await response.send(json.dumps([fields, files]))

    def choose(name, filename, content_type):
        if content_type != "text/plain":
            return None
        return name + ".txt"

    @app.route("/chosen", methods=["POST"], max_body_size=10000000)
    async def chosen(request, response):
        _, files = await uploads.receive_form(request, FOLDER + "/", choose=choose)
        await response.start_json()
        await response.send(json.dumps(files))

    @app.route("/file/<name>", methods=["PUT"], max_body_size=10000000)
    async def put(request, response, name):
        path = FOLDER + "/" + uploads.safe_name(name)
        size = await uploads.receive_file(request, path, progress=progress, **OPTIONS)
        response.code = 201
        await response.send(str(size))

    @app.route("/plain/<name>", methods=["PUT"], max_body_size=10000000)
    async def plain(request, response, name):
        await uploads.receive_file(request, FOLDER + "/" + name, max_size=999)
        response.code = 201

    @app.route("/elsewhere/<name>", methods=["PUT"], max_body_size=10000000)
    async def elsewhere(request, response, name):
        await uploads.receive_file(request, FOLDER + "/none/" + name)

    @app.route("/fields", methods=["POST"], max_body_size=2000)
    async def fields(request, response):
        await response.start_json()
        await response.send(json.dumps(await request.read_parse_form_data()))

    @app.route("/calls")
    async def told(request, response):
        await response.start_json()
        await response.send(json.dumps(calls))

    @app.route("/list")
    async def listed(request, response):
        await response.start_json()
        await response.send(json.dumps(sorted(e[0] for e in os.ilistdir(FOLDER))))

    @app.route("/free")
    async def space(request, response):
        stat = os.statvfs(FOLDER)
        await response.send(str(stat[0] * stat[3]))

    @app.route("/clean")
    async def clean(request, response):
        uploads.clean(FOLDER)
        await response.send("done")

    app.run("127.0.0.1", int(sys.argv[1]))
"""

CONTENT = bytes(range(256)) * 100


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def start(request, serve, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()

    def start_server(**options):
        server = serve(
            PROGRAM,
            bits=request.param,
            heap="512k" if options.get("ram_disk") else "64k",
            args=(folder, json.dumps(options)),
            patched=bool(options.get("lie")),
        )
        return httpx.Client(base_url=server.url, timeout=20), folder

    return start_server


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_form_with_files(start):
    client, folder = start()
    files = [
        ("first", ("a.bin", CONTENT)),
        ("second", ("b c.txt", b"", "text/plain")),
    ]
    answer = client.post("/form", data={"name": "välue", "empty": ""}, files=files)
    assert answer.status_code == 200
    assert answer.json() == [
        {"name": "välue", "empty": ""},
        [
            ["first", f"{folder}/a.bin", len(CONTENT)],
            ["second", f"{folder}/b c.txt", 0],
        ],
    ]
    assert names(folder) == ["a.bin", "b c.txt"]
    assert (folder / "a.bin").read_bytes() == CONTENT
    assert (folder / "b c.txt").read_bytes() == b""
    # The connection can be used again, and the progress was told.
    calls = client.get("/calls").json()
    assert calls[-1] == [len(CONTENT), int(answer.request.headers["Content-Length"])]
    assert [received for received, _ in calls] == sorted(received for received, _ in calls)


def test_file_replaces_an_older_one(start):
    client, folder = start()
    (folder / "a.bin").write_bytes(b"old")
    assert client.post("/form", files={"f": ("a.bin", b"new")}).status_code == 200
    assert (folder / "a.bin").read_bytes() == b"new"


def test_file_larger_than_the_heap(start):
    client, folder = start()
    content = os.urandom(500_000)
    assert client.post("/form", files={"f": ("a.bin", content)}).status_code == 200
    assert (folder / "a.bin").read_bytes() == content


def chunks(content):
    for at in range(0, len(content), 1000):
        yield content[at : at + 1000]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_put(start, chunked):
    client, folder = start()
    body = chunks(CONTENT) if chunked else CONTENT
    answer = client.put("/file/a.bin", content=body)
    assert (answer.status_code, answer.text) == (201, str(len(CONTENT)))
    assert (folder / "a.bin").read_bytes() == CONTENT
    assert names(folder) == ["a.bin"]
    assert client.get("/calls").json()[-1] == [len(CONTENT), None if chunked else len(CONTENT)]


def test_put_of_nothing(start):
    client, folder = start()
    assert client.put("/file/a.bin", content=b"").status_code == 201
    assert (folder / "a.bin").read_bytes() == b""


@pytest.mark.parametrize(
    "name",
    ["../a", "..\\a", "a/../../b", "/etc/a", "C:\\a", "..", ".a", "a.part", "a:b", "x" * 65],
)
def test_names_stay_in_the_folder(start, name):
    client, folder = start()
    answer = client.post("/form", files={"f": (name, b"content")})
    last = name.replace("\\", "/").split("/")[-1]
    if last in ("a", "b"):
        assert answer.status_code == 200
        assert names(folder) == [last]
    else:
        assert answer.status_code == 400
        assert names(folder) == []
    assert sorted(path.name for path in folder.parent.glob("*")).count("a") == 0


def test_chosen_names(start):
    client, folder = start()
    files = [
        ("one", ("../x", b"1", "text/plain")),
        ("two", ("b.bin", CONTENT, "application/octet-stream")),
    ]
    answer = client.post("/chosen", files=files)
    assert answer.json() == [["one", f"{folder}/one.txt", 1]]
    assert names(folder) == ["one.txt"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"max_file_size": 999}, 413),
        ({"max_files": 1}, 413),
        ({"max_fields": 0}, 413),
        ({"max_field_size": 4}, 413),
        ({"max_files": 0, "max_fields": 1}, 413),
        ({"min_free": 1 << 60}, 507),
    ],
)
def test_limits(start, options, status):
    client, folder = start(**options)
    files = [("f", ("a.bin", b"x" * 1000)), ("g", ("b.bin", b"y"))]
    answer = client.post("/form", data={"field": "value"}, files=files)
    assert answer.status_code == status
    assert names(folder) == []


def test_limit_of_put(start):
    client, folder = start(max_size=999)
    assert client.put("/file/a", content=b"x" * 1000).status_code == 413
    assert names(folder) == []
    assert client.put("/file/a", content=b"x" * 999).status_code == 201
    # What was there stays when the next one fails.
    assert client.put("/file/a", content=b"y" * 1000).status_code == 413
    assert (folder / "a").read_bytes() == b"x" * 999


def test_limit_of_put_whose_progress_nobody_follows(start):
    """Whole blocks are then written without asking each time; the limit is the same."""
    client, folder = start()
    for chunked in (False, True):
        body = chunks(b"x" * 999) if chunked else b"x" * 999
        assert client.put("/plain/a", content=body).status_code == 201
        assert (folder / "a").read_bytes() == b"x" * 999
        body = chunks(b"y" * 1001) if chunked else b"y" * 1000
        assert client.put("/plain/a", content=body).status_code == 413
        assert (folder / "a").read_bytes() == b"x" * 999
        assert names(folder) == ["a"]
        (folder / "a").unlink()


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_folder_that_is_not_there(start, chunked):
    client, folder = start()
    body = chunks(CONTENT) if chunked else CONTENT
    assert client.put("/elsewhere/a", content=body).status_code == 409
    assert names(folder) == []


def test_names_that_are_safe(run_mpy):
    done = run_mpy("""
        from tinyweb import HTTPException, uploads
        for name in (
            "a", " a ", "d/a", "d\\\\a", "\xe4" * 32, "a.part.txt", "~", "a b",
            "", " ", "d/", "d\\\\", ".", ".a", "a.", "a.part", "\xe4" * 33,
            "a\x1fb", "a\x7fb", "a\0", 'a"', "a*", "a<b", "a>b", "a?", "a|b", "C:a",
        ):
            try:
                print(uploads.safe_name(name))
            except HTTPException as exc:
                print(exc.args[0])
    """)
    safe = ["a", "a", "a", "a", "ä" * 32, "a.part.txt", "~", "a b"]
    assert done.stdout.splitlines() == safe + ["400"] * 19


# A file system in Python of one folder. CASES: for each upload, how often what raises MemoryError.
FAILING = """
    import asyncio, io, vfs
    from tinyweb import uploads

    files = {}
    fails = {}

    def may_fail(name):
        if fails.get(name):
            fails[name] -= 1
            raise MemoryError(name)

    class File:
        def __init__(self, name):
            self.name = name
            files[name] = b""

        def write(self, data, n):
            may_fail("write")
            files[self.name] += bytes(data[:n])

        def close(self):
            may_fail("close")

    class Folder:
        def mount(self, readonly, mkfs):
            pass

        def statvfs(self, path):
            return (512, 512, 9999, 9999, 9999, 0, 0, 0, 0, 64)

        def stat(self, path):
            raise OSError(2)

        def open(self, path, mode):
            return File(path)

        def rename(self, old, new):
            files[new] = files.pop(old)

        def remove(self, path):
            may_fail("remove")
            del files[path]

    # As a message of another protocol has one: it is no request of the server.
    class Body:
        method = None
        headers = ()
        content_length = None

        def __init__(self, content):
            self.content = content

        async def readinto(self, buf):
            n = min(len(buf), len(self.content))
            buf[:n] = self.content[:n]
            self.content = self.content[n:]
            return n

    def receive(name, failing):
        fails.clear()
        fails.update(failing)
        try:
            size = asyncio.run(uploads.receive_file(Body(b"content"), "/odd/" + name))
            print(size, sorted(files))
        except MemoryError as exc:
            print(exc, len(files))

    vfs.mount(Folder(), "/odd")
    for failing in CASES:
        receive("a", failing)
    receive("b", {})
"""


@pytest.mark.parametrize(
    ("cases", "printed"),
    [
        ([{"write": 1}], ["write 0"]),
        ([{"close": 1}], ["close 0"]),
        ([{"write": 1, "close": 1}], ["write 0"]),
        # Removing is tried twice,
        ([{"write": 1, "remove": 1}], ["write 0"]),
        # and again with the next upload, and the next.
        ([{"write": 1, "remove": 99}] * 2, ["write 1", "write 2"]),
    ],
    ids=["write", "close", "both", "remove", "remove for some time"],
)
@pytest.mark.parametrize("bits", [64, 32], ids=["64-bit", "32-bit"])
def test_files_without_memory(run_mpy, cases, printed, bits):
    """Nothing is left of what failed, and the next upload works."""
    done = run_mpy(f"\n    CASES = {cases!r}" + FAILING, bits=bits)
    assert done.stdout.splitlines() == [*printed, "7 ['/b']"]


def test_limit_of_the_route(start):
    client, folder = start()
    assert client.put("/file/a", content=chunks(bytes(10_000_001))).status_code == 413
    assert names(folder) == []


@pytest.mark.parametrize("kind", ["VfsFat", "VfsLfs2"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("lie", [False, True], ids=["told", "found"])
def test_full_file_system(start, kind, chunked, lie):
    client, _ = start(ram_disk=True, kind=kind, lie=lie, min_free=1024)
    # The server closes the connection where it does not read the whole body, and may reset it
    # where more than 16 KiB are left.
    client.headers["Connection"] = "close"
    too_much = bytes(16000)
    most = bytes(int(client.get("/free").text) - 10000)
    assert client.put("/file/a", content=chunks(most)).status_code == 201
    body = chunks(too_much) if chunked else too_much
    assert client.put("/file/b", content=body).status_code == 507
    assert client.post("/form", files={"f": ("c", too_much)}).status_code == 507
    assert client.get("/list").json() == ["a"]
    # What was refused has left the space free again.
    assert client.put("/file/a", content=b"y" * 5000).status_code == 201
    assert client.get("/list").json() == ["a"]


def test_same_name_twice(start):
    client, folder = start()
    files = [("f", ("a", b"1")), ("g", ("a", b"2"))]
    assert client.post("/form", files=files).status_code == 400
    assert names(folder) == []


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_nothing_is_left_of_a_client_that_vanishes(start):
    client, folder = start()
    port = client.base_url.port
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(
            b"PUT /file/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + b"x" * 900
        )
        assert wait_for(lambda: len(names(folder)) == 1)
        assert names(folder)[0].endswith(".part")
    assert wait_for(lambda: names(folder) == [])
    head = (
        b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="%s"\r\n\r\ndata\r\n'
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(head + part % b"a" + part % b"b" + b"x" * 500)
        assert wait_for(lambda: len(names(folder)) == 2)
    assert wait_for(lambda: names(folder) == [])


def test_nothing_is_left_of_a_malformed_form(start):
    client, folder = start()
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\ndata\r\n--bad'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert client.post("/form", content=body, headers=headers).status_code == 400
    assert client.post("/form", content=body[:-7], headers=headers).status_code == 400
    assert names(folder) == []


def test_two_uploads_of_one_file_at_once(start):
    client, folder = start()
    port = client.base_url.port
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"PUT /file/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfir")
        assert wait_for(lambda: len(names(folder)) == 1)
        assert client.put("/file/a", content=b"second").status_code == 201
        assert (folder / "a").read_bytes() == b"second"
        raw.sendall(b"st")
        assert raw.recv(100).startswith(b"HTTP/1.1 201 ")
    assert (folder / "a").read_bytes() == b"first"
    assert names(folder) == ["a"]


def test_clean_removes_temporary_files_only(start):
    client, folder = start()
    for name in ("a", ".b.1.part", "b.1.part", "part"):
        (folder / name).write_bytes(b"x")
    assert client.get("/clean").text == "done"
    assert names(folder) == ["a", "b.1.part", "part"]


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_other_types_are_no_form(start, content_type):
    client, folder = start()
    headers = {"Content-Type": content_type} if content_type else {}
    assert client.post("/form", content=b"a=b", headers=headers).status_code == 415
    assert names(folder) == []


def test_small_fields_as_a_dict(start):
    client, _ = start()
    values = {"a": "1", "ü": "ä€", "empty": "", "long": "x" * 1000, "lines": "a\r\nb\r\n"}
    answer = client.post("/fields", files={name: (None, value) for name, value in values.items()})
    assert answer.json() == values
    answer = client.post("/fields", files=[("a", (None, "1")), ("a", (None, "2"))])
    assert answer.json() == {"a": "2"}


def without_choice(content):
    """What browsers send for a file input, here with `content` instead of nothing."""
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename=""\r\n\r\n%s\r\n--b--'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return {"content": body % content, "headers": headers}


def test_input_without_a_file(start):
    client, folder = start()
    answer = client.post("/fields", **without_choice(b""))
    assert (answer.status_code, answer.json()) == (200, {})
    assert client.post("/fields", **without_choice(b"x")).status_code == 415
    assert client.post("/form", **without_choice(b"")).json() == [{}, []]
    assert names(folder) == []


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"f": ("a.txt", b"x")}, 415),
        ({"f": (None, b"\xff")}, 400),
        ({"f": (None, b"x" * 2000)}, 413),
    ],
)
def test_what_is_no_small_field_is_refused(start, files, status):
    client, _ = start()
    assert client.post("/fields", files=files).status_code == status

# SPDX-License-Identifier: MIT
"""/fs/ and /cp/: the statuses and answers of CircuitPython's web workflow."""

import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time

import build_romfs
import httpx
import pytest

from support.simulator import SIMULATOR_MODULES, search_path

from .conftest import PASSWORD, stored

JSON = {"Accept": "application/json"}


@pytest.fixture
def files(app):
    """The folder that /fs/ shows, empty but for the settings."""
    for path in sorted(app.files.rglob("*"), reverse=True):
        if path.name != "device.json":
            path.rmdir() if path.is_dir() else path.unlink()
    return app.files


def test_listing(client, files):
    (files / "lib").mkdir()
    (files / "lib" / 'a"b.py').write_bytes(b"12345")
    (files / "lib" / "ünter").mkdir()
    os.utime(files / "lib" / 'a"b.py', (1700000000, 1700000000))
    answer = client.get("/fs/lib/", headers=JSON)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert found["writable"] is True and found["block_size"] > 0
    assert 0 < found["free"] <= found["total"]
    by_name = {entry["name"]: entry for entry in found["files"]}
    assert by_name['a"b.py'] == {
        "name": 'a"b.py',
        "directory": False,
        "modified_ns": 1700000000 * 10**9,
        "file_size": 5,
    }
    assert by_name["ünter"]["directory"] is True and by_name["ünter"]["file_size"] == 0
    assert len(by_name) == 2
    assert [entry["name"] for entry in client.get("/fs/").json()["files"]].count("lib") == 1
    assert client.get("/fs/lib/%C3%BCnter/").json()["files"] == []
    assert client.get("/fs//lib/").json()["files"] == found["files"]
    assert len(client.get("/fs//").json()["files"]) == 2
    for missing in ("/fs/other/", "/fs/lib/a%22b.py/", "/fs/lib", "/fs"):
        assert client.get(missing).status_code == 404, missing


def test_listing_of_many_files_takes_no_memory(client, files):
    for n in range(300):
        (files / f"a-rather-long-name-of-a-file-{n}.txt").touch()
    assert len(client.get("/fs/").json()["files"]) == 301


def test_page_for_a_browser(client, files):
    (files / "<b>&.txt").touch()
    (files / "a:b?#%").mkdir()
    answer = client.get("/fs/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;b>&amp;.txt</a>" in answer.text and "<b>" not in answer.text
    assert 'href="./a%3Ab%3F%23%25/"' in answer.text


def test_file(client, files):
    (files / "main.py").write_bytes(b"print(1)\n")
    answer = client.get("/fs/main.py")
    assert (answer.status_code, answer.content) == (200, b"print(1)\n")
    assert answer.headers["content-type"].startswith("text/")
    # A page among the files is nobody to the device.
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert client.head("/fs/main.py").headers["content-length"] == "9"
    assert client.get("/fs/none.py").status_code == 404
    assert client.head("/device/").status_code == 200


def test_what_cannot_be_read_is_left_out(client, files):
    """Of a link to nothing there is but the name; an archive has neither it nor a socket."""
    (files / "lib").mkdir()
    (files / "lib" / "a").write_text("a")
    (files / "lib" / "nothing").symlink_to("none")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(files / "lib" / "socket"))
    found = {entry["name"]: entry for entry in client.get("/fs/lib/").json()["files"]}
    assert sorted(found) == ["a", "nothing", "socket"]
    assert (found["nothing"]["file_size"], found["nothing"]["modified_ns"]) == (0, 0)
    data = client.get("/fs/lib/?tar").content
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["a"]


def test_put(client, files):
    big = bytes(range(256)) * 200
    headers = {"X-Timestamp": "1700000000000"}
    assert client.put("/fs/a.bin", content=big, headers=headers).status_code == 201
    assert (files / "a.bin").read_bytes() == big
    assert client.put("/fs/a.bin", content=b"").status_code == 204
    assert (files / "a.bin").read_bytes() == b""
    # Chunked: its length is not known in advance.
    parts = (big[at : at + 1000] for at in range(0, len(big), 1000))
    assert client.put("/fs/ü b.bin", content=parts).status_code == 201
    assert (files / "ü b.bin").read_bytes() == big
    assert client.put("/fs/none/a.bin", content=b"x").status_code == 404
    (files / "folder").mkdir()
    assert client.put("/fs/folder", content=b"x").status_code == 409
    assert client.put("/fs/a.bin/b", content=b"x").status_code == 404
    part = client.put("/fs/a.bin", content=b"x", headers={"Content-Range": "bytes 0-0/2"})
    assert part.status_code == 400
    assert sorted(p.name for p in files.iterdir()) == ["a.bin", "device.json", "folder", "ü b.bin"]


def test_put_of_a_folder(client, files):
    assert client.put("/fs/lib/one/two/").status_code == 201
    assert (files / "lib" / "one" / "two").is_dir()
    assert client.put("/fs/lib/one/").status_code == 204
    assert client.put("/fs/").status_code == 204
    (files / "file").touch()
    assert client.put("/fs/file/").status_code == 204
    assert client.put("/fs/file/below/").status_code == 404


def test_delete(client, files):
    (files / "lib" / "deep" / "deeper").mkdir(parents=True)
    for n in range(30):
        (files / "lib" / "deep" / f"{n}.py").touch()
    (files / "other.py").touch()
    assert client.delete("/fs/other.py").status_code == 204
    assert client.delete("/fs/other.py").status_code == 404
    assert client.delete("/fs/lib/").status_code == 204
    assert client.delete("/fs/lib/").status_code == 404
    assert client.delete("/fs/").status_code == 409
    assert [path.name for path in files.iterdir()] == ["device.json"]


def test_what_the_file_system_does_not_allow(client, files):
    """As the kernel's own files, which a folder here leads to."""
    (files / "kernel").symlink_to("/proc/self")
    (files / "a.txt").write_text("a")
    assert client.delete("/fs/kernel/status").status_code == 409
    assert move(client, "/fs/a.txt", "/fs/kernel/a.txt") == 409
    assert (files / "a.txt").read_text() == "a"
    (files / "kernel").unlink()


def move(client, path, destination):
    headers = {} if destination is None else {"X-Destination": destination}
    return client.request("MOVE", path, headers=headers).status_code


def test_move(client, files):
    (files / "lib").mkdir()
    (files / "a.py").write_text("a")
    (files / "b.py").write_text("b")
    assert move(client, "/fs/a.py", "/fs/lib/c%20d.py") == 201
    assert (files / "lib" / "c d.py").read_text() == "a"
    assert move(client, "/fs/lib/", "/fs/lib2/") == 201
    assert move(client, "/fs/lib2/c%20d.py", "/fs/b.py") == 412
    assert (files / "b.py").read_text() == "b"
    assert move(client, "/fs/b.py", "/fs/b.py") == 412
    assert move(client, "/fs/none", "/fs/x") == 404
    assert move(client, "/fs/b.py", "/fs/none/x") == 404
    assert move(client, "/fs/b.py", "/fs/") == 412
    assert move(client, "/fs/", "/fs/x") == 409
    assert move(client, "/fs/lib2/", "/fs/lib2/itself") == 409
    for nowhere in (None, "", "b2.py", "/b2.py", "http://x/fs/b2.py", "/fs/../b2.py"):
        assert move(client, "/fs/b.py", nowhere) == 400, nowhere


def test_options_need_no_password(app):
    answer = httpx.options(app.url + "/fs/lib/", trust_env=False)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "GET, OPTIONS, PUT, DELETE, MOVE"
    assert "access-control-allow-origin" not in answer.headers
    answer = httpx.post(app.url + "/fs/lib/", auth=("", PASSWORD), trust_env=False)
    assert answer.status_code == 405


def test_settings_are_not_a_file_like_others(client, files):
    before = (files / "device.json").read_bytes()
    (files / "a").touch()
    assert client.get("/fs/device.json").content == before
    for answer in (
        client.put("/fs/device.json", content=b"{}"),
        client.put("/fs/DEVICE.json", content=b"{}"),
        client.delete("/fs/device.json"),
        client.request("MOVE", "/fs/device.json", headers={"X-Destination": "/fs/b"}),
    ):
        assert answer.status_code == 409
        assert answer.text == "Settings are changed by tinyweb.device.settings.\n"
    assert move(client, "/fs/a", "/fs/device.json") == 409
    assert (files / "device.json").read_bytes() == before


def test_about(app):
    with httpx.Client(base_url=app.url, trust_env=False) as client:
        version = client.get("/cp/version.json").json()
        assert version["web_api_version"] == 4
        assert [int(n) for n in version["version"].split(".")][0] == 1
        assert (version["hostname"], version["ip"], version["port"]) == (
            "tinyweb",
            "127.0.0.1",
            app.port,
        )
        (disk,) = client.get("/cp/diskinfo.json").json()
        assert disk["root"] == "/" and 0 < disk["free"] <= disk["total"]
        assert client.get("/cp/devices.json").json() == {"total": 0, "devices": []}
        assert client.get("/cp/other.json").status_code == 404
        assert client.put("/cp/version.json").status_code == 405
        assert client.get("/").text == "mine"


def begin(app, size, *fields):
    """A connection on which a PUT of `size` bytes, None for chunks, to /fs/a.bin has begun."""
    sock = socket.create_connection((app.host, app.port), 20)
    token = "OnBhc3N3MHJk"  # :passw0rd
    head = [
        "PUT /fs/a.bin HTTP/1.1",
        f"Host: {app.host}",
        f"Authorization: Basic {token}",
        "Transfer-Encoding: chunked" if size is None else f"Content-Length: {size}",
        *fields,
    ]
    sock.sendall("\r\n".join([*head, "", ""]).encode())
    return sock


def test_expect(app, files):
    with begin(app, 5, "Expect: 100-continue") as sock:
        assert sock.recv(1000).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"12345")
        assert sock.recv(1000).startswith(b"HTTP/1.1 201 ")
    assert (files / "a.bin").read_bytes() == b"12345"


# Its file system is one of a board's, in RAM.
ON_DISK = """
    import sys, tinyweb
    from file_systems import mounted
    from tinyweb import device, passwords

    app = tinyweb.webserver(max_concurrency=4)
    root = mounted(sys.argv[3], None)
    device.settings.write({"password": sys.argv[4]}, root + "/device.json")
    device.enable(app, root)
    app.run(sys.argv[2], int(sys.argv[1]))
"""


@pytest.mark.parametrize("kind", ["VfsLfs2", "VfsFat"])
def test_file_systems_of_boards(serve, kind):
    app = serve(
        ON_DISK,
        bits=32,
        heap="300k",
        args=(kind, stored(PASSWORD)),
        env=search_path(SIMULATOR_MODULES),
    )
    with httpx.Client(base_url=app.url, auth=("", PASSWORD), trust_env=False) as client:
        assert client.put("/fs/lib/one/").status_code == 201
        assert client.put("/fs/lib/one/a.py", content=b"x" * 3000).status_code == 201
        assert client.put("/fs/lib/one/a.py", content=b"y" * 2000).status_code == 204
        assert client.put("/fs/none/a.py", content=b"y").status_code == 404
        assert client.put("/fs/lib", content=b"y").status_code == 409
        assert client.get("/fs/lib/one/a.py").content == b"y" * 2000
        (entry,) = client.get("/fs/lib/one/").json()["files"]
        assert (entry["name"], entry["file_size"]) == ("a.py", 2000)
        assert move(client, "/fs/lib/one/a.py", "/fs/b.py") == 201
        # Of a file's own name capitals may change, whether they count or not.
        assert move(client, "/fs/b.py", "/fs/B.py") == 201
        assert move(client, "/fs/B.py", "/fs/b.py") == 201
        assert move(client, "/fs/b.py", "/fs/device.json") == 409
        assert move(client, "/fs/b.py", "/fs/lib/") == 412
        assert move(client, "/fs/b.py", "/fs/none/b.py") == 404
        assert move(client, "/fs/none", "/fs/b2.py") == 404
        assert move(client, "/fs/lib/", "/fs/LIB/one/two") in (404, 409)
        assert move(client, "/fs/lib/", "/fs/lib/one/two") == 409
        assert client.delete("/fs/lib/").status_code == 204
        assert client.delete("/fs/lib/").status_code == 404
        # The file system has 128 KiB.
        assert client.put("/fs/big", content=b"x" * 200_000).status_code == 413
        parts = (b"x" * 1000 for _ in range(200))
        assert client.put("/fs/big", content=parts).status_code == 413
    with httpx.Client(base_url=app.url, auth=("", PASSWORD), trust_env=False) as client:
        assert client.put("/fs/lib/?tar", content=bytes(200_000)).status_code == 413
    # It was told to go on, so there is no 417 any more.
    with begin(app, None, "Expect: 100-continue") as sock:
        assert sock.recv(1000).startswith(b"HTTP/1.1 100 ")
        answer = b""
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                sock.sendall(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        answer = sock.recv(1000)
        assert answer.startswith(b"HTTP/1.1 413 ")
    with begin(app, 200_000, "Expect: 100-continue") as sock:
        assert sock.recv(1000).startswith(b"HTTP/1.1 417 ")
    # What was too large has cost the connection.
    with httpx.Client(base_url=app.url, auth=("", PASSWORD), trust_env=False) as client:
        files = client.get("/fs/").json()["files"]
        assert sorted(entry["name"] for entry in files) == ["b.py", "device.json"]


@pytest.mark.parametrize("old", [None, b"old"])
def test_interrupted_upload_leaves_the_old_file(app, client, files, old):
    if old is not None:
        (files / "a.bin").write_bytes(old)
    with begin(app, 100_000) as sock:
        sock.sendall(b"x" * 5000)
        deadline = time.monotonic() + 20
        while not list(files.glob(".a.bin.*.part")) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert list(files.glob(".a.bin.*.part"))
    while list(files.glob(".*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not list(files.glob(".*"))
    with contextlib.suppress(FileNotFoundError):
        assert (files / "a.bin").read_bytes() == old
    assert client.get("/fs/a.bin").status_code == (404 if old is None else 200)


def test_curl_uploads_and_lists(app, files, tmp_path):
    import subprocess

    (tmp_path / "up.txt").write_text("hello")
    base = ["curl", "--silent", "--fail", "--noproxy", "*", "--user", f":{PASSWORD}"]
    subprocess.run([*base, "-T", tmp_path / "up.txt", f"{app.url}/fs/up.txt"], check=True)
    assert (files / "up.txt").read_text() == "hello"
    subprocess.run(
        [*base, "-X", "MOVE", "-H", "X-Destination: /fs/up2.txt", f"{app.url}/fs/up.txt"],
        check=True,
    )
    assert (files / "up2.txt").read_text() == "hello"


def test_folder_as_an_archive(client, files):
    folder = files / "archive"
    long = "n" * 90
    wanted = {
        "a.txt": b"a",
        "empty": b"",
        "block.bin": b"x" * 512,
        "deep/er/b.bin": bytes(range(256)) * 9,
        f"{long}/{long}/é.txt": b"long",
    }
    for name, content in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "nothing").mkdir()
    answer = client.get("/fs/archive/?tar")
    assert answer.headers["content-type"] == "application/x-tar"
    with tarfile.open(fileobj=io.BytesIO(answer.content), mode="r:") as archive:
        members = {member.name: member for member in archive.getmembers()}
        found = {n: archive.extractfile(m).read() for n, m in members.items() if m.isfile()}
    assert found == wanted
    assert members["nothing"].isdir() and len(members) == len(wanted) + 5
    mtime = (folder / "a.txt").stat().st_mtime
    assert abs(members["a.txt"].mtime - mtime) <= 1
    assert members["a.txt"].mode == 0o644 and members["deep/er"].mode == 0o755
    assert client.get("/fs/none/?tar").status_code == 404
    done = subprocess.run(["tar", "-tf", "-"], input=answer.content, capture_output=True)
    assert done.returncode == 0 and b"deep/er/b.bin" in done.stdout
    shutil.rmtree(folder)


IN_ROM = """
    import sys, tinyweb
    from file_systems import mounted_rom
    from tinyweb import device

    app = tinyweb.webserver(max_concurrency=4)
    device.enable(app, mounted_rom(sys.argv[3]))
    app.run(sys.argv[2], int(sys.argv[1]))
"""


def test_folder_that_cannot_be_written(serve, tmp_path):
    """An image of ROMFS, and one whose names would lead out of it."""
    settings = json.dumps({"password": stored(PASSWORD)}).encode()
    names = {"a.txt": b"a", "lib/b.txt": b"b"}
    image = tmp_path / "image"
    evil = {".": b"here", "..": b"above"}
    image.write_bytes(build_romfs.image({"device.json": settings, **names, **evil}))
    app = serve(IN_ROM, args=[image], env=search_path(SIMULATOR_MODULES))
    with httpx.Client(base_url=app.url, auth=("", PASSWORD), trust_env=False) as client:
        found = client.get("/fs/").json()
        assert (found["free"], found["block_size"]) == (0, 1)
        assert sorted(e["name"] for e in found["files"]) == ["a.txt", "device.json", "lib"]
        assert client.get("/fs/a.txt").content == b"a"
        data = client.get("/fs/?tar").content
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            assert sorted(archive.getnames()) == ["a.txt", "device.json", "lib", "lib/b.txt"]
        assert client.put("/fs/a.txt", content=b"new").status_code == 413
        assert client.put("/fs/folder/").status_code == 409
        assert client.delete("/fs/a.txt").status_code == 409
        assert client.delete("/fs/lib/").status_code == 409
        assert move(client, "/fs/a.txt", "/fs/c.txt") == 409
        (disk,) = client.get("/cp/diskinfo.json").json()
        assert (disk["free"], disk["block_size"], disk["total"]) == (0, 1, found["total"])


FAILING = ON_DISK.replace("mounted(sys.argv[3], None)", "'/disk'").replace(
    "    root =",
    """
    import vfs
    from file_systems import FailingDisk

    disk = FailingDisk(64)
    vfs.VfsLfs2.mkfs(disk)
    vfs.mount(vfs.VfsLfs2(disk), "/disk")

    @app.route("/power/<word>")
    def power(req, resp, word):
        disk.left = None if word == "on" else 0

    root =""",
)


def test_disk_that_fails(serve):
    """Its errors are no client's: 500, and the log tells. What was there stays."""
    app = serve(FAILING, args=("", stored(PASSWORD)), env=search_path(SIMULATOR_MODULES))
    with httpx.Client(base_url=app.url, auth=("", PASSWORD), trust_env=False) as client:
        assert client.put("/fs/a.txt", content=b"old").status_code == 201
        client.get("/power/off")
        assert client.put("/fs/folder/").status_code == 500
        assert client.post("/device/api/settings", json={"name": "lamp"}).status_code == 500
        assert app.log().count("OSError: [Errno 5] EIO") == 2
        client.get("/power/on")
        assert client.get("/fs/a.txt").content == b"old"
        assert client.post("/device/api/settings", json={"name": "lamp"}).status_code == 204
        assert client.get("/cp/version.json").json()["hostname"] == "lamp"


def test_disks_of_a_board(serve, tmp_path):
    """All that are mounted, where the device shows all files."""
    image = tmp_path / "image"
    image.write_bytes(build_romfs.image({"a.txt": b"a"}))
    program = IN_ROM.replace("app, mounted_rom(sys.argv[3])", "app, '/'").replace(
        "    device.enable", "    mounted_rom(sys.argv[3])\n    device.enable"
    )
    app = serve(program, args=[image], env=search_path(SIMULATOR_MODULES))
    answer = httpx.get(app.url + "/cp/diskinfo.json", trust_env=False)
    disks = {disk["root"]: disk for disk in answer.json()}
    rom = disks["/rom"]
    assert len(disks) == 2 and disks["/"]["writable"] is True and disks["/"]["free"] > 0
    assert rom["writable"] is False
    assert (rom["free"], rom["block_size"]) == (0, 1) and rom["total"] > 0

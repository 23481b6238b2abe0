# SPDX-License-Identifier: MIT
"""Applications: what is listed, and folders that come as tar archives."""

import io
import json
import tarfile

import build_romfs
import httpx
import pytest

from support.wire import Wire

from .conftest import PASSWORD, stored

RIGHT = ("", PASSWORD)


def archive(files, mode="w", format=tarfile.USTAR_FORMAT, change=None):
    """A tar archive of `files`, {name: bytes}; None is a folder. change(info) may change each."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode, format=format) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content or b"")
            if content is None:
                info.type = tarfile.DIRTYPE
            if change is not None:
                change(info)
            tar.addfile(info, io.BytesIO(content or b""))
    return data.getvalue()


def tree(folder):
    """{name: bytes} of what is in a folder; None for folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


LAMP = {
    "main.py": b"print('on')\n",
    "www": None,
    "www/index.html": b"<h1>Lamp</h1>" * 200,
    "lib/level.py": b"",
}
UNPACKED = {**LAMP, "lib": None}


@pytest.fixture
def apps(app):
    """The folder apps/, with a folder lamp/ that has an old file."""
    folder = app.files / "apps"
    (folder / "lamp").mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (folder / "lamp").mkdir()
    (folder / "lamp" / "old.py").write_text("old")
    return folder


OLD = {"lamp": None, "lamp/old.py": b"old"}


def whole(files):
    return {"lamp": None, **{f"lamp/{name}": data for name, data in files.items()}}


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archive_takes_the_place_of_a_folder(client, apps, format):
    answer = client.put("/fs/apps/lamp/?tar", content=archive(LAMP, format=format))
    assert (answer.status_code, answer.text) == (204, "")
    assert tree(apps) == whole(UNPACKED)


def test_new_folder_from_pieces(client, apps):
    data = archive({"./": None, "./main.py": b"x" * 700, "./www/a.txt": b"a"})

    def pieces():
        for at in range(0, len(data), 333):
            yield data[at : at + 333]

    assert client.put("/fs/apps/new/?tar", content=pieces()).status_code == 201
    assert tree(apps / "new") == {"main.py": b"x" * 700, "www": None, "www/a.txt": b"a"}


def test_what_the_paths_begin_with_is_left_out(client, apps):
    data = archive({"lamp-1.0": None, **{f"lamp-1.0/{name}": d for name, d in LAMP.items()}})
    assert client.put("/fs/apps/lamp/?tar=1", content=data).status_code == 204
    assert tree(apps) == whole(UNPACKED)


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names(client, apps, format):
    name = "www/" + "n" * 110 + ".txt"
    data = archive({name: b"long", "é.txt": b"other"}, format=format)
    assert client.put("/fs/apps/lamp/?tar", content=data).status_code == 204
    assert tree(apps / "lamp") == {"www": None, name: b"long", "é.txt": b"other"}


def test_download_and_upload_are_the_same(client, apps):
    client.put("/fs/apps/lamp/?tar", content=archive(LAMP))
    data = client.get("/fs/apps/lamp/?tar").content
    assert client.put("/fs/apps/copy/?tar", content=data).status_code == 201
    assert tree(apps / "copy") == UNPACKED


def changed(name, value):
    return lambda info: setattr(info, name, value)


def links(kind, to):
    def change(info):
        if info.name == "evil":
            info.type = kind
            info.linkname = to

    return change


REFUSED = {
    "up": archive({"main.py": b"1", "../evil.py": b"evil"}),
    "up within": archive({"main.py": b"1", "a/../../../evil.py": b"evil"}),
    "to the same folder": archive({"main.py": b"1", "a/../evil.py": b"evil"}),
    "folder up": archive({"main.py": b"1", "../evil": None}),
    "absolute": archive({"main.py": b"1", "/evil.py": b"evil"}),
    "backslash": archive({"main.py": b"1", "..\\evil.py": b"evil"}),
    "control character": archive({"main.py": b"1", "evil\n.py": b"evil"}),
    "no UTF-8": archive({"main.py": b"1"}).replace(b"main.py", b"\xc0\xae.evil"[:7]),
    "link": archive({"main.py": b"1", "evil": b""}, change=links(tarfile.SYMTYPE, "/")),
    "link up": archive({"main.py": b"1", "evil": b""}, change=links(tarfile.SYMTYPE, "..")),
    "hard link": archive({"main.py": b"1", "evil": b""}, change=links(tarfile.LNKTYPE, "main.py")),
    "device": archive({"main.py": b"1", "evil": b""}, change=links(tarfile.CHRTYPE, "")),
    "up in a long name": archive(
        {"main.py": b"1", "../" * 40 + "evil": b"evil"}, format=tarfile.GNU_FORMAT
    ),
    "up in POSIX's header": archive(
        {"main.py": b"1", "../../é": b"evil"}, format=tarfile.PAX_FORMAT
    ),
    "too long": archive({"main.py": b"1", "e" * 200: b"evil"}, format=tarfile.GNU_FORMAT),
    "cut off in a file": archive({"main.py": b"1" * 2000})[:1024],
    "cut off in a header": archive({"main.py": b"1"})[:300],
    "without an end": archive({"main.py": b"1"})[:1024],
    "compressed": archive(LAMP, mode="w:gz"),
    "wrong sum": archive({"main.py": b"1"}).replace(b"main.py", b"fain.py"),
    "wrong size": archive({"main.py": b"1"}).replace(b"00000000001\0", b"0000000000x\0"),
    "nothing": b"",
    "only the end": bytes(1024),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_archive_leaves_everything_as_it_was(app, client, apps, what):
    before = tree(app.files.parent)
    answer = client.put("/fs/apps/lamp/?tar", content=REFUSED[what])
    assert answer.status_code == 400, answer.text
    assert answer.text.startswith(("This is no tar archive", "Only files and folders"))
    assert tree(app.files.parent) == before


@pytest.mark.parametrize(
    "path, status",
    [("/fs/?tar", 409), ("/fs/nothing/lamp/?tar", 404), ("/fs/apps/file/?tar", 409)]
    + [("/fs/device.json/?tar", 409)],
)
def test_places_where_no_folder_can_be(app, client, apps, path, status):
    (apps / "file").write_text("a file")
    before = tree(app.files.parent)
    assert client.put(path, content=archive(LAMP)).status_code == status
    assert tree(app.files.parent) == before


def test_part_of_an_archive(client, apps):
    fields = {"Content-Range": "bytes 0-9/20"}
    answer = client.put("/fs/apps/lamp/?tar", content=archive(LAMP), headers=fields)
    assert answer.status_code == 400
    assert tree(apps) == OLD


def test_client_that_goes_away_leaves_the_old_folder(app, client, apps):
    data = archive(LAMP)
    head = f"PUT /fs/apps/lamp/?tar HTTP/1.1\r\nHost: {app.host}\r\n"
    head += f"Authorization: Basic OnBhc3N3MHJk\r\nContent-Length: {len(data)}\r\n\r\n"
    with Wire(app.host, app.port) as wire:
        wire.send(head.encode() + data[:1800])
    # Whatever was unpacked is gone before another one is.
    assert client.put("/fs/apps/other/?tar", content=data).status_code == 201
    assert tree(apps) == {**OLD, "other": None} | {f"other/{n}": d for n, d in UNPACKED.items()}


def test_listed_programs(client, app, apps):
    (apps / "one.py").write_text("")
    (apps / "two.mpy").write_bytes(b"M")
    (apps / "notes.txt").write_text("")
    (apps / ".hidden.py").write_text("")
    (apps / "lamp" / "main.py").write_text("")
    (apps / "no_program").mkdir()
    found = client.get("/device/api/apps").json()
    assert sorted(found["apps"]) == ["apps/lamp", "apps/one.py", "apps/two.mpy"]
    assert (found["main"], found["running"], found["romfs"]) == ("main.py", None, None)
    for n in range(40):
        (apps / f"many{n}.py").write_text("")
    assert len(client.get("/device/api/apps").json()["apps"]) == 32


def test_main_is_a_setting(client, app):
    for value in ("apps/lamp", "", "rom"):
        assert client.post("/device/api/settings", json={"main": value}).status_code == 204
        assert client.get("/device/api/apps").json()["main"] == value
    for value in (1, "../x", "a/../b", "x" * 129, ["main.py"]):
        answer = client.post("/device/api/settings", json={"main": value})
        assert (answer.status_code, answer.text[:28]) == (400, "main is the path of a progra")
    assert client.post("/device/api/settings", json={"main": None}).status_code == 204
    assert "main" not in json.loads((app.files / "device.json").read_text())


def test_without_romfs_and_mip(client):
    """The simulator has neither."""
    assert client.put("/device/api/romfs", content=b"\xd2\xcd\x31\x00").status_code == 501
    assert client.delete("/device/api/romfs").status_code == 501
    assert client.post("/device/api/mip", json={"package": "x"}).status_code == 501
    assert client.get("/device/api/romfs").status_code == 405


# A partition as the ESP32 has it: a block device that can be read as memory, too.
PARTITION = """
import sys, vfs, tinyweb
from tinyweb import device
from tinyweb.device import romfs

class Partition(bytearray):
    def writeblocks(self, n, buf, offset=0):
        at = n * 4096 + offset
        for i in range(len(buf)):
            self[at + i] &= buf[i]

    def ioctl(self, op, arg):
        if op == 6:
            self[arg * 4096:(arg + 1) * 4096] = b"\\xff" * 4096
        return {4: 4, 5: 4096, 6: 0}[op]

partition = Partition(b"\\xff" * 16384)

class Vfs:
    mount = vfs.mount
    umount = vfs.umount
    VfsRom = vfs.VfsRom

    @staticmethod
    def rom_ioctl(op, arg):
        return partition

romfs.vfs = Vfs
app = tinyweb.webserver(max_concurrency=4)

@app.route("/file")
async def file(req, resp):
    await resp.send_file("/rom/notes.bin")

device.enable(app)
app.run(sys.argv[2], int(sys.argv[1]))
"""


def test_partition_that_is_a_block_device(serve, tmp_path):
    (tmp_path / "device.json").write_text(json.dumps({"password": stored(PASSWORD)}))
    served = serve(PARTITION, cwd=tmp_path, patched=True)
    with httpx.Client(base_url=served.url, trust_env=False, auth=RIGHT, timeout=20) as client:
        for size in (3000, 9000, 100):
            content = bytes(range(251)) * (size // 251 + 1)
            image = build_romfs.image({"notes.bin": content})
            assert client.put("/device/api/romfs", content=image).status_code == 204
            assert client.get("/device/api/apps").json()["romfs"] == [len(image), 16384]
            assert client.get("/file").content == content
        large = build_romfs.image({"notes.bin": bytes(17000)})
        answer = client.put("/device/api/romfs", content=large)
        assert answer.status_code == 413
        assert answer.text == f"The image has {len(large)} bytes, and ROMFS has room for 16384.\n"
        assert client.get("/file").content == content
        assert client.delete("/device/api/romfs").status_code == 204
        assert client.get("/file").status_code == 404

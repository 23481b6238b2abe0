# SPDX-License-Identifier: MIT
"""Applications: what is listed, and folders that come as tar archives."""

import contextlib
import io
import json
import re
import tarfile
import textwrap
import threading
import time

import build_romfs
import httpx
import pytest

from support.wire import Wire

from .conftest import PASSWORD, PROGRAM, stored

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


def header(at, value, data):
    """The archive `data` with these bytes in its first header, and the sum that belongs to it."""
    head = bytearray(data[:512])
    head[at : at + len(value)] = value
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + data[512:]


def pax(fields, mode=tarfile.PAX_FORMAT):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=mode, pax_headers=fields) as tar:
        info = tarfile.TarInfo("main.py")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"1"))
    return data.getvalue()


def own_comment():
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("main.py")
        info.size = 1
        info.pax_headers = {"comment": "of this file"}
        tar.addfile(info, io.BytesIO(b"1"))
    return data.getvalue()


WWW = "www/" * 20
FORMS = {
    "a folder in the header's second field": (
        archive({WWW + "a" * 40: b"1"}),
        {WWW + "a" * 40: b"1"},
    ),
    "fields for all files": (pax({"comment": "of all"}), {"main.py": b"1"}),
    "fields of a file, but no path": (own_comment(), {"main.py": b"1"}),
    "before POSIX": (header(156, b"\0", archive({"main.py": b"1"})), {"main.py": b"1"}),
    "the folder itself": (header(0, b".\0", archive({"x": None, "a": b"1"})), {"a": b"1"}),
    "a size left out": (header(124, bytes(12), archive({"www": None, "a": b""})), {"a": b""}),
    "many blocks": (archive({"a": bytes(range(256)) * 100}), {"a": bytes(range(256)) * 100}),
}


@pytest.mark.parametrize("what", FORMS)
def test_forms_of_archives(client, apps, what):
    data, files = FORMS[what]
    answer = client.put("/fs/apps/lamp/?tar", content=data)
    assert (answer.status_code, answer.text) == (204, "")
    found = tree(apps / "lamp")
    assert {name: data for name, data in found.items() if data is not None} == files


def test_what_lies_above_what_is_left_out(client, apps):
    """As many segments as are left out, or fewer: there is nothing to write."""
    data = archive({"readme": b"x" * 600, "lamp": None, "lamp/main.py": b"1"})
    assert client.put("/fs/apps/lamp/?tar=1", content=data).status_code == 204
    assert tree(apps) == whole({"main.py": b"1"})


def test_what_a_cut_of_the_power_has_left(client, apps):
    """Before the next archive the old folder comes back; other hidden files stay."""
    (apps / ".other.replaced").mkdir()
    (apps / ".other.replaced" / "a.py").write_text("a")
    (apps / ".new.unpacked").mkdir()
    (apps / ".hidden").write_text("mine")
    assert client.put("/fs/apps/lamp/?tar", content=archive(LAMP)).status_code == 204
    left = {"other": None, "other/a.py": b"a", ".hidden": b"mine"}
    assert tree(apps) == whole(UNPACKED) | left


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
    "no UTF-8": archive({"main.py": b"1", "\udcff.evil": b"evil"}),
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
    "cut off behind a long name": archive({"e" * 120: b""}, format=tarfile.GNU_FORMAT)[:700],
    "endless name": archive({"e" * 600: b"evil"}, format=tarfile.GNU_FORMAT),
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
    "names, status",
    # 404: a file is no folder that another one could be in.
    [(("a", "a/"), 409), (("a", "a/b"), 409), (("a", "a/b/"), 404)]
    + [(("a/", "a"), 409), (("a/b", "a"), 409)],
)
def test_file_and_folder_of_one_name(app, client, apps, names, status):
    before = tree(app.files.parent)
    files = {name: None if name.endswith("/") else b"1" for name in names}
    assert client.put("/fs/apps/lamp/?tar", content=archive(files)).status_code == status
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


@pytest.mark.parametrize("bits", [64, 32])
def test_names_are_not_kept(run_mpy, tmp_path, bits):
    """MicroPython keeps a str of one character for ever, as a qstr."""
    for n in range(300):
        (tmp_path / "apps" / chr(0x4E00 + n)).mkdir(parents=True)
    (tmp_path / "apps" / "lamp.py").touch()
    done = run_mpy(
        """
        from micropython import qstr_info
        from tinyweb.device import apps, unpack

        qstr_info()
        assert apps.programs("") == ["apps/lamp.py"]
        for _ in unpack.mend("apps/"):
            pass
        qstr_info()
        """,
        bits=bits,
        cwd=tmp_path,
    )
    before, after = re.findall(r"n_qstr=(\d+)", done.stdout)
    # Less than the folders: names of the program's own.
    assert int(after) - int(before) < 50


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
    """The simulator has neither: nothing is listed of it."""
    assert client.put("/device/api/romfs", content=b"\xd2\xcd\x31\x00").status_code == 501
    assert client.delete("/device/api/romfs").status_code == 501
    assert client.post("/device/api/mip", json={"package": "x"}).status_code == 501
    assert client.get("/device/api/romfs").status_code == 405


# What stands for micropython-lib's, which the simulator is without.
MIP = """
import os
import requests

def _install_json(url, target):
    base, name = url.rpartition("/")[0], url.rpartition("/")[-1]
    print(base, name, requests.get(url), target)

def _install_package(package, index, target, version, mpy):
    if package == "broken":
        raise OSError(-2)
    if package == "unknown":
        return False
    _install_json(package, target)
    return True
"""
REQUESTS = "def get(url, timeout=None): return timeout\n"


def test_packages_of_mip(device):
    """What it is asked for, how long it waits for a server, and what is told when it fails."""
    (device.files / "mip.py").write_text(MIP)
    (device.files / "requests.py").write_text(REQUESTS)
    server = device("import sys; sys.path.append('')\n" + textwrap.dedent(PROGRAM))

    def ask(wish):
        url = server.url + "/device/api/mip"
        return httpx.post(url, json=wish, auth=RIGHT, trust_env=False)

    for _ in range(2):
        answer = ask({"package": " http://10.0.0.1/lamp/package.json "})
        assert (answer.status_code, answer.text) == (204, "")
    line = f"http://10.0.0.1/lamp package.json 20 {server.files}/"
    assert ask({"package": "http://10.0.0.1/b.json", "to": "apps"}).status_code == 204
    _, first, second, third = server.log().splitlines()
    assert first == second == line + "lib"
    assert third == f"http://10.0.0.1 b.json 20 {server.files}/apps"
    for package, why in (("unknown", "not found"), ("broken", "OSError(-2,)")):
        answer = ask({"package": package})
        assert answer.status_code == 502
        assert answer.text.startswith(f"{package} cannot be installed: {why}. ")
    for wish in (
        {"package": ""},
        {"package": " "},
        {"package": 1},
        {"package": "x", "to": 1},
        {"package": "x", "to": "../x"},
        {},
        [],
        "x",
    ):
        assert ask(wish).status_code == 400, wish


def test_settings_that_cannot_be_read_when_it_is_asked(run_mpy, tmp_path):
    """Whoever had the password when the request came gets an answer."""
    (tmp_path / "device.json").write_text("{")
    done = run_mpy(
        """
        from tinyweb.device import actions, apps, guard, update
        device = guard.Device("./")
        print(device.settings, apps.listed(device)["main"], update.state(device)["source"])
        try:
            actions._settings(None, device)
        except Exception as exc:
            print(exc.code)
        """,
        cwd=tmp_path,
    )
    assert done.stdout == "None main.py None\n409\n"


# A partition as the ESP32 has it: a block device that can be read as memory, too.
PARTITION = """
import sys, vfs, tinyweb
from tinyweb import device
from tinyweb.device import romfs

class Partition(bytearray):
    worn = 0xFF  # bits that can still be set

    def write(self, at, buf):
        for i in range(len(buf)):
            self[at + i] &= buf[i] & Partition.worn

    def writeblocks(self, n, buf, offset=0):
        self.write(n * 4096 + offset, buf)

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

class Memory:
    # As other ports have it: memory, and functions that erase and write it.
    mount = vfs.mount
    umount = vfs.umount
    VfsRom = vfs.VfsRom
    broken = False

    @staticmethod
    def rom_ioctl(op, arg, *more):
        if op == 2:
            return memoryview(partition)
        if Memory.broken:
            return -5
        if op == 3:
            partition[:] = b"\\xff" * 16384
        else:
            partition.write(*more)
        return 0

class Nothing:
    @staticmethod
    def rom_ioctl(op, arg):
        return -22

romfs.vfs = {"device": Vfs, "memory": Memory, "nothing": Nothing}[sys.argv[3]]
app = tinyweb.webserver(max_concurrency=4)

@app.route("/file")
async def file(req, resp):
    await resp.send_file("/rom/notes.bin")

@app.route("/do/<what>")
def do(req, resp, what):
    if what == "wear":
        Partition.worn = 0xFE
    elif what == "break":
        Memory.broken = True
    elif what == "fail":
        from tinyweb.device import start
        start._fail(ValueError(1))
    else:
        data = bytes.fromhex(what)
        partition[: len(data)] = data

device.enable(app)
app.run(sys.argv[2], int(sys.argv[1]))
"""


@pytest.fixture
def partition(serve, tmp_path):
    """``partition(kind)``: a client of a device whose partition is of this kind."""
    (tmp_path / "device.json").write_text(json.dumps({"password": stored(PASSWORD)}))
    with contextlib.ExitStack() as stack:

        def start(kind):
            served = serve(PARTITION, cwd=tmp_path, args=[kind], patched=True)
            client = httpx.Client(base_url=served.url, trust_env=False, auth=RIGHT, timeout=20)
            client.server = served
            return stack.enter_context(client)

        yield start


ROMFS = "/device/api/romfs"


def room(client):
    return client.get("/device/api/apps").json()["romfs"]


def test_partition_that_is_memory(partition):
    client = partition("memory")
    image = build_romfs.image({"notes.bin": b"notes" * 500})
    assert client.put(ROMFS, content=image).status_code == 204
    assert client.get("/file").content == b"notes" * 500
    client.get("/do/break")
    # The old one is gone by then: what cannot be cleared stays.
    assert client.put(ROMFS, content=image).status_code == 500
    assert "EIO" in client.server.log()


def test_no_partition(partition):
    client = partition("nothing")
    assert room(client) is None
    assert client.put(ROMFS, content=b"\xd2\xcd\x31\x00").status_code == 501


def test_partition_that_is_worn_out(partition):
    """What was written is compared: an image that is not whole is none."""
    client = partition("device")
    client.get("/do/wear")
    image = build_romfs.image({"notes.bin": bytes(range(256))})
    assert client.put(ROMFS, content=image).status_code == 500
    assert room(client) == [0, 16384]


@pytest.mark.parametrize(
    "head", ["ffffffff", "d2cd31ffffffffffff", "d2cd3182807f", "d2cd3187ff7f"], ids=str
)
def test_partition_with_something_else(partition, head):
    """Flash that is erased, and images that would be larger than it."""
    client = partition("device")
    client.get("/do/" + head)
    assert room(client) == [0, 16384]
    assert client.delete(ROMFS).status_code == 204


def number(n):
    groups = [n & 127]
    while n := n >> 7:
        groups.append(n & 127 | 128)
    return bytes(reversed(groups))


def rom(records):
    """An image of these records; its head has as many bytes as its length says."""
    return b"\xd2\xcd\x31" + number(len(records)) + records


def folder(depth):
    inner = b""
    for _ in range(depth):
        inner = b"\x01a" + inner
        inner = b"\x04" + number(len(inner)) + inner
    return inner


IMAGES = {
    "16 folders in each other": (rom(folder(16)), 204),
    "17 folders": (rom(folder(17)), 400),
    "a pointer within": (rom(b"\x05\x06\x01a\x03\x02\x01\x04"), 204),
    "a pointer that leads out": (rom(b"\x05\x06\x01a\x03\x02\x01\x7f"), 400),
    "a folder that ends behind it": (rom(b"\x04\x7f\x01a"), 400),
    "a name that is no UTF-8": (rom(b"\x05\x04\x01\xff\x02\x00"), 400),
    "a number without an end": (rom(b"\xff\xff\xff\xff\xff\xff"), 400),
    "an unused record": (rom(b"\x00\x02ab"), 400),
    "less than a head": (b"\xd2\xcd\x31", 400),
    "an endless length": (b"\xd2\xcd\x31\xff\xff\xff\xff\x7f", 400),
    "nothing in it": (rom(b""), 204),
}


@pytest.mark.parametrize("what", IMAGES)
def test_what_an_image_may_be(partition, what):
    data, status = IMAGES[what]
    client = partition("device")
    assert client.put(ROMFS, content=data).status_code == status
    assert room(client) == [len(data) if status == 204 else 0, 16384]


def test_length_that_is_not_told(partition):
    image = build_romfs.image({"notes.bin": b"notes"})
    client = partition("device")
    assert client.put(ROMFS, content=iter([image])).status_code == 411
    assert room(client) == [0, 16384]


def test_two_images_at_once(partition):
    """The second client is told so, and the first goes on."""
    client = partition("device")
    image = build_romfs.image({"notes.bin": bytes(3000)})
    done = []
    begun, go_on = threading.Event(), threading.Event()

    def slowly():
        yield image[:1000]
        begun.set()
        go_on.wait(20)
        yield image[1000:]

    def put():
        fields = {"Content-Length": str(len(image))}
        url = str(client.base_url) + ROMFS
        done.append(httpx.put(url, content=slowly(), headers=fields, auth=RIGHT, timeout=20))

    thread = threading.Thread(target=put)
    thread.start()
    begun.wait(20)
    deadline = time.monotonic() + 20
    while client.delete(ROMFS).status_code != 409 and time.monotonic() < deadline:
        pass
    assert client.put(ROMFS, content=image).status_code == 409
    go_on.set()
    thread.join(20)
    assert done[0].status_code == 204
    assert room(client) == [len(image), 16384]


def test_program_that_has_failed_may_use_the_image(partition):
    client = partition("device")
    image = build_romfs.image({"notes.bin": b"notes"})
    assert client.put(ROMFS, content=image).status_code == 204
    client.get("/do/fail")
    for answer in (client.put(ROMFS, content=image), client.delete(ROMFS)):
        assert answer.status_code == 409
        assert answer.text.startswith("A program of the old image has run since the start")
    assert room(client) == [len(image), 16384]


def test_partition_that_is_a_block_device(partition):
    client = partition("device")
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

# SPDX-License-Identifier: MIT
"""The power fails at every write to flash: a file has its old content then, or its new one."""

import pytest

from support.simulator import SIMULATOR_MODULES, search_path

# A change is a function of the file system's folder; `of` reads what came out of it.
SETTINGS = """
from tinyweb.device import settings

OLD = {"name": "old", "mine": "x" * 600}
NEW = {"name": "new", "mine": "y" * 900}

def of(folder):
    return settings.read(folder + "/device.json")

def change(folder, value):
    settings.write(value, folder + "/device.json")
"""
BODY = """
class Body:
    # As a request has it, or WebREPL's client.
    method = b"PUT"
    headers = {}

    def __init__(self, data):
        self.data = data
        self.content_length = len(data)

    async def readinto(self, buf):
        n = min(len(buf), len(self.data))
        buf[:n] = self.data[:n]
        self.data = self.data[n:]
        return n
"""
UPLOAD = f"""
import asyncio, os
from tinyweb import uploads

OLD = b"old" * 500
NEW = b"new" * 900
{BODY}
def of(folder):
    uploads.clean(folder)
    if os.listdir(folder) != ["main.py"]:
        print("left:", os.listdir(folder))
    with open(folder + "/main.py", "rb") as file:
        return file.read()

def change(folder, value):
    asyncio.run(uploads.receive_file(Body(value), folder + "/main.py", min_free=0))
"""
# A new key is random: it is new if it is whole and has no part of the old one.
KEY = """
import os
from tinyweb import sign
from tinyweb.files import replace

NEW = "another"

def of(folder):
    path = folder + "/session.key"
    if "session.key" not in os.listdir(folder):
        return None
    with open(path, "rb") as file:
        key = file.read()
    if len(key) != 32 or sign.load_key(path) != key:
        return key
    if key == OLD:
        return OLD
    parts = range(0, 32, 4)
    return key if OLD and any(key[i : i + 4] == OLD[i : i + 4] for i in parts) else NEW

def change(folder, value):
    path = folder + "/session.key"
    if value == NEW:
        make(path)
    elif value:
        replace(path, value)
    elif of(folder):
        os.remove(path)
"""
FIRST_KEY = KEY + "OLD, make = None, sign.load_key"
OTHER_KEY = KEY + "OLD, make = bytes(range(32)), sign.new_key"
FOLDER = (
    BODY
    + """
import asyncio, os
from tinyweb.device import tree, unpack

OLD = {"main.py": b"old" * 300, "old.py": b""}
NEW = {"main.py": b"new" * 400, "www/new.txt": b"new"}

def archive(files):
    data = bytearray()
    for name, content in files.items():
        block = bytearray(512)
        block[:len(name)] = name.encode()
        block[124:136] = b"%011o\\0" % len(content)
        block[148:156] = b"        "
        block[156:157] = b"0"
        block[148:156] = b"%06o\\0 " % sum(block)
        data += block + content + bytes(-len(content) % 512)
    return data + bytes(1024)

class Archive(Body):
    query_string = b"tar"

def files(path, name=""):
    found = {}
    for entry in os.ilistdir(path):
        if entry[1] == 0x4000:
            found.update(files(path + "/" + entry[0], name + entry[0] + "/"))
        else:
            with open(path + "/" + entry[0], "rb") as file:
                found[name + entry[0]] = file.read()
    return found

def of(folder):
    # What the start does, and the next change.
    unpack.restore(folder + "/lamp")
    found = files(folder + "/lamp")
    asyncio.run(unpack.mend(folder + "/"))
    if os.listdir(folder) != ["lamp"] or files(folder + "/lamp") != found:
        print("left:", os.listdir(folder))
    return found

def change(folder, value):
    answer = asyncio.run(unpack.receive(Archive(archive(value)), folder + "/lamp", folder + "/"))
    assert answer[0] is None, answer
"""
)
CUTS = """
import sys, vfs
from file_systems import FailingDisk
from tinyweb import HTTPException

kind = getattr(vfs, sys.argv[1])
disk = FailingDisk(64)
kind.mkfs(disk)

def on(action, *args):
    vfs.mount(kind(disk), "/disk")
    try:
        return action("/disk", *args)
    finally:
        try:
            vfs.umount("/disk")
        except OSError:
            pass

on(change, OLD)
image = bytes(disk.data)
seen = set()
cuts = 0
# FAT relies on whole sectors.
for torn in (False, True) if sys.argv[1] == "VfsLfs2" else (False,):
    for left in range(1000):
        disk.data[:] = image
        disk.left = None
        vfs.mount(kind(disk), "/disk")
        disk.left = left
        disk.torn = torn
        try:
            change("/disk", NEW)
            whole = True
        except (OSError, HTTPException):
            whole = False
        try:
            vfs.umount("/disk")
        except OSError:
            pass
        disk.left = None
        found = on(of)
        if found not in (OLD, NEW) or whole and found != NEW:
            print("after", left, "writes:", found)
        seen.add(found == NEW)
        # It can be changed again.
        on(change, OLD)
        if on(of) != OLD:
            print("cannot be changed after", left)
        if whole:
            break
        cuts += 1
print(sorted(seen), cuts > 5)
"""


@pytest.mark.parametrize(
    "what, kind",
    [
        (SETTINGS, "VfsLfs2"),
        (SETTINGS, "VfsFat"),
        (UPLOAD, "VfsLfs2"),
        (FOLDER, "VfsLfs2"),
        (FIRST_KEY, "VfsLfs2"),
        (OTHER_KEY, "VfsLfs2"),
    ],
    ids=[
        "settings-littlefs",
        "settings-fat",
        "upload-littlefs",
        "folder-littlefs",
        "first-key-littlefs",
        "other-key-littlefs",
    ],
)
def test_power_is_cut_at_every_write(run_mpy, what, kind):
    done = run_mpy(what + CUTS, args=(kind,), heap="200m", env=search_path(SIMULATOR_MODULES))
    *others, last = done.stdout.splitlines()
    assert last == "[False, True] True", done.stdout
    # A file that could not be closed is closed once more by the collector, which this disk, being
    # written in Python, has no heap for then, and littlefs is upset: the heap is so large that
    # only the end collects.
    bad = [line for line in others if line.startswith(("after", "left", "cannot"))]
    assert not bad, done.stdout

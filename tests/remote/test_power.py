# SPDX-License-Identifier: MIT
"""The power fails at every write to flash: a file has its old content then, or its new one."""

import pytest

from support.simulator import TOP

MODULES = TOP / "tests" / "support" / "simulator_modules"

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
UPLOAD = """
import asyncio, os
from tinyweb import uploads

OLD = b"old" * 500
NEW = b"new" * 900

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

def of(folder):
    uploads.clean(folder)
    if os.listdir(folder) != ["main.py"]:
        print("left:", os.listdir(folder))
    with open(folder + "/main.py", "rb") as file:
        return file.read()

def change(folder, value):
    asyncio.run(uploads.receive_file(Body(value), folder + "/main.py", min_free=0))
"""
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
    [(SETTINGS, "VfsLfs2"), (SETTINGS, "VfsFat"), (UPLOAD, "VfsLfs2")],
    ids=["settings-littlefs", "settings-fat", "upload-littlefs"],
)
def test_power_is_cut_at_every_write(run_mpy, what, kind):
    done = run_mpy(what + CUTS, args=(kind,), env={"MICROPYPATH": f"{MODULES}:.frozen"})
    *others, last = done.stdout.splitlines()
    assert last == "[False, True] True", done.stdout
    # A file that could not be closed is closed once more by the collector, which this disk, being
    # written in Python, has no heap for then: it says so, and the power is off anyway.
    assert not [line for line in others if line.startswith(("after", "left", "cannot"))]

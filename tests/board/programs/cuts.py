# SPDX-License-Identifier: MIT
# The power is cut at each step of what the emulated board did to its flash: test_power.py.
# It runs in the simulator, with the firmware's own littlefs and modules.
#
# Arguments: the flash before, its sectors that are littlefs's, a file with the steps and with
# what was there and was to be, what was changed, and where the flash after all steps goes.

import json
import os
import sys

import vfs
from tinyweb import sign, uploads
from tinyweb.device import settings

SECTOR = 4096
ERASED = b"\xff" * SECTOR


class Flash:
    """As flashbdev gives it to littlefs: programming clears bits, an erase sets them."""

    def __init__(self, data):
        self.data = bytearray(data)

    def readblocks(self, n, buf, offset=0):
        at = n * SECTOR + offset
        buf[:] = memoryview(self.data)[at : at + len(buf)]

    def writeblocks(self, n, buf, offset=None):
        if offset is None:
            self.erase(n, SECTOR)
        self.program(n * SECTOR + (offset or 0), buf)

    def ioctl(self, op, arg):
        if op == 6:
            self.erase(arg, SECTOR)
        return {4: sectors, 5: SECTOR, 6: 0}.get(op)

    def erase(self, n, count):
        self.data[n * SECTOR : n * SECTOR + count] = ERASED[:count]

    def program(self, at, data):
        for i, byte in enumerate(data):
            self.data[at + i] &= byte

    def step(self, step, torn=False):
        """What the board did; by half where it is torn."""
        if isinstance(step, int):
            self.erase(step, SECTOR // 2 if torn else SECTOR)
        else:
            at, data = step
            self.program(at, data[: len(data) // 2] if torn else data)


def content(path):
    if path not in os.listdir("."):
        return None
    with open(path, "rb") as file:
        return file.read()


def found(what):
    """What is there after the start of a program that uses it, as text."""
    if what == "settings":
        return settings.read().get("mine")
    if what == "key":
        key = sign.load_key("session.key")
        return key.hex()
    uploads.clean("")
    if [name for name in os.listdir(".") if name.endswith(".part")]:
        return "a part is left"
    return content("data.bin").decode()


with open(sys.argv[1], "rb") as file:
    before = file.read()
sectors = int(sys.argv[2])
with open(sys.argv[3]) as file:
    notes = json.load(file)
steps = [
    step if isinstance(step, int) else (step[0], bytes.fromhex(step[1])) for step in notes["steps"]
]
old, new = notes["old"], notes["new"]
what = sys.argv[4]
folder = os.getcwd()
flash = Flash(before)
image = Flash(before)
seen = set()
cuts = 0
for number in range(len(steps) + 1):
    for torn in (False, True):
        if torn and number == len(steps):
            continue
        image.data[:] = flash.data
        if torn:
            image.step(steps[number], True)
        vfs.mount(vfs.VfsLfs2(image), "/flash")
        os.chdir("/flash")
        state = found(what)
        if state not in (old, new):
            print("after", number, "steps, torn" if torn else "steps", state)
        seen.add(state == new)
        # It can be written to.
        with open("more", "w") as file:
            file.write("x" * 5000)
        os.chdir(folder)
        vfs.umount("/flash")
        cuts += 1
    if number < len(steps):
        flash.step(steps[number])
with open(sys.argv[5], "wb") as file:
    file.write(flash.data)
print(cuts, sorted(seen))

# SPDX-License-Identifier: MIT
"""Each allocation of what the device does with its files and settings fails in turn.

That there was no memory is not taken for something else: for settings that are wrong, a file that
is not there, or an answer that is none.
"""

import json
import subprocess

import pytest

from support import faults as support
from support.simulator import environment, program_file

SETTINGS = {
    "password": "pbkdf2-sha256$1$dHdlbHZlIGJ5dGVz$ODa5HvD-1sD2lR1PFFufMZ7Tm03gvGXSbJZn38Q9HB0",
    "timezone": "CET-1CEST,M3.5.0,M10.5.0/3",
    "networks": [{"ssid": "home", "password": "12345678"}],
}
# call() is what is tried; it returns what can be compared.
CALLS = {
    "settings": """
from tinyweb.device import settings
def call():
    return settings.read("./device.json")
""",
    "settings that were cut off": """
from tinyweb.device import settings
def call():
    return settings.read("./other.json")
""",
    "device": """
from tinyweb.device import guard
def call():
    return guard.Device("./").settings
""",
    "start beside an application": """
import tinyweb
from tinyweb import device
def call():
    device._device = None
    app = tinyweb.webserver()
    app.log_error = lambda exc, req: print(repr(exc))
    device.mount(app)
    return len(app.routes)
""",
    "release": """
from tinyweb.device import release
text = open("release.json").read()
def call():
    return release._parsed(text), release.newer("1.2.3", "1.2.2-rc1")
""",
    "number of the release": """
from tinyweb.device import guard, release
class Device:
    root = "./"
    settings = {"updates": ""}
releases = release.Releases(Device)
def call():
    return releases._number()
""",
    "digest of a file": """
import asyncio
from tinyweb.device import release
def call():
    return asyncio.run(release._digest("./release.json"))
""",
    "programs": """
from tinyweb.device import apps
def call():
    return apps.programs("./")
""",
    "archive of a folder": """
from tinyweb.device import archive
def call():
    return sum(sum(part) for part in archive.parts("./apps", "apps"))
""",
    "folder": """
from tinyweb.device import tree
def call():
    return "".join(tree._json("./apps")).split('"files"')[1]
""",
    "devices in the network": """
from tinyweb.device import neighbours
from tinyweb.mdns import service_type
kind = service_type(neighbours.SERVICE)
answer = open("answer", "rb").read()
def call():
    found = {}
    neighbours.read(answer, kind, found)
    return found
""",
}
TRIED = """
import os, struct, sys
control = open(os.getenv("FAULTS"), "r+b")
END = bytes(4)

def outcome(plan):
    control.seek(0)
    control.write(plan)
    try:
        value = call()
    except Exception as exc:
        value = exc
    control.seek(4)
    control.write(END)
    return repr(value), control.read(4) != END

right, _ = outcome(bytes(12))
skip = 0
while True:
    got, failed = outcome(struct.pack("<iii", skip, 1, 0))
    if got != right and not got.startswith("MemoryError"):
        print(skip, got)
    if not failed:
        break
    skip += 1
print(skip, right)
"""
ANSWER = (
    "1234840000000001000000020e5f63697263756974707974686f6e045f746370056c6f63616c00000c00010000000a"
    "000a074d79204c616d70c00cc0310021000100000000000d000000001f90046c616d70c020c04d0001000100000000"
    "0004c0a80407"
)


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def simulator(request, tmp_path_factory):
    return support.link(request.param, tmp_path_factory.mktemp("faults"))


@pytest.fixture
def tried(simulator, tmp_path):
    """``tried(call)``: what is printed of it, in a folder with some files."""
    folder = tmp_path / "files"
    (folder / "apps" / "lamp").mkdir(parents=True)
    (folder / "apps" / "lamp" / "main.py").write_text("lamp")
    (folder / "device.json").write_text(json.dumps(SETTINGS))
    (folder / "other.json.new").write_text("{")
    (folder / "device-release.json").write_text('{"number": 7}')
    (folder / "answer").write_bytes(bytes.fromhex(ANSWER))
    entry = {"file": "a", "size": 1, "sha256": "0"}
    release = {"number": 1, "files": [{"path": "/a", **entry}]}
    (folder / "release.json").write_text(json.dumps(release))

    def run(call):
        faults = support.Faults(tmp_path)
        program = program_file(call + TRIED, tmp_path)
        done = subprocess.run(
            simulator.command(program),
            cwd=folder,
            env=environment(faults.environment),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        run.folder = folder
        return done.stdout.splitlines()

    run.folder = folder
    return run


@pytest.mark.parametrize("what", CALLS)
def test_memory_error_is_taken_for_nothing_else(tried, what):
    *others, last = tried(CALLS[what])
    assert not others
    count, right = last.split(" ", 1)
    assert int(count) > 1 and "Error" not in right

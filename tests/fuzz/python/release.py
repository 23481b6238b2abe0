# SPDX-License-Identifier: MIT
"""Release files: the first byte says what the rest is.

0: the file. 1: what is between its outer braces. 2: two versions, apart by a line feed. What is
understood is applied; each file that it names can be had.
"""

import asyncio
import json
import os

from harness import raises, run
from tinyweb import aio
from tinyweb.device import release, settings
from tinyweb.files import NEW

ROOT = "release/"
FOLDER = 0x4000
CONTENT = b"print('new')\n"
OLD = {"name": "lamp", "updates": "http://a/release.json", "kept": [1]}
# Files of a release that are looked at, and files that a release cannot name.
MOST = 8
OWN = ("device.json", "device-release.json")


class Device:
    """What a release changes."""

    root = ROOT
    path = ROOT + "device.json"
    settings = OLD

    def reload(self):
        pass


class Releases(release.Releases):
    """Gets each file that is asked for."""

    async def _fetch(self, path, entry):
        parent = path[: path.rfind("/")]
        if len(parent) >= len(ROOT):
            release.tree.make(parent, ROOT)
        with open(path + NEW, "wb") as file:
            file.write(CONTENT)


def clear(folder):
    for entry in os.ilistdir(folder):
        path = folder + entry[0]
        if entry[1] == FOLDER:
            clear(path + "/")
            os.rmdir(path)
        else:
            os.remove(path)


def content(path):
    with open(path, "rb") as file:
        return file.read()


def entries(folder):
    return sorted(entry[0] for entry in os.ilistdir(folder))


def check_applied(found):
    """That the device is as the release says."""
    values = dict(OLD)
    for key, value in found.get("settings", {}).items():
        values.pop(key, None)
        if value is not None:
            values[key] = value
    for entry in found.get("files", ()):
        path = [part for part in entry["path"].split("/") if part]
        if "/".join(path) not in OWN and ROOT[:-1] + NEW not in path:
            assert content(ROOT + "/".join(path)) in (CONTENT, b"old"), entry
    assert settings.read(Device.path) == json.loads(json.dumps(values))


def check_file(data):
    found = raises(ValueError, release._parsed, data)
    if found is None or len(found.get("files", ())) > MOST:
        return
    clear(ROOT)
    with open(ROOT + "a.txt", "wb") as file:
        file.write(b"old")
    os.mkdir(ROOT + "sub")
    settings.write(OLD, Device.path)
    outside = entries(".")
    releases = Releases(Device())
    try:
        changed = asyncio.run(releases._apply(found, 5))
    except (OSError, ValueError) as exc:
        assert str(exc), exc  # The page shows it.
        assert releases._number() == 0
        assert settings.read(Device.path)
    else:
        assert changed or not found.get("settings")
        assert changed or not found.get("files") or content(ROOT + "a.txt") == b"old"
        check_applied(found)
    finally:
        aio.loop_left()
    assert entries(".") == outside


def check_versions(data):
    try:
        one, other = data.decode().split("\n", 1)
    except ValueError:
        return
    newer = raises(ValueError, release.newer, one, other)
    if newer is None:
        return
    assert not (newer and release.newer(other, one))
    assert not release.newer(one, one)
    if "-" not in one:
        assert release.newer(one, one + "-rc1") and release.newer(one + ".1", one)


try:
    os.mkdir(ROOT[:-1])
except OSError:
    pass  # It is there.


def check(data):
    if not data:
        return
    kind, data = data[0] % 3, data[1:]
    if kind == 2:
        check_versions(data)
    else:
        check_file(b"{" + data + b"}" if kind else data)


run(check)

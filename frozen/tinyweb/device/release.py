# SPDX-License-Identifier: MIT
"""What a web server says that the device should have: its image, files and settings.

The setting `updates` is the URL of a release file, which the device looks at from time to time;
docs/update.md and docs/fleets.md say what is in it.
"""

import asyncio
import json
import os
import sys
from binascii import hexlify
from hashlib import sha256

import _tinyweb
from httpparse import quote

from micropython import const
from tinyweb import HTTPException, aio
from tinyweb.device import actions, fetch, settings, start, tree, update
from tinyweb.files import NEW, is_folder, replace

try:
    from tinyweb.device.update_key import KEY  # of the build
except ImportError:
    KEY = None

# Which release the device has, beside its settings.
_STATE = "device-release.json"
# Bytes that a release file, and its signature, may have.
_LONGEST = const(8192)
_SIGNATURE = const(80)
_EVERY = const(3600)
# Devices that start at once look at it within so many s.
_SPREAD = const(600)
_PIECE = const(1024)


def identity():
    """What tells the device from others, str."""
    try:
        from machine import unique_id
    except ImportError:
        return "simulator"
    return hexlify(unique_id()).decode()


def share(name, of):
    """A number below `of` that belongs to the device `name`, and is as good as drawn by lot."""
    return int.from_bytes(sha256(name.encode()).digest()[:4], "big") % of


def newer(version, than):
    """Whether `version` comes after `than`; both str, "1.2.3", or "1.2.3-rc1" before it."""
    return _order(version) > _order(than)


def _order(version):
    numbers, *before = version.split("-", 1)
    try:
        return [int(n) for n in numbers.split(".")], not before, before
    except ValueError:
        raise ValueError("no version: {}".format(version))


class Releases:
    """What keeps `device`, a guard.Device, as the release file at its setting `updates` says.

    failed: the number of the release that could not be had, or 0.
    """

    failed = 0

    def __init__(self, device):
        self.device = device
        self.url = device.settings["updates"]
        self._looking = False

    async def keep(self):
        """Look at it for ever. Coroutine."""
        every = self.device.settings.get("updates_every", _EVERY)
        await asyncio.sleep(share(identity(), min(every, _SPREAD)))
        while True:
            try:
                if await self.look():
                    actions.restart()
                    return
            except Exception as exc:
                # The network, the memory or the flash: whatever it is, it is tried again.
                self.device.app.log_error(exc, None)
            await asyncio.sleep(every)

    async def look(self):
        """Look at it once, and take what it has. Coroutine; returns whether to restart.

        Raises OSError or ValueError with a sentence where that cannot be done.
        """
        if self._looking:
            raise ValueError("an update is on its way already: try again later")
        self._looking = True
        try:
            return await self._look()
        finally:
            self._looking = False

    async def _look(self):
        number = self._number()
        text = await _read(self.url + self._report(number), _LONGEST)
        if KEY is not None:
            signature = await _read(self.url + ".sig", _SIGNATURE)
            if not _tinyweb.verify(KEY, sha256(text).digest(), signature):
                raise ValueError("the release file is not signed by who may do so")
        release = _parsed(text)
        if share(identity() + "%", 100) >= release.get("percent", 100):
            return False
        if update.is_pending():
            return False  # One after the other.
        new = release.get("number", 0)
        try:
            changed = new > number and await self._apply(release, new)
            return await self._image(release) or changed
        except Exception:
            self.failed = new
            raise

    def _report(self, number):
        # A web server that only has files writes this to its log.
        failed = self.failed
        if start.failure is not None or start.safe or update.taken_back() is not None:
            failed = number
        return "?device={}&version={}&release={}&failed={}".format(
            quote(self.device.name()), update.version(), number, failed
        )

    def _number(self):
        try:
            with open(self.device.root + _STATE) as file:
                return int(json.load(file)["number"])
        except (OSError, KeyError, TypeError, ValueError):
            return 0

    # What it has

    async def _image(self, release):
        image = release.get("images", {}).get(getattr(sys.implementation, "_build", sys.platform))
        if image is None or update.places() is None:
            return False
        version = image["version"]
        if not newer(version, update.version()) or version == update.taken_back():
            return False
        answer = await fetch.get(fetch.join(self.url, image["file"]))
        try:
            await update.install(answer, image["size"], image["sha256"], version)
        finally:
            await answer.close()
        return True

    async def _apply(self, release, number):
        # Files all come before the first takes its place.
        files = []
        for entry in release.get("files", ()):
            try:
                path = tree.path_of(self.device.root, entry["path"])
            except HTTPException:
                raise ValueError("a file's path leads elsewhere: {}".format(entry["path"]))
            if path.lower() == self.device.path.lower():
                raise ValueError("settings are no file of a release")
            if await _digest(path) != entry["sha256"]:
                await self._fetch(path, entry)
                files.append(path)
        values = release.get("settings", {})
        if values.get("password", "") is None:
            raise ValueError("a password can be changed, but not taken away")
        if values:
            # Not by change(): a key may have any name.
            known = settings.read(self.device.path)
            settings.merge(known, values)
            settings.write(known, self.device.path)
        for path in files:
            os.rename(path + NEW, path)
        replace(self.device.root + _STATE, json.dumps({"number": number}).encode())
        self.device.reload()
        return bool(files or values)

    async def _fetch(self, path, entry):
        parent = path[: path.rfind("/")]
        if len(parent) >= len(self.device.root) and not is_folder(parent):
            tree.make(parent, self.device.root)
        answer = await fetch.get(fetch.join(self.url, entry["file"]))
        try:
            buf = bytearray(_PIECE)
            hash = sha256()
            size = 0
            with open(path + NEW, "wb") as file:
                while True:
                    n = await answer.readinto(buf)
                    if not n:
                        break
                    size += n
                    if size > entry["size"]:
                        break
                    hash.update(memoryview(buf)[:n])
                    file.write(memoryview(buf)[:n])
            if size != entry["size"] or hexlify(hash.digest()).decode() != entry["sha256"]:
                raise ValueError("{} is not what was announced".format(entry["file"]))
        except BaseException:
            os.remove(path + NEW)
            raise
        finally:
            await answer.close()


async def _read(url, most):
    answer = await fetch.get(url)
    try:
        return await answer.read(most)
    finally:
        await answer.close()


async def _digest(path):
    # The SHA-256 of the file `path` as text, or None where there is none.
    try:
        file = open(path, "rb")
    except OSError:
        return None
    buf = bytearray(_PIECE)
    hash = sha256()
    with file:
        while True:
            n = file.readinto(buf)
            if not n:
                return hexlify(hash.digest()).decode()
            hash.update(memoryview(buf)[:n])
            await aio.pass_on()


# What the file may be: of each key its type, and whether it has to be there.
_RELEASE = (
    ("number", int, False),
    ("percent", int, False),
    ("images", dict, False),
    ("files", list, False),
    ("settings", dict, False),
)
_IMAGE = (("version", str, True), ("file", str, True), ("size", int, True), ("sha256", str, True))
_FILE = (("path", str, True),) + _IMAGE[1:]


def _parsed(text):
    try:
        release = json.loads(text)
    except ValueError:
        raise ValueError("the release file is no JSON")
    _check(release, _RELEASE)
    for image in release.get("images", {}).values():
        _check(image, _IMAGE)
    for file in release.get("files", ()):
        _check(file, _FILE)
    return release


def _check(values, keys):
    if not isinstance(values, dict):
        raise ValueError("the release file has something that is no object: {...}")
    for key, kind, needed in keys:
        if (needed or key in values) and not isinstance(values.get(key), kind):
            raise ValueError("the release file: {} is no {}".format(key, kind.__name__))

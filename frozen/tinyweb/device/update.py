# SPDX-License-Identifier: MIT
"""The program in flash, replaced over the network, where there are two partitions for it.

One runs, the other takes the new one. The boot loader starts that once; unless it is confirmed
then, the next start has the old one again. The states are the boot loader's own, in the partition
`otadata` (ESP-IDF: esp_flash_partitions.h, "Over The Air Updates").
"""

import asyncio
import struct
from binascii import crc32, hexlify
from hashlib import sha256

from micropython import const
from tinyweb import aio, interfaces, uploads
from tinyweb.device import about, fetch, settings, start
from tinyweb.device.image import HEAD, Image, describe

try:
    from esp32 import Partition
except ImportError:
    Partition = None  # Another chip.

_SECTOR = const(4096)
_ERASE = const(6)  # a block device's ioctl()
_OTA_DATA = const(0)
_FIRST = const(0x10)  # the subtype of ota_0
_NONE = 0xFFFFFFFF

# States in `otadata`.
_PENDING = const(1)
_INVALID = const(3)
_ABORTED = const(4)

# Between looks whether the pages answer, and how long one may take, in s.
_LOOK = const(2)
_ANSWER = const(10)
# How long a program that is not confirmed may go on once it has run for a minute, in ms.
_DEADLINE = const(240000)
# Those that tinyweb.device.start is done with by then.
_TIMERS = (2, 0)
# What the pages answer to who does not know the password.
_QUESTIONS = ((b"/cp/version.json", b" 200 "), (b"/device/", b" 401 "))

TAKEN_BACK = "The last update did not answer: the program before it runs again.\n"

_timer = None
_busy = False


def places():
    """(the partition that runs, the one that takes an update), or None where there is one only."""
    if Partition is None:
        return None
    running = Partition(Partition.RUNNING)
    try:
        other = running.get_next_update()
    except OSError:
        return None
    return None if other.info()[4] == running.info()[4] else (running, other)


def head(partition):
    """What describe() tells of the program in `partition`, or None."""
    data = bytearray(HEAD)
    partition.readblocks(0, data)
    return describe(data)


def _told(running, other):
    # What otadata says of both: [(sequence number, state)] of each, (0, None) where nothing.
    told = {_FIRST: (0, None), _FIRST + 1: (0, None)}
    (data,) = Partition.find(Partition.TYPE_DATA, _OTA_DATA)
    entry = bytearray(32)
    for sector in (0, 1):
        data.readblocks(sector, entry)
        number, state, crc = struct.unpack("<I20xII", entry)
        if number in (0, _NONE) or crc != crc32(memoryview(entry)[:4], _NONE):
            continue
        place = _FIRST + (number - 1) % 2
        told[place] = max(told[place], (number, state))
    return [told.get(partition.info()[1], (0, None)) for partition in (running, other)]


def is_pending():
    """Whether the program that runs is on trial: not confirmed yet."""
    found = places()
    return found is not None and _told(*found)[0][1] == _PENDING


def taken_back():
    """The version (str) of the last update, if the boot loader has taken it back; else None."""
    found = places()
    if found is None:
        return None
    (number, _), (new, state) = _told(*found)
    if new <= number or state not in (_INVALID, _ABORTED):
        return None
    described = head(found[1])
    return described[2] if described else ""


def version():
    """The version of the program that runs, str."""
    found = places()
    described = found and head(found[0])
    if described:
        return described[2]
    from tinyweb import __version__

    return __version__


def state(device):
    """What the page asks for, a dict; room is None where no update can be taken."""
    found = places()
    return {
        "version": version(),
        "room": found and found[1].info()[3],
        "source": (device.settings or {}).get("updates"),
        "pending": is_pending(),
        "taken_back": taken_back(),
    }


async def install(source, size=None, digest=None, version=None):
    """Write an image to the other partition, and let the next start have it. Coroutine.

    source: has a coroutine readinto(buf), as a request: how many bytes it has put there, 0 at the
        end.
    size: bytes of the image, if they are known. digest: its SHA-256, str of hexadecimal digits.
        version: what it has to say that it is, str.

    Returns the image's version. What runs stays as it is, whatever happens.

    Raises ValueError with a sentence if it is no image for here, or there is no place for one.
    """
    global _busy
    found = places()
    if found is None:
        raise ValueError("there is one place for a program only: this image cannot be replaced")
    if _busy or is_pending():
        # The other one is what a failure leads back to.
        raise ValueError("an update is on its way already: try again later")
    described = head(found[0])
    if described is None:
        raise ValueError("the program that runs does not say what it is")
    _busy = True
    try:
        return await _write(source, found[1], described, size, digest, version)
    finally:
        _busy = False


async def _write(source, place, described, size, digest, version):
    chip, project, _ = described
    room = place.info()[3]
    if size is not None and size > room:
        raise ValueError("the image is larger than its place")
    image = Image(room, chip, project)
    whole = sha256()
    first = None
    block = bytearray(_SECTOR)
    view = memoryview(block)
    number = 0
    while True:
        n = await uploads.fill(source, block)
        if not n:
            break
        image.feed(view[:n])
        whole.update(view[:n])
        for at in range(n, _SECTOR):
            block[at] = 0xFF
        if number:
            place.writeblocks(number, block)
        else:
            # Without its beginning it is no program; that comes last.
            place.ioctl(_ERASE, 0)
            first = bytes(block)
        number += 1
        await aio.pass_on()
    image.end()
    if size is not None and image.size != size:
        raise ValueError("the image is {} bytes, not {}".format(image.size, size))
    if digest is not None and hexlify(whole.digest()).decode() != digest:
        raise ValueError("the image's SHA-256 is not what was announced")
    if version is not None and image.version != version:
        raise ValueError("the image is {}, not {}".format(image.version, version))
    place.writeblocks(0, first)
    try:
        place.set_boot()  # It reads the image once more, from flash.
    except OSError as exc:
        place.ioctl(_ERASE, 0)
        raise ValueError("the chip refuses the image: {}".format(exc))
    return image.version


# A program on trial


def watch():
    """Restart in some minutes if the program is on trial then. tinyweb.device.start calls it."""
    global _timer
    if _timer is not None or not is_pending():
        return
    try:
        values = settings.read()
        if "password" not in values or not values.get("enabled", True):
            return  # There are no pages that could answer: a program of the user's own confirms.
    except (OSError, ValueError):
        pass  # The program before this one may know what to do.
    _timer = start.once(_TIMERS, _DEADLINE, _give_up)


def _give_up(_):
    from machine import reset

    reset()


async def confirm(device):
    """Confirm the program that is on trial, once the network is there and its pages answer.

    device: a guard.Device. Coroutine.
    """
    global _timer
    while not (_is_up(device) and await _answers(device.app)):
        await asyncio.sleep(_LOOK)
    Partition.mark_app_valid_cancel_rollback()
    if _timer is not None:
        _timer.deinit()
        _timer = None


def _is_up(device):
    if device.app._listener is None:
        return False
    if device.station is None:
        return about.address() != ""
    # Its own access point is no network that it has joined.
    return device.station.state == "joined" or interfaces.is_wired()


async def _answers(app):
    try:
        for path, status in _QUESTIONS:
            if status not in await asyncio.wait_for(_ask(app, path), _ANSWER):
                return False
    except (OSError, asyncio.TimeoutError):
        return False
    return True


async def _ask(app, path):
    # The status line of the answer to a GET for `path`.
    host, port = app._address
    if host == "0.0.0.0":
        host = about.address()
    reader, writer = await fetch.connect(host, port, app._ssl is not None)
    try:
        writer.write(b"GET " + path + b" HTTP/1.0\r\n\r\n")
        await writer.drain()
        return await reader.readline()
    finally:
        writer.close()
        await writer.wait_closed()


def join(device):
    """What a start of the device's pages does. device: a guard.Device."""
    if device.users is None or not device.enabled:
        return
    if is_pending():
        asyncio.create_task(confirm(device))
    elif taken_back() is not None:
        device.log.write(TAKEN_BACK)
    if "updates" in device.settings:
        from tinyweb.device import release

        device.releases = release.Releases(device)
        asyncio.create_task(device.releases.keep())

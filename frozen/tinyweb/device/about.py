# SPDX-License-Identifier: MIT
"""/cp/: what the device is, as CircuitPython's web workflow says it."""

import asyncio
import os
import sys

from micropython import const
from tinyweb import HTTPException, interfaces

# What programs find here: the fourth version of the web workflow.
_VERSION = const(4)
# How often a request looks whether another one's search has ended, in ms.
_PAUSE = const(100)


def answer(req, resp, device, name):
    """Answer a request for `name`, the decoded path behind /cp/."""
    resp.headers["Cache-Control"] = "no-store"
    if name == "version.json":
        return version(req, device)
    if name == "diskinfo.json":
        return disks(device.root)
    if name == "devices.json":
        return others(req, device)
    raise HTTPException(404)


async def others(req, device):
    """Which devices are in the network beside this one, a dict. Coroutine, for a second.

    One request at a time asks: anybody may send them.
    """
    from tinyweb.device import neighbours

    while device.searching:
        await asyncio.sleep_ms(_PAUSE)
    device.searching = True
    try:
        found = await neighbours.find(version(req, device)["ip"])
    except OSError:
        found = []  # There is no network.
    finally:
        device.searching = False
    name = device.name().lower()
    found = [other for other in found if other["hostname"].lower() != name]
    return {"total": len(found), "devices": found}


def version(req, device):
    """What the device is, a dict."""
    # "3.4.0; MicroPython v1.28.0 on 2026-10-01"
    date = sys.version.split(" on ")[-1]
    board = getattr(sys.implementation, "_build", sys.platform)
    host = str(req.headers.get(b"Host", b""), "utf-8")
    at = host.rfind(":")
    if at <= host.rfind("]"):
        at = len(host)  # No port, and the colons of an IPv6 address are not its.
    port = host[at + 1 :]
    return {
        "web_api_version": _VERSION,
        "version": ".".join(str(n) for n in sys.implementation.version[:3]),
        "build_date": date,
        "board_name": getattr(sys.implementation, "_machine", sys.platform),
        "mcu_name": sys.platform,
        "board_id": board,
        "creator_id": 0,
        "creation_id": 0,
        "hostname": device.name(),
        "port": int(port) if port.isdigit() else 80,
        "ip": address() or host[:at],
    }


def address():
    """The device's address, str; "" where it has none, or nobody knows, as in the simulator."""
    for _, own, _ in interfaces.found():
        return own
    return ""


def disks(root):
    """What file systems there are, a list of dicts."""
    if root != "/":
        return [disk(root, "/")]
    import vfs

    return [disk(point, point, type(fs).__name__ != "VfsRom") for fs, point in vfs.mount()]


def disk(path, shown="/", writable=True):
    """What the file system of the folder `path` has, a dict.

    shown: what it is called. writable: whether it can be written.
    """
    stat = os.statvfs(path)
    return {
        "root": shown,
        "free": stat[3],
        "total": stat[2],
        "block_size": stat[1] or stat[0],
        "writable": writable,
    }

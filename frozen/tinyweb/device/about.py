# SPDX-License-Identifier: MIT
"""/cp/: what the device is, as CircuitPython's web workflow says it."""

import os
import sys

from micropython import const
from tinyweb import HTTPException

# What programs find here: the fourth version of the web workflow.
_VERSION = const(4)


def answer(req, resp, device, name):
    """Answer a request for `name`, the decoded path behind /cp/."""
    resp.headers["Cache-Control"] = "no-store"
    if name == "version.json":
        return version(req, device)
    if name == "diskinfo.json":
        return disks(device.root)
    if name == "devices.json":
        # Others are not looked for.
        return {"total": 0, "devices": []}
    raise HTTPException(404)


def version(req, device):
    """What the device is, a dict."""
    # "3.4.0; MicroPython v1.28.0 on 2026-10-01"
    date = sys.version.split(" on ")[-1]
    board = getattr(sys.implementation, "_build", "") or sys.platform
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
        "ip": _address() or host[:at],
    }


def _address():
    try:
        import network

        for interface in (network.STA_IF, network.AP_IF):
            wlan = network.WLAN(interface)
            if wlan.active() and wlan.ifconfig()[0] != "0.0.0.0":
                return wlan.ifconfig()[0]
    except (ImportError, AttributeError, OSError):
        pass  # The simulator, or a board whose network is no Wi-Fi.
    return ""


def disks(root):
    """What file systems there are, a list of dicts."""
    if root != "/":
        return [_disk(root, "/", True)]
    import vfs

    try:
        mounts = [(type(fs).__name__, point) for fs, point in vfs.mount()]
    except TypeError:
        mounts = [("", "/")]  # Before MicroPython 1.25 it told nobody.
    return [_disk(point, point, kind != "VfsRom") for kind, point in mounts]


def _disk(path, shown, writable):
    stat = os.statvfs(path)
    return {
        "root": shown,
        "free": stat[3],
        "total": stat[2],
        "block_size": stat[1] or stat[0],
        "writable": writable,
    }

# SPDX-License-Identifier: MIT
"""The programs that are there, one of which the setting `main` names, and packages of mip."""

import os

from micropython import const
from tinyweb import HTTPException
from tinyweb.device import romfs, start, tree

# How many are told.
_MOST = const(32)
# Where mip gets a package from that is no URL; seconds that it waits for a server.
_INDEX = "https://micropython.org/pi/v2"
_PATIENCE = const(20)

FAILED = "{} cannot be installed: {}. Some of its files may be there.\n"


def listed(device):
    """What there is and what runs, a dict."""
    view = romfs.memory()
    return {
        "apps": programs(device.root),
        "main": (device.settings or {}).get("main", "main.py"),
        "running": start.main if start.running else None,
        "romfs": view and (romfs.used(view), len(view)),
    }


def programs(root):
    """The programs below the folder `root`, a list of str and at most 32: files, or folders.

    A folder is a program if it has a main.py or main.mpy.
    """
    found = ["main.py"] if start.found(root + "main.py") else []
    # What is beside the main.py of ROMFS is its own.
    whole = start.found(root + "rom")
    if whole:
        found.append("rom")
    for folder in ("apps",) if whole else ("apps", "rom"):
        try:
            entries = os.ilistdir(root + folder)
        except OSError:
            continue  # There is no such folder.
        for entry in entries:
            if entry[0].startswith(".") or len(found) == _MOST:
                continue
            name = folder + "/" + entry[0]
            if (start.found(root + name) or "").endswith((".py", ".mpy")):
                found.append(name)
    return found


class _Url(str):
    # What mip asks of the URL of a list of files, and the ESP8266's str is without.
    def rpartition(self, separator):
        return self.rsplit(separator, 1)


async def fetch(req, device):
    """Install the package that the body names, by mip. Coroutine.

    The body is {"package": a URL or a name, "to": a folder, by default lib}. Nobody else is
    answered meanwhile.
    """
    try:
        import mip
        import requests
    except ImportError:
        raise HTTPException(501)
    wish = await req.read_parse_form_data()
    try:
        package = wish["package"].strip()
        folder = tree.path_of(device.root, wish.get("to", "lib"))
        if not package:
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError):
        raise HTTPException(400)

    class Requests:
        # mip's own would wait for ever.
        @staticmethod
        def get(url):
            return requests.get(url, timeout=_PATIENCE)

    mip.requests = Requests
    install = mip._install_json
    mip._install_json = lambda url, *others: install(_Url(url), *others)
    try:
        # As mip.install(), which tells a person how it went and a program nothing.
        told = "" if mip._install_package(package, _INDEX, folder, None, True) else "not found"
    except Exception as exc:
        told = repr(exc)  # Whatever a server may say, or not.
    finally:
        mip._install_json = install
    if told:
        return tree.refused(502, FAILED.format(package, told))
    return None, 204

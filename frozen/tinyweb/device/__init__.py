# SPDX-License-Identifier: MIT
"""The device beside an application: its files and what it is, over the network.

    from tinyweb import device

    device.set_password("...")  # once, at the prompt
    device.enable(app)

docs/device.md is the manual. Nothing of it takes memory before enable().
"""

import os
import sys

from tinyweb.device import settings


def set_password(password, root=None):
    """Set the device's password, which programs and people send with an empty user name.

    password: str of 8 characters or more; None takes it away: then nothing can be written.
    root: folder of the settings file, as for enable().

    It counts from the next request on. Raises ValueError for a shorter one, and what
    settings.change() does.
    """
    root = _root(root)
    stored = None if password is None else settings.hashed(password)
    settings.change(root + settings.PATH, password=stored)
    if _device is not None and _device.root == root:
        _device.reload()


def enable(app, root=None):
    """Serve the device's URLs, /fs/ and /cp/, beside the routes of `app`, a webserver.

    root: folder (str) of the files that can be reached; by default all on a board, the current
        one in the simulator. The settings file is in it.

    Nothing is served where the settings say so: {"enabled": false}. Raises ValueError if the
    application has one of these URLs itself.
    """
    global _device
    from tinyweb.device import guard

    _device = guard.Device(_root(root))
    _device.join(app)


def disable():
    """Answer none of the device's URLs any more, until enable() is called or the next start."""
    if _device is not None:
        _device.enabled = False


def connect(app):
    """Keep the device in a Wi-Fi network, beside `app`, a webserver; enable() comes before.

    It joins the strongest network of the setting `networks`, and again when that was away. Where
    none can be joined, it opens an access point with its own name, and whoever joins that gets a
    page that asks for a network.

    Returns a station.Station, whose `state` and `address` tell how that goes. Its stop() ends it.
    """
    from tinyweb.device.station import Station

    if _device is None:
        raise RuntimeError("device.enable(app) comes first")
    return Station(_device, app)


def localtime():
    """The time here, a tuple as that of time.gmtime(): that of the setting `timezone`, or UTC.

    The clock has to be set: the setting `ntp` does that in a network that connect() has joined.
    """
    from tinyweb.device import clock

    values = (
        _device.settings if _device is not None else settings.read(_root(None) + settings.PATH)
    )
    return clock.localtime((values or {}).get("timezone", "UTC0"))


# The guard.Device that enable() has made last.
_device = None


def _root(root):
    # With a slash at its end.
    if root is None:
        # The simulator's file system is that of the host.
        root = os.getcwd() if sys.platform in ("linux", "darwin") else "/"
    return root if root.endswith("/") else root + "/"

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
    global _device, _disabled
    from tinyweb.device import guard

    _disabled = False
    _device = guard.Device(_root(root))
    _device.join(app)


def disable():
    """Answer none of the device's URLs any more, until enable() is called or the next start.

    Before run() it keeps them away altogether.
    """
    global _disabled
    _disabled = True
    if _device is not None:
        _device.enabled = False


def mount(app):
    """What the start of `app`, a webserver, does: enable() where the device has a password.

    Where the application has no page at /, that leads to the device's pages.
    """
    if _device is None or (_device.app is not app and _device.app._listener is None):
        if _disabled:
            return
        try:
            values = settings.read(_root(None) + settings.PATH)
            if "password" not in values or not values.get("enabled", True):
                return
            enable(app)
        except (OSError, ValueError) as exc:
            # The application goes on without.
            app.log_error(exc, None)
            return
    if _device.app is app:
        _device.join_home()


def application():
    """The webserver that has the device's URLs, or None."""
    return _device and _device.app


def connected():
    """What connect() has made for the application that has the device's URLs, or None."""
    return _device and _device.station


def first_page():
    """What follows in the URL of the device for whoever has it in hand, str.

    While it has no password and serves its URLs, "device/#setup=KEY", which asks for one; else "".
    """
    if _device is None or _device.app._listener is None:
        return ""
    return _device.offer()


def path():
    """The path of the settings file, str."""
    return _device.path if _device is not None else _root(None) + settings.PATH


def note(text):
    """Add `text`, str, to the last lines of the log that the pages show."""
    if _device is not None:
        _device.log.write(text)


def factory_reset(root=None):
    """Remove all settings, the password too. Files stay. It counts from the next start on.

    root: folder of the settings file, as for enable().
    """
    import os

    root = _root(root)
    for path in (root + settings.PATH, root + settings.PATH + settings.NEW):
        try:
            os.remove(path)
        except OSError:
            pass  # There was none.
    if _device is not None and _device.root == root:
        _device.reload()


def connect(app, port=80):
    """Keep the device in a Wi-Fi network, beside `app`, a webserver; enable() comes before.

    It joins the strongest network of the setting `networks`, and again when that was away. Where
    none can be joined, it opens an access point with its own name, and whoever joins that gets a
    page that asks for a network.

    port: where `app` listens, an int: the ESP8266 tells it to other devices.

    Returns a station.Station, whose `state` and `address` tell how that goes. Its stop() ends it.
    """
    from tinyweb.device.station import Station

    if _device is None:
        raise RuntimeError("device.enable(app) comes first")
    _device.station = Station(_device, app, port)
    return _device.station


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
# Whether disable() was called since.
_disabled = False


def _root(root):
    # With a slash at its end.
    if root is None:
        # The simulator's file system is that of the host.
        root = os.getcwd() if sys.platform in ("linux", "darwin") else "/"
    return root if root.endswith("/") else root + "/"

# SPDX-License-Identifier: MIT
"""/device/api/: what the device's pages ask for, in JSON, beside the files of /fs/."""

import asyncio
import gc
import io
import sys

from _tinyweb import program

from micropython import const
from tinyweb import HTTPException, sign
from tinyweb.auth import refuse
from tinyweb.device import about, factory_reset, settings, start, tree

# Until the answer has left, in ms.
_PAUSE = const(500)
# What a program or settings may have, in bytes.
_LONGEST = const(32768)
# And a first password with its key.
_SHORT = const(1024)

_GET = ("state", "settings", "apps")
_CAUSES = ("PWRON_RESET", "HARD_RESET", "WDT_RESET", "DEEPSLEEP_RESET", "SOFT_RESET")


def answer(req, resp, device, name):
    """Answer a request for `name`, what follows /device/api/ in the path."""
    resp.headers["Cache-Control"] = "no-store"
    if name in _GET and req.method == b"GET":
        if name == "apps":
            from tinyweb.device import apps

            return apps.listed(device)
        return _state(device) if name == "state" else _settings(req, device)
    if name == "update":
        return _update(req, device)
    if name == "romfs" and (req.method == b"PUT" or req.method == b"DELETE"):
        from tinyweb.device import romfs

        return romfs.answer(req)
    if req.method == b"POST":
        # The route takes files of any size.
        if req.content_length is None:
            raise HTTPException(411)
        if req.content_length > (_LONGEST if device.users else _SHORT):
            raise HTTPException(413)
        if name == "first" and device.key() is not None:
            return _first(req, resp, device)
        if name == "settings":
            return _change(req, device)
        if name == "check":
            return _check(req)
        if name == "restart":
            if req.query_string == b"safe":
                start.leave_out()
            return restart()
        if name == "mip":
            from tinyweb.device import apps

            return apps.fetch(req, device)
        if name == "reset":
            factory_reset(device.root)
            return restart()
    raise HTTPException(405 if name in _GET or name == "romfs" else 404)


def _state(device):
    station = device.station
    gc.collect()
    free = gc.mem_free()
    state = {
        "name": device.name(),
        "address": about.address(),
        "ssid": station and station.ssid,
        "signal": _signal(),
        "uptime": device.uptime(),
        "cause": _cause(),
        "chip": sys.platform,
        "board": getattr(sys.implementation, "_machine", sys.platform),
        "version": sys.version.split("; ")[-1],
        "heap": (free, free + gc.mem_alloc()),
        "disk": about.disk(device.root),
        "main": start.main,
        "failure": start.failure,
        "safe": start.safe,
        "log": device.log.text(),
        "console": b"/cp/serial/" in device.app.routes,
    }
    return state


def _signal():
    # dBm, or None.
    try:
        import network

        return network.WLAN(network.STA_IF).status("rssi")
    except Exception:
        return None  # No Wi-Fi, or no network: each port has another error for it.


def _cause():
    # Why the device has started, the name of a constant of machine, or None.
    try:
        import machine

        cause = machine.reset_cause()
    except (ImportError, AttributeError):
        return None
    for name in _CAUSES:
        if getattr(machine, name, None) == cause:
            return name
    return None


# Settings


def _settings(req, device):
    if device.settings is None:
        raise HTTPException(409)
    if req.query_string == b"secrets":
        return device.settings
    shown = {}
    for key, value in device.settings.items():
        if key not in settings.SECRET:
            shown[key] = value
    if not req.query_string:
        # A backup has no networks then; the page shows them, but for their passwords.
        shown["networks"] = networks = []
        for network in device.settings.get("networks", ()):
            network = dict(network)
            if "password" in network:
                network["password"] = True
            networks.append(network)
    return shown


async def _change(req, device):
    return _changed(await req.read_parse_form_data(), device)


def _changed(wishes, device):
    try:
        values = settings.read(device.path)
        if not isinstance(wishes, dict):
            raise ValueError("settings are an object: {...}")
        new = wishes.pop("new_password", None)
        if new is not None:
            wishes["password"] = settings.hashed(new)
        if wishes.get("password", "") is None:
            raise ValueError("a password can be changed here, but not taken away")
        if isinstance(wishes.get("networks"), list):
            _keep_passwords(wishes["networks"], values.get("networks", ()))
        settings.merge(values, wishes)
        settings.write(values, device.path)
    except ValueError as exc:
        return tree.refused(400, str(exc) + "\n")
    device.reload()
    return None, 204


def _keep_passwords(networks, known):
    # Those that the page was not told are what they were.
    for network in networks:
        if isinstance(network, dict) and network.get("password") is True:
            for other in known:
                if other["ssid"] == network.get("ssid") and "password" in other:
                    network["password"] = other["password"]


async def _first(req, resp, device):
    # The first password, from whoever has the key.
    wait = device.limiter.attempt(req.peer)
    if wait:
        return await refuse(resp, 429, "Retry-After", wait)
    wishes = await req.read_parse_form_data()
    # While the body came, another may have used the key, or the prompt has set a password.
    device.reload()
    key = device.key()
    given = wishes.get("key") if isinstance(wishes, dict) else None
    if key is None or not isinstance(given, str) or not sign.equal(given.encode(), key):
        return tree.refused(403, device.closed() or "")
    device.limiter.succeeded(req.peer)
    return _changed({"new_password": wishes.get("new_password") or ""}, device)


# Programs


async def _check(req):
    # Whether a program can be compiled: {} or {"line": ..., "error": ...}.
    try:
        program(await req.read())
    except SyntaxError as exc:
        told = io.StringIO()
        sys.print_exception(exc, told)
        lines = told.getvalue().strip().split("\n")
        line = 0
        for part in lines:
            at = part.find('"program", line ')
            if at >= 0:
                line = int(part[at + 16 :].split(",")[0])
        return {"line": line, "error": lines[-1]}
    except MemoryError:
        raise HTTPException(413)
    return {}


# The image


async def _update(req, device):
    try:
        from tinyweb.device import update
    except ImportError:
        if req.method == b"GET":
            return {"room": None}  # The image is for a chip with one place for a program.
        raise HTTPException(404)
    if req.method == b"GET":
        return update.state(device)
    try:
        if req.method == b"POST":
            if device.releases is None:
                raise HTTPException(404)
            try:
                if not await device.releases.look():
                    return None, 204
            except OSError as exc:
                raise ValueError(str(exc))  # The other server's.
        elif req.method != b"PUT":
            raise HTTPException(405)
        elif b"Content-Range" in req.headers:
            raise HTTPException(400)  # It would be a part (RFC 9110 section 14.5).
        else:
            await update.install(req, req.content_length)
    except ValueError as exc:
        return tree.refused(400, str(exc) + "\n")
    return restart()


async def _reset(machine):
    await asyncio.sleep_ms(_PAUSE)
    machine.reset()


def restart():
    """Restart the device once the answer has left, which is returned."""
    import machine

    if not hasattr(machine, "reset"):
        raise HTTPException(501)
    asyncio.create_task(_reset(machine))
    return None, 202

# SPDX-License-Identifier: MIT
"""The access point where a person tells the device its network: a captive portal.

Whoever joins it gets the page of `setup_page` whatever they ask for, and nothing else of the
device; who comes by another network is served as always.
"""

from time import ticks_diff, ticks_ms

import _tinyweb

from micropython import const
from tinyweb import HTTPException, routes, wifi
from tinyweb.csrf import Csrf
from tinyweb.device import settings
from tinyweb.dns import NameServer, packed
from tinyweb.server import host
from tinyweb.values import redirect

_PAGE = b"/device/setup"
_CLIENTS = const(3)  # octets of the address that all clients of the access point have
_TOO_MANY = "Too many wrong passwords. Wait {} s.\n"


class Portal:
    """The access point of `station`, a station.Station, and what `app` answers to its clients."""

    def __init__(self, station, app):
        self._station = station
        self._app = app
        self._csrf = Csrf()
        self._used = None
        route = _tinyweb.route(
            None, handler=self._answer, methods=(b"GET", b"POST"), max_body_size=1024
        )
        self._route = routes.keeping(route, ("Host", "Origin", "Sec-Fetch-Site"))

    def open(self):
        """Switch the access point on. Raises OSError where the radio refuses."""
        import network

        device = self._station.device
        self._wlan = wlan = network.WLAN(network.AP_IF)
        wlan.active(True)
        password = (device.settings or {}).get("portal_password")
        if password is None:
            wlan.config(ssid=device.name(), security=network.AUTH_OPEN)
        else:
            wlan.config(ssid=device.name(), security=network.AUTH_WPA_WPA2_PSK, password=password)
        self.address = wlan.ifconfig()[0]
        self._clients = packed(self.address)[:_CLIENTS]
        self._names = NameServer(self.address)
        self._names.start(host=self.address)
        # Its clients get its pages for any URL.
        self._find = self._app.find
        self._app.find = self._find_route

    def close(self):
        """Switch the access point off."""
        self._app.find = self._find
        self._names.stop()
        self._wlan.active(False)

    def is_used(self, ms):
        """Whether a client has asked for something within the last `ms` milliseconds."""
        # Kept for days it would turn, and the portal would count as used for a week.
        if self._used is not None and ticks_diff(ticks_ms(), self._used) >= ms:
            self._used = None
        return self._used is not None

    def _find_route(self, req):
        if not self._is_client(req.peer):
            return self._find(req)
        self._used = ticks_ms()
        req.route = self._route
        return ()

    def _is_client(self, peer):
        try:
            address = host(peer)
            if isinstance(address, str):
                address = packed(address)
        except (TypeError, ValueError):
            return False
        return address[:_CLIENTS] == self._clients

    async def _answer(self, req, resp):
        resp.headers["Cache-Control"] = "no-store"
        path = req.path
        if req.method == b"POST":
            if path != _PAGE:
                raise HTTPException(404)
            return await self._wish(req)
        if path == _PAGE:
            from tinyweb.device import setup_page

            return setup_page.PAGE
        if path == _PAGE + b"/networks":
            return [
                {"ssid": ssid, "rssi": rssi, "secure": secure}
                for ssid, rssi, secure in wifi.networks()
            ]
        if path == _PAGE + b"/state":
            return self._state()
        # What phones and computers ask for, to find out whether they are in the Internet.
        return redirect("http://{}{}".format(self.address, _PAGE.decode()))

    def _state(self):
        station = self._station
        return {
            "state": station.state,
            "ssid": station.ssid,
            "address": station.address if station.state == "joined" else None,
            "reason": station.reason,
            "name": station.device.name(),
            "has_password": station.device.users is not None,
        }

    async def _wish(self, req):
        station = self._station
        device = station.device
        if not self._csrf.allows(req):
            raise HTTPException(403)
        data = await req.read_parse_form_data()
        network = {"ssid": data.get("ssid")}
        for key in ("password", "address", "hidden"):
            if data.get(key):
                network[key] = data[key]
        values = {}
        if data.get("name"):
            values["name"] = data["name"]
        refusal = await self._check_password(req, data, device)
        if refusal:
            return refusal
        try:
            if data.get("new_password"):
                values["password"] = settings.hashed(data["new_password"])
            station.check(network, values)
        except ValueError as exc:
            return str(exc) + "\n", 400
        station.wish(network, values)
        return self._state(), 202

    async def _check_password(self, req, data, device):
        # Once the device has a password, only who knows it may move it to another network.
        if device.closed() is not None:
            return None if device.settings is not None else (device.closed(), 403)
        wait = device.limiter.attempt(req.peer)
        if wait:
            return _TOO_MANY.format(wait), 429, {"Retry-After": str(wait)}
        if not await device.users("", data.get("device_password", "")):
            return "This is not the device's password.\n", 403
        device.limiter.succeeded(req.peer)
        return None

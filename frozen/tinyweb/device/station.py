# SPDX-License-Identifier: MIT
"""Keeps the device in a network: the strongest that it knows, or one that a person sets up.

The states are those of `Station.state`:

    "off"      no network is known, the portal is open
    "joining"  an attempt goes on
    "joined"   the device has an address
    "failed"   the last attempt has failed, `Station.reason` says why
"""

import asyncio
import sys
from time import ticks_add, ticks_diff, ticks_ms

from micropython import const
from tinyweb import wifi
from tinyweb.device import settings

# How often the network is looked at, and a client's wish, in ms.
_PAUSE = const(500)
# How long an attempt may take, in s.
_TIMEOUT = const(20)
# Between attempts to join a network that is known, in ms; the chip itself tries one all the time.
_RETRY = const(60000)
# How long a network may be away until the portal opens, in ms.
_AWAY = const(300000)
# How long the portal stays open once the device is in a network, so that it tells the address.
_LINGER = const(60000)
# The clock is set once a day, and tried again sooner where no server has answered, in ms.
_DAY = const(86400000)
_CLOCK_RETRY = const(600000)
# While somebody uses the portal, no other attempt takes the radio away from it, in ms.
_IN_USE = const(30000)


class Station:
    """What keeps the device in a network; connect() makes it.

    device: a guard.Device. app: the webserver whose place the portal takes for its clients.
    port: where it listens, which other devices are told.
    state: one of the above, str.
    ssid, address: of the network that the device is in, or was last; str or None.
    reason: why the last attempt failed, a sentence, or None.
    """

    state = "off"
    ssid = address = reason = None
    retry_ms = _RETRY
    away_ms = _AWAY
    linger_ms = _LINGER

    def __init__(self, device, app, port):
        self.device = device
        self._app = app
        self._port = port
        self._portal = None
        self._wish = None
        self._fixed = False  # whether the last attempt had an address of its own
        self._responder = None
        self._tried = self._lost = self._joined = self._clock_due = None
        self._task = asyncio.create_task(self._keep())

    def wish(self, network, values):
        """Join this network next.

        network: an entry of the setting `networks`.
        values: other settings, a dict, that are written with it once it is joined.
        """
        self._wish = (network, values)
        self.state = "joining"
        self.ssid = network["ssid"]
        self.reason = None

    def stop(self):
        """Leave the network as it is, close the portal, and look after neither any more."""
        self._task.cancel()
        self._close_portal()
        self._announce(None)

    def check(self, network, values):
        """Raise ValueError with a sentence if these cannot become settings.

        network, values: as for wish().
        """
        settings.check(dict(values, networks=[network]))

    async def _keep(self):
        self._set_up()
        while True:
            try:
                await self._look()
            except Exception as exc:
                # The radio, the memory or the flash: whatever it is, the device shall come back.
                self._app.log_error(exc, None)
            await asyncio.sleep_ms(_PAUSE)

    def _set_up(self):
        import network

        values = self.device.settings or {}
        if "country" in values:
            network.country(values["country"])
        # The chip remembers that an access point was open.
        network.WLAN(network.AP_IF).active(False)

    async def _look(self):
        now = ticks_ms()
        # A time that is kept for days would turn: it is forgotten once it has passed.
        if self._tried is not None and ticks_diff(now, self._tried) > self.retry_ms:
            self._tried = None
        if self._clock_due is not None and ticks_diff(now, self._clock_due) >= 0:
            self._clock_due = None
        if self._wish is not None:
            network, values = self._wish
            self._wish = None
            if await self._join(network, values.get("name")):
                self._remember(network, values)
            return
        if self._is_joined():
            self._lost = None
            if self._portal and ticks_diff(now, self._joined) > self.linger_ms:
                self._close_portal()
            if self._clock_due is None:
                await self._set_clock()
            return
        if self._lost is None:
            self._lost = now
            if self.state == "joined":
                self.state = "failed"
                self.reason = "the network is away"
        if self._tried is None:
            if not (self._portal and self._portal.is_used(_IN_USE)):
                await self._join_known()
                self._tried = ticks_ms()
                # At the start nobody waits for a network that may be back soon.
                if self.state != "joined" and self._joined is None:
                    self._open_portal()
        if ticks_diff(ticks_ms(), self._lost) > self.away_ms:
            self._open_portal()

    async def _set_clock(self):
        servers = (self.device.settings or {}).get("ntp", ())
        self._clock_due = ticks_add(ticks_ms(), _CLOCK_RETRY)
        for server in servers:
            from tinyweb.device import clock

            try:
                await clock.sync(server)
            except OSError as exc:
                self._app.log_error(exc, None)
            else:
                self._clock_due = ticks_add(ticks_ms(), _DAY)
                break

    def _is_joined(self):
        import network

        wlan = network.WLAN(network.STA_IF)
        address = wlan.ifconfig()[0] if wlan.isconnected() else None
        if address is None or address == "0.0.0.0":
            return False
        if address != self.address or self.state != "joined":
            self._has_joined(wlan.config("essid"), address)
        return True

    def _has_joined(self, ssid, address):
        self.state = "joined"
        self.ssid = ssid
        self.reason = self._lost = None
        self._joined = ticks_ms()
        if address != self.address:
            self.address = address
            self._announce(address)

    def _announce(self, address):
        # The ESP32 answers for NAME.local itself.
        if self._responder is not None:
            self._responder.stop()
            self._responder = None
        if address is not None and sys.platform == "esp8266":
            from tinyweb.device.neighbours import SERVICE
            from tinyweb.mdns import Responder

            self._responder = Responder(self.device.name(), address, SERVICE, self._port)
            self._responder.start()

    async def _join_known(self):
        # The strongest first; last those that hide their names, of which nothing is heard.
        known = {}
        for network in (self.device.settings or {}).get("networks", ()):
            known[network["ssid"]] = network
        if not known:
            return
        heard = [ssid for ssid, _, _ in wifi.networks() if ssid in known]
        hidden = [ssid for ssid in known if ssid not in heard and known[ssid].get("hidden")]
        if not heard and not hidden:
            self.state = "failed"
            self.reason = "none of the networks that are known is in reach"
        for ssid in heard + hidden:
            if self._wish is not None or await self._join(known[ssid]):
                return

    async def _join(self, network, hostname=None):
        # Whether it was joined. hostname: the name that the device shall have.
        self.state = "joining"
        self.ssid = ssid = network["ssid"]
        address = network.get("address")
        if address is not None:
            address = tuple(address)
        elif self._fixed:
            address = "dhcp"
        self._fixed = isinstance(address, tuple)
        try:
            attempt = wifi.Attempt(
                ssid,
                network.get("password"),
                timeout=_TIMEOUT,
                hostname=hostname or self.device.name(),
                address=address,
            )
            while True:
                address = attempt.poll()
                if address is not None:
                    break
                await asyncio.sleep_ms(_PAUSE // 2)
        except OSError as exc:
            self.state = "failed"
            self.reason = str(exc)
            return False
        self._has_joined(ssid, address)
        return True

    def _remember(self, network, values):
        settings.remember(network, self.device.path, **values)
        self.device.reload()

    def _open_portal(self):
        if self._portal is None:
            from tinyweb.device import portal

            self._portal = portal.Portal(self, self._app)
            self._portal.open()

    def _close_portal(self):
        if self._portal is not None:
            self._portal.close()
            self._portal = None

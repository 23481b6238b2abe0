# SPDX-License-Identifier: MIT
"""The device's name in the local network, such as lamp.local: multicast DNS (RFC 6762).

For the ESP8266. The ESP32's firmware does this itself: see docs/names.md. Names are not probed for
(section 8.1), so each device needs one of its own.
"""

from tinyweb.dns import Service

class Responder(Service):
    """Answers for `name`.local with `address`.

    name: str, up to 63 bytes without dots, such as 'lamp'; network.hostname() has the board's.
    address: the IPv4 address, str, such as network.WLAN(network.STA_IF).ifconfig()[0].

    Raises ValueError for a name or an address that cannot be.
    """

    def __init__(self, name: str, address: str) -> None: ...
    def start(self, host: str = "0.0.0.0", port: int = 5353) -> None:
        """Announce the name and answer for it, from a task of the running or next event loop.

        Raises OSError if `host`:`port` cannot be used, or the network is away.
        """
    def stop(self) -> None:
        """Say goodbye (section 10.1), and answer no more."""

# SPDX-License-Identifier: MIT
"""A model of network: the device is in one, at 127.0.0.1, unless FLASH has a file `offline`.

That is by Wi-Fi; by Ethernet where FLASH has a file `cable`, which a program has to set up.
"""

import os

STA_IF = 0
AP_IF = 1


def hostname():
    return os.getenv("DEVICE", "device")


def _has(name):
    try:
        os.stat(os.getenv("FLASH") + "/" + name)
    except OSError:
        return False
    return True


class WLAN:
    def __init__(self, interface):
        self.interface = interface

    def active(self):
        return self.interface == STA_IF

    def isconnected(self):
        return self.ifconfig()[0] != "0.0.0.0"

    def ifconfig(self):
        address = "0.0.0.0" if _has("offline") else "127.0.0.1"
        return (address, "255.0.0.0", "0.0.0.0", "0.0.0.0")

    def status(self, what):
        return -50


class LAN:
    # As on the ESP32: there is one, and until a program has set it up it asks for what it needs.
    _made = None

    def __new__(cls, **wiring):
        if LAN._made is None:
            if "phy_addr" not in wiring:
                raise TypeError("'phy_addr' argument required")
            LAN._made = object.__new__(cls)
            LAN._made._active = False
        return LAN._made

    def active(self, on=None):
        if on is None:
            return self._active
        self._active = on

    def ifconfig(self):
        address = "127.0.0.1" if self._active and _has("cable") else "0.0.0.0"
        return (address, "255.0.0.0", "0.0.0.0", "0.0.0.0")

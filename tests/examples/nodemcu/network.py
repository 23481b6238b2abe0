# SPDX-License-Identifier: MIT
"""Stands in for a connected Wi-Fi station, which a PC does not have (runs on MicroPython)."""

STA_IF = 0


class WLAN:
    def __init__(self, interface):
        assert interface == STA_IF

    def isconnected(self):
        return True

    def config(self, name):
        return {"ssid": "Greenhouse"}[name]

    def status(self, name):
        return {"rssi": -61}[name]

    def ifconfig(self):
        return ("192.0.2.40", "255.255.255.0", "192.0.2.1", "192.0.2.1")

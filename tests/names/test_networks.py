# SPDX-License-Identifier: MIT
from support.simulator import search_path

"""tinyweb.wifi with a radio that hears what the emulated board's (tests/board) does not."""

NETWORK = """\
STA_IF = 0
STAT_NO_AP_FOUND = 201


class WLAN:
    joined = 0

    def __init__(self, interface):
        pass

    def active(self, on):
        pass

    def scan(self):
        for ssid, rssi, security in (
            (b"home", -70, 3),
            (b"", -20, 0),
            (b"home", -50, 3),
            (b"caf\\xe9", -30, 0),
            (b"caf\\xc3\\xa9", -60, 0),
            (b"home", -60, 3),
        ):
            yield ssid, b"bssid", 1, rssi, security, False

    def config(self, name):
        return "home"

    def isconnected(self):
        return True

    def ifconfig(self):
        # The router is slower than the radio.
        WLAN.joined += 1
        return ("10.0.2.15" if WLAN.joined > 3 else "0.0.0.0",)

    def status(self):
        return 1010

    def disconnect(self):
        print("disconnected")

    def connect(self, ssid, password):
        print("connect", ssid, password)
"""


def run(run_mpy, tmp_path, program):
    (tmp_path / "network.py").write_text(NETWORK)
    env = search_path(tmp_path)
    return run_mpy("from tinyweb import wifi\n" + program, env=env).stdout.splitlines()


def test_networks_that_are_heard(run_mpy, tmp_path):
    """The strongest station of each, without hidden names and those that are no UTF-8."""
    printed = run(run_mpy, tmp_path, "for found in wifi.networks(): print(*found)")
    assert printed == ["home -50 True", "café -60 False"]


def test_address_that_comes_late(run_mpy, tmp_path):
    """Who has joined the network has no address yet."""
    assert run(run_mpy, tmp_path, "print(wifi.join('home', 'x'))") == ["10.0.2.15"]


def test_network_without_an_address(run_mpy, tmp_path):
    program = """
import network
network.WLAN.joined = -10000
try:
    wifi.join("home", "x", timeout=0.2)
except OSError as exc:
    print(exc)
"""
    printed = run(run_mpy, tmp_path, program)
    assert printed == ["disconnected", "cannot join 'home': it gives no address within 0.2 s"]

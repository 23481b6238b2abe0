# SPDX-License-Identifier: MIT
"""The emulated board's radio: networks come and go, and it has an access point of its own."""

import socket
import urllib.parse

import pytest
import requests
from board import emulator
from board.terminal import OPEN_SECONDS, Terminal

pytestmark = pytest.mark.usefixtures("emulated")


def test_networks_in_reach(board):
    printed, error = board.terminal.raw(
        "import network, _radio\n"
        "wlan = network.WLAN(network.STA_IF)\n"
        "_radio.hear('attic', -90, 0)\n"
        "_radio.hear('office', 0)\n"
        "for ssid, bssid, channel, rssi, security, hidden in sorted(wlan.scan()):\n"
        "    print(ssid.decode(), len(bssid), channel, rssi, security, hidden)\n"
    )
    assert error == ""
    assert printed.splitlines() == [
        "attic 6 1 -90 0 0",
        "guests 6 11 -80 0 0",
        "home 6 1 -48 3 0",
    ]


def test_station_is_back_in_its_network(board):
    """It loses its address when the network goes, and joins again by itself, as the chip does."""
    printed, error = board.terminal.raw(
        """
import _radio, network, time
from tinyweb import wifi

wlan = network.WLAN(network.STA_IF)
print(wifi.join("home", "secret"))
_radio.hear("home", 0)
print(wlan.isconnected(), wlan.status() == network.STAT_NO_AP_FOUND)
_radio.hear("home", -70)
end = time.ticks_add(time.ticks_ms(), 20000)
while not wlan.isconnected() and time.ticks_diff(end, time.ticks_ms()) > 0:
    time.sleep_ms(50)
print(wlan.ifconfig()[0])
""",
        timeout=60,
    )
    assert error == ""
    assert printed.splitlines() == ["10.0.2.15", "False True", "10.0.2.15"]


SERVE = """
import network, socket, tinyweb
from tinyweb import background
from tinyweb.dns import NameServer

wlan = network.WLAN(network.AP_IF)
wlan.active(True)
wlan.config(ssid="lamp")
print(wlan.config("ssid"), wlan.ifconfig()[0])
app = tinyweb.webserver()

@app.route("/")
def index(req, resp):
    return req.peer[0]

NameServer(wlan.ifconfig()[0]).start()
app.run(port=80, loop_forever=False)
background.start()
"""


def test_clients_of_the_access_point_and_of_the_station_at_once():
    with emulator.Emulator(forward=(80,), access_point=(80,), access_point_udp=(53,)) as board:
        with Terminal(board.port) as terminal:
            terminal.interrupt(10 + OPEN_SECONDS)
            printed, error = terminal.raw(SERVE, timeout=30)
            assert error == ""
            assert printed.splitlines()[0] == "lamp 192.168.4.1"
            # Each is answered by the way it came.
            assert requests.get(board.access_point[80], timeout=20).text == "192.168.4.2"
            assert requests.get(board.urls[80], timeout=20).text == "10.0.2.2"
            server = urllib.parse.urlsplit(board.access_point_udp[53])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.settimeout(20)
                question = b"\1\2\1\0\0\1\0\0\0\0\0\0\1x\3org\0\0\1\0\1"
                sock.sendto(question, (server.hostname, server.port))
                answer = sock.recv(512)
            assert answer[:2] == b"\1\2"
            assert answer.endswith(bytes([192, 168, 4, 1]))

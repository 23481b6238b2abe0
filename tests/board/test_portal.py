# SPDX-License-Identifier: MIT
"""First boot: the device asks for a network by a portal, remembers it, and stays in it."""

import calendar
import contextlib
import json
import re
import socket
import time
import urllib.parse

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from board import emulator
from board.terminal import OPEN_SECONDS, Terminal

from support import sntp

pytestmark = pytest.mark.usefixtures("emulated")

SETUP = "/device/setup"
START = """
import gc, tinyweb
from tinyweb import background
from tinyweb import device

app = tinyweb.webserver()

@app.route("/")
def index(req, resp):
    return "the application's"

device.enable(app)
station = device.connect(app)
app.run(port=80, loop_forever=False)
background.start()
"""
# The chip's memory of a network, which the emulated radio has at its start.
FORGET = "import network\nnetwork.WLAN().disconnect()\n"
# RFC 8910's captive portals are found by these.
PROBES = [
    ("connectivitycheck.gstatic.com", "/generate_204"),
    ("www.google.com", "/gen_204"),
    ("captive.apple.com", "/hotspot-detect.html"),
    ("www.apple.com", "/library/test/success.html"),
    ("www.msftconnecttest.com", "/connecttest.txt"),
    ("www.msftncsi.com", "/ncsi.txt"),
    ("detectportal.firefox.com", "/canonical.html"),
    ("nmcheck.gnome.org", "/check_network_status.txt"),
    ("connectivity-check.ubuntu.com", "/"),
]


class Device:
    """A board that runs START, as a client of its access point and as one of its network."""

    def __init__(self, board, terminal):
        self._board = board
        self._terminal = terminal
        self.portal = board.access_point[80]
        self.network = board.urls[80]

    def run(self, code):
        printed, error = self._terminal.raw(code, timeout=60)
        assert error == ""
        return printed

    def transcript(self):
        return self._terminal.transcript

    def state(self):
        return requests.get(self.portal + SETUP + "/state", timeout=20).json()

    def wait_for(self, *states):
        """The state of the station, once it is one of these."""
        end = time.monotonic() + 60
        while True:
            state = json.loads(
                self.run(
                    "import json\nprint(json.dumps([station.state, station.ssid, station.address,"
                    " station.reason, station._portal is not None]))"
                )
            )
            if state[0] in states:
                return dict(
                    zip(("state", "ssid", "address", "reason", "open"), state, strict=True)
                )
            assert time.monotonic() < end, state
            time.sleep(0.2)

    def wait_for_portal(self, is_open):
        end = time.monotonic() + 60
        while self.run("print(station._portal is not None)") != f"{is_open}\n":
            assert time.monotonic() < end
            time.sleep(0.2)

    def wish(self, **values):
        return requests.post(self.portal + SETUP, json=values, timeout=30)

    def set_up(self, **values):
        """The state in which an attempt to join a network has ended."""
        answer = self.wish(**values)
        assert answer.status_code == 202, answer.text
        return self.wait_for("joined", "failed")

    def settings(self):
        return json.loads(self.run("print(open('device.json').read())"))


@contextlib.contextmanager
def booted(settings=None, before=FORGET):
    with (
        emulator.Emulator(forward=(80,), access_point=(80,), access_point_udp=(53,)) as board,
        Terminal(board.port) as terminal,
    ):
        terminal.interrupt(10 + OPEN_SECONDS)
        device = Device(board, terminal)
        if settings is not None:
            device.run(f"open('device.json', 'w').write({json.dumps(settings)!r})")
        device.run(before + START)
        yield device


@pytest.fixture(scope="module")
def fresh():
    """One that knows no network yet."""
    with booted() as device:
        device.wait_for_portal(True)
        yield device


@pytest.mark.parametrize(("host", "path"), PROBES)
def test_probes_lead_to_the_page(fresh, host, path):
    answer = requests.get(
        fresh.portal + path, headers={"Host": host}, allow_redirects=False, timeout=20
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == "http://192.168.4.1" + SETUP
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_name_is_the_device(fresh):
    server = urllib.parse.urlsplit(fresh._board.access_point_udp[53])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(20)
        question = b"\1\2\1\0\0\1\0\0\0\0\0\0\7captive\5apple\3com\0\0\1\0\1"
        sock.sendto(question, (server.hostname, server.port))
        assert sock.recv(512).endswith(bytes([192, 168, 4, 1]))


def test_networks_the_strongest_first(fresh):
    networks = requests.get(fresh.portal + SETUP + "/networks", timeout=20).json()
    assert networks == [
        {"ssid": "home", "rssi": -48, "secure": True},
        {"ssid": "office", "rssi": -67, "secure": True},
        {"ssid": "guests", "rssi": -80, "secure": False},
    ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "networks: ssid is the name of a network, 1 to 32 bytes"),
        ({"ssid": "x" * 33}, "networks: ssid is the name of a network, 1 to 32 bytes"),
        ({"ssid": "home", "password": "short"}, "networks: password is a password of 8 to 64"),
        ({"ssid": "home", "address": ["10.0.0.1"]}, "networks: address is a list of address"),
        ({"ssid": "home", "name": "my lamp"}, "name is 1 to 63 letters, digits and hyphens"),
        ({"ssid": "home", "new_password": "1234567"}, "a password has 8 characters or more"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(fresh, values, sentence):
    answer = fresh.wish(**values)
    assert answer.status_code == 400
    assert answer.text.startswith(sentence)
    assert fresh.state()["state"] in ("off", "failed")


@pytest.mark.parametrize("body", ["", "{", "[1]", '"home"', "lamp"])
def test_malformed_wishes(fresh, body):
    answer = requests.post(
        fresh.portal + SETUP,
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=20,
    )
    assert answer.status_code == 400


def test_pages_of_other_sites_cannot_set_it_up(fresh):
    answer = requests.post(
        fresh.portal + SETUP,
        json={"ssid": "home"},
        headers={"Origin": "http://elsewhere.example"},
        timeout=20,
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("ssid", "password", "reason"),
    [
        ("home", "wrong key", "wrong password"),
        ("absent", "12345678", "not found: out of reach, another name, or 5 GHz"),
        ("full", "12345678", "the router refuses"),
    ],
)
def test_what_went_wrong_is_said_exactly(fresh, ssid, password, reason):
    state = fresh.set_up(ssid=ssid, password=password)
    assert state["state"] == "failed"
    assert state["reason"] == f"cannot join '{ssid}': {reason}"
    assert fresh.state()["reason"] == state["reason"]


def test_page_joins_a_network(fresh, browser):
    """As a person with a phone: a wrong password is told, the right one leads to the address."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="en-GB")
    page = context.new_page()
    page.goto(fresh.portal + SETUP)
    page.get_by_role("button", name="home").click()
    assert page.get_by_label("Network", exact=True).input_value() == "home"
    assert page.get_by_label("Its password").evaluate("e => e == document.activeElement")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert Axe().run(page).violations_count == 0
    page.get_by_label("Its password").fill("wrong key")
    page.get_by_label("A new password for this device").fill("a long sentence")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Name of this device").fill("lamp")
    page.get_by_role("button", name="Join").click()
    page.get_by_text("cannot join 'home': wrong password").wait_for(timeout=60000)
    page.get_by_label("Its password").fill("the right key")
    page.get_by_role("button", name="Join").click()
    page.get_by_text("The device is in the network home").wait_for(timeout=60000)
    links = page.get_by_role("status").get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [
        "http://10.0.2.15/",
        "http://lamp.local/",
    ]
    context.close()
    # The application is there for the network all the time, and not for the portal's clients.
    assert requests.get(fresh.network, timeout=20).text == "the application's"
    assert requests.get(fresh.portal, timeout=20, allow_redirects=False).status_code == 302
    settings = fresh.settings()
    assert settings["name"] == "lamp"
    assert settings["networks"] == [{"ssid": "home", "password": "the right key"}]
    files = {"url": fresh.network + "/fs/", "timeout": 20}
    assert requests.get(**files, auth=("", "a long sentence")).status_code == 200
    assert requests.get(**files, auth=("", "another sentence")).status_code == 401


def test_page_speaks_the_readers_language(fresh, browser):
    context = browser.new_context(locale="de-CH", color_scheme="dark")
    page = context.new_page()
    page.goto(fresh.portal + SETUP)
    page.get_by_role("heading", name="Einrichten").wait_for()
    page.get_by_role("button", name="guests").get_by_text("offen").wait_for()
    assert page.evaluate("document.documentElement.lang") == "de"
    assert Axe().run(page).violations_count == 0
    context.close()


def test_password_of_the_device_keeps_others_from_moving_it(fresh):
    """After the test of the page: the device has a password, and the portal is still open."""
    assert fresh.state()["has_password"]
    wish = {"ssid": "office", "password": "12345678"}
    for given in ({}, {"device_password": "a short sentence"}):
        answer = fresh.wish(**wish, **given)
        assert answer.status_code == 403
        assert answer.text == "This is not the device's password.\n"
    assert fresh.settings()["networks"][0]["ssid"] == "home"
    state = fresh.set_up(**wish, device_password="a long sentence")
    assert (state["state"], state["ssid"]) == ("joined", "office")
    assert [network["ssid"] for network in fresh.settings()["networks"]] == ["office", "home"]
    for _ in range(5):
        fresh.wish(**wish, device_password="a short sentence")
    answer = fresh.wish(**wish, device_password="a long sentence")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert re.match(r"Too many wrong passwords. Wait \d+ s.", answer.text)


def test_portal_closes_when_its_work_is_done(fresh):
    """After the tests above: the device is in a network."""
    fresh.run("station.linger_ms = 0")
    fresh.wait_for_portal(False)
    assert fresh.run("print(network.WLAN(network.AP_IF).active())") == "False\n"
    assert requests.get(fresh.network, timeout=20).text == "the application's"
    with pytest.raises((requests.ConnectionError, requests.Timeout)):
        requests.get(fresh.portal, timeout=3)


KNOWN = {
    "networks": [
        {"ssid": "office", "password": "12345678"},
        {"ssid": "home", "password": "12345678"},
        {"ssid": "attic", "password": "12345678"},
    ]
}


def test_strongest_network_that_is_known():
    with booted(KNOWN) as device:
        state = device.wait_for("joined")
        assert (state["ssid"], state["address"]) == ("home", "10.0.2.15")
        assert not state["open"]


def test_clock_is_set_in_the_network():
    noon = calendar.timegm((2027, 7, 1, 12, 0, 0))
    with sntp.server(lambda request: sntp.answer(request, noon)) as port:
        more = {"ntp": [f"10.0.2.2:{port}"], "timezone": "CET-1CEST,M3.5.0,M10.5.0/3"}
        with booted(KNOWN | more) as device:
            device.wait_for("joined")
            end = time.monotonic() + 30
            while device.run("print(device.localtime()[:4])") != "(2027, 7, 1, 14)\n":
                assert time.monotonic() < end
                time.sleep(0.2)


def test_clock_that_nobody_sets():
    """What fails is logged, and tried again: the device stays where it is."""
    failed = "OSError: "
    with booted(KNOWN | {"ntp": ["10.0.2.2:1", "10.0.2.2:2"], "country": "CH"}) as device:
        device.wait_for("joined")
        assert device.run("print(network.country())") == "CH\n"
        end = time.monotonic() + 60
        while device.transcript().count(failed) < 2:
            assert time.monotonic() < end
            device.run("pass")
            time.sleep(0.5)
        # That takes a while until it is tried again.
        printed = device.run(
            "import time\nprint(time.ticks_diff(station._clock_due, time.ticks_ms()))"
        )
        assert int(printed) > 30000
        device.run("station._clock_due = time.ticks_ms()")
        while device.transcript().count(failed) < 4:
            assert time.monotonic() < end
            device.run("pass")
            time.sleep(0.5)
        assert device.wait_for("joined")["ssid"] == "home"


def test_portal_with_a_password_of_its_own():
    with booted({"portal_password": "a long sentence"}) as device:
        device.wait_for_portal(True)
        # Which is none of the device.
        assert not device.state()["has_password"]


def test_settings_that_cannot_be_read_are_not_overwritten():
    """Nobody knows whether there is a password."""
    with booted(before=FORGET + "with open('device.json', 'w') as f: f.write('{')\n") as device:
        device.wait_for_portal(True)
        answer = device.wish(ssid="home", password="12345678")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "no-store")
        assert answer.text.startswith("The settings of this device cannot be read")
        assert device.run("print(open('device.json').read())") == "{\n"
        # Other pages take no form.
        answer = requests.post(device.portal + SETUP + "/state", json={}, timeout=30)
        assert answer.status_code == 404


def test_person_who_is_at_the_portal_is_not_interrupted():
    """While the page is used, the radio does not leave for known networks; a wish goes first."""
    with booted(KNOWN) as device:
        device.wait_for("joined")
        device.run(
            "import _radio\nstation.away_ms = 500\nstation.linger_ms = 0\n"
            "station.retry_ms = 1000\n"
            "_radio.hear('home', 0)\n_radio.hear('office', 0)"
        )
        device.wait_for_portal(True)
        end = time.monotonic() + 60
        while device.state()["state"] != "failed":
            assert time.monotonic() < end
            time.sleep(0.2)
        device.run("_radio.hear('office', -70)")
        for _ in range(10):
            assert device.state()["state"] == "failed"
            time.sleep(0.3)
        state = device.set_up(ssid="guests")
        assert (state["state"], state["ssid"]) == ("joined", "guests")


def test_next_one_where_the_strongest_refuses():
    known = {"networks": [*KNOWN["networks"][:1], {"ssid": "home", "password": "wrong key"}]}
    with booted(known) as device:
        assert device.wait_for("joined")["ssid"] == "office"


def test_network_that_hides_its_name_and_has_no_addresses():
    address = ["10.0.2.77", "255.255.255.0", "10.0.2.2", "10.0.2.3"]
    known = {"networks": [{"ssid": "secret", "hidden": True, "address": address}]}
    with booted(known) as device:
        state = device.wait_for("joined")
        assert (state["ssid"], state["address"]) == ("secret", "10.0.2.77")
        # The router gives one again in the next network.
        device.run("station.wish({'ssid': 'guests'}, {})")
        state = device.wait_for("joined")
        assert (state["ssid"], state["address"]) == ("guests", "10.0.2.15")


def test_portal_comes_back_while_the_network_is_away():
    with booted(KNOWN) as device:
        device.wait_for("joined")
        device.run(
            "import _radio\nstation.away_ms = station.linger_ms = 500\nstation.retry_ms = 1000\n"
            "_radio.hear('home', 0)\n_radio.hear('office', 0)"
        )
        device.wait_for_portal(True)
        state = device.state()
        assert state["state"] in ("failed", "joining")
        url = device.portal + "/generate_204"
        assert requests.get(url, timeout=20, allow_redirects=False).status_code == 302
        device.run("station._portal._used = None\n_radio.hear('office', -70)")
        state = device.wait_for("joined")
        assert state["ssid"] == "office"
        device.wait_for_portal(False)


def test_times_are_forgotten_when_they_have_passed():
    """ticks_diff() knows half a period: what is kept for a week would lie in the future."""
    with booted(KNOWN) as device:
        device.wait_for("joined")
        printed = device.run(
            """
            import time
            from tinyweb.device.portal import Portal

            station.retry_ms = 0
            time.sleep_ms(1500)
            print(station._tried)
            portal = Portal(station, app)
            portal._used = time.ticks_add(time.ticks_ms(), -20)
            print(portal.is_used(1000), portal.is_used(10), portal._used)
            """
        )
        assert printed.splitlines() == ["None", "True False None"]


def test_errors_of_the_radio_do_not_end_it():
    with booted(KNOWN) as device:
        device.wait_for("joined")
        # A fault that nobody has foreseen; it is logged.
        printed = device.run(
            "import time\nstation._wish = (None, {})\ntime.sleep(2)\nprint(station.state)"
        )
        assert "TypeError" in printed
        assert device.wait_for("joined")["ssid"] == "home"


def test_memory_while_the_portal_is_open():
    """docs/device.md has the figures; set-up has to leave 6 KB for the application."""
    with booted() as device:
        device.wait_for_portal(True)
        device.run("gc.collect()")
        requests.get(device.portal + SETUP, timeout=20)
        requests.get(device.portal + SETUP + "/networks", timeout=20)
        assert int(device.run("gc.collect()\nprint(gc.mem_free())")) > 16000

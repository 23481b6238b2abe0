# SPDX-License-Identifier: MIT
"""Improv Wi-Fi over the serial line: a program tells the board its network, beside the prompt."""

import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import time

import pytest
import requests
from board import emulator, improv
from board.improv import (
    BAD_PACKET,
    CANNOT_JOIN,
    ERROR,
    NONE,
    PROVISIONED,
    PROVISIONING,
    READY,
    RESULT,
    STATE,
    STOPPED,
    UNKNOWN_COMMAND,
    command,
    network,
    strings,
)
from board.terminal import CTRL_A, CTRL_B, CTRL_C, CTRL_D, OPEN_SECONDS, PROMPT, Terminal
from playwright.sync_api import expect

from firmware import TOP, FirmwareError, table, webpage

pytestmark = pytest.mark.usefixtures("emulated")

WEB = TOP / "web"
SDK = WEB / "node_modules" / "improv-wifi-serial-sdk"
URL = "http://10.0.2.15/"
# Behind it while the device has no password.
KEY = "device/#setup=[0-9a-f]{32}"
PASSWORD = "a long sentence"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
# The chip's memory of a network, which the emulated radio has at its start.
FORGET = "import network\nnetwork.WLAN().disconnect()\n"
STATE_OF = command(improv.GET_STATE)
IS_READY = (STATE, bytes((READY,)))


class Board:
    """A booted board, a person's terminal on it, and a program on the same port."""

    def __init__(self, emulated, terminal):
        self.emulated = emulated
        self.terminal = terminal
        self.client = improv.Client(terminal.serial)

    def run(self, code):
        printed, error = self.terminal.raw(code, timeout=60)
        assert error == ""
        return printed

    def fresh(self):
        """At an empty prompt, in no network and without settings."""
        self.terminal.interrupt(20 + OPEN_SECONDS)
        self.run(
            "import os\nfor name in ('device.json', 'main.py'):\n"
            "    try: os.remove(name)\n    except OSError: pass\n"
        )
        self.terminal.soft_reset(20)
        self.run(FORGET)

    def set_network(self, ssid, password=""):
        """The packets that come until an attempt has ended, but for those that it begins with."""
        self.client.send(network(ssid, password))
        assert self.client.next() == (ERROR, bytes((NONE,)))
        assert self.client.next() == (STATE, bytes((PROVISIONING,)))
        return [self.client.next(60), self.client.next(60)]

    def write(self, name, text):
        self.run(f"with open({name!r}, 'w') as file: file.write({text!r})")

    def settings(self):
        return json.loads(self.run("print(open('device.json').read())"))

    def has_prompt(self):
        """Fails if something of a packet was left in the line."""
        self.terminal.read_for(0.1)
        assert self.terminal.execute("6 * 7") == "42\n"

    def get(self, path="/"):
        end = time.monotonic() + 30
        while True:
            try:
                return requests.get(self.emulated.urls[80] + path, timeout=10)
            except requests.RequestException:
                assert time.monotonic() < end, self.terminal.transcript
                time.sleep(0.3)


@pytest.fixture(scope="module")
def running():
    with emulator.Emulator(forward=(80,)) as emulated, Terminal(emulated.port) as terminal:
        yield Board(emulated, terminal)


@pytest.fixture
def board(running):
    running.fresh()
    return running


def is_joined(packets):
    assert packets[0] == (STATE, bytes((PROVISIONED,)))
    kind, data = packets[1]
    assert (kind, data[0]) == (RESULT, improv.SET_NETWORK)
    (url,) = strings(data)
    assert re.fullmatch(re.escape(URL) + KEY, url)
    return url


def test_state_beside_the_prompt(board):
    board.has_prompt()
    assert board.client.ask(STATE_OF) == IS_READY
    board.has_prompt()
    assert board.client.ask(STATE_OF) == IS_READY
    assert board.client.silent(0.5).strip() == b""


def test_split_anywhere(board):
    for at in range(1, len(STATE_OF)):
        board.terminal.serial.write(STATE_OF[:at])
        board.terminal.serial.flush()
        assert board.client.ask(STATE_OF[at:]) == IS_READY, at
    board.has_prompt()


def test_without_a_line_feed_and_several_at_once(board):
    board.client.send(STATE_OF[:-1] * 3 + STATE_OF * 2)
    for _ in range(5):
        assert board.client.next() == IS_READY
    board.has_prompt()


@pytest.mark.parametrize("at", [7, 8, 9, 10, 11])
def test_damaged_packet(board, at):
    """Any byte behind the header: type, length, the data, the sum."""
    for change in (1, 2, 0x55, 0x80):
        damaged = bytearray(STATE_OF)
        damaged[at] ^= change
        assert board.client.ask(bytes(damaged)) == (ERROR, bytes((BAD_PACKET,))), damaged
        board.has_prompt()
    assert board.client.ask(STATE_OF) == IS_READY


@pytest.mark.parametrize("at", range(7, len(STATE_OF) - 1))
def test_packet_that_is_cut_off(board, at):
    assert board.client.ask(STATE_OF[:at]) == (ERROR, bytes((BAD_PACKET,)))
    board.has_prompt()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\2",
        b"\2\1",
        b"\2\0x",
        b"\2\xff" + b"x" * 250,
        b"\1\0",
        b"\1\1\0",
        b"\1\6\4home\0x",
        b"\1\6\xffhome\0",
        b"\1\7\4home\5x",
        b"\1\7\2\xff\xfe\2ab",
    ],
)
def test_wrong_lengths(board, data):
    assert board.client.ask(improv.packet(improv.RPC, data)) == (ERROR, bytes((BAD_PACKET,)))
    board.has_prompt()


@pytest.mark.parametrize("number", [0, 5, 77, 255])
def test_unknown_command(board, number):
    answer = board.client.ask(command(number, b"?" * 200))
    assert answer == (ERROR, bytes((UNKNOWN_COMMAND,)))
    board.has_prompt()


def test_packets_are_no_typing(board):
    """What a person has typed of a line stays, and goes on."""
    board.terminal.send("print(6 * ")
    board.terminal.read_until("print(6 * ")
    assert board.client.ask(STATE_OF) == IS_READY
    assert board.terminal.execute("7)").splitlines()[-1] == "42"


@pytest.mark.parametrize("text", ["I", "IM", "IMPROV", "IIMPROV", "IMPIMPROVIMPRO", "IMPROVE"])
def test_what_begins_like_a_packet_is_typed(board, text):
    """At once, and with a person's pauses."""
    assert board.terminal.execute(f"'{text}'") == f"'{text}'\n"
    for character in text:
        board.terminal.send(character)
        # Nothing else has to be typed for it to be seen.
        board.terminal.read_until(character)
        time.sleep(0.1)
    assert f"NameError: name '{text}' isn't defined" in board.terminal.execute("")


def test_prompts_that_programs_have(board):
    """What is sent to the raw prompt, to paste mode or to input() is no packet."""
    board.terminal.send("\r" + CTRL_A)
    board.terminal.read_until("raw REPL; CTRL-B to exit\r\n>")
    board.client.send(STATE_OF)
    # The version is Ctrl-A there.
    assert b"raw REPL; CTRL-B to exit" in board.client.silent(1)
    board.terminal.send(CTRL_B)
    board.terminal.read_until(PROMPT)
    assert board.terminal.paste("print('IMPROV')") == "IMPROV\n"
    board.terminal.send("print(input() + '!')\r")
    board.terminal.read_until("\n")
    board.terminal.send("IMPROV\x02\x01\r")
    board.terminal.read_until("IMPROV!")
    board.terminal.read_until(PROMPT)


def test_information(board):
    kind, data = board.client.ask(command(improv.GET_INFO))
    assert (kind, data[0]) == (RESULT, improv.GET_INFO)
    version = board.run("import os; print(os.uname().release)").strip()
    machine = board.run("import sys; print(sys.implementation._machine)").strip()
    name = board.run("import network; print(network.hostname())").strip()
    system = re.match(r"[\d.]+", version)[0]
    found = strings(data)
    assert found[5].removeprefix("v").startswith(system)
    chip = machine.split(" with ")[1]
    assert found[:5] == ["TinyWeb", table.version(), chip, name, "MicroPython"]


def test_networks(board):
    board.client.send(command(improv.GET_NETWORKS))
    found = []
    while networks := strings(board.client.next()[1]):
        found.append(networks)
    assert found == [["home", "-48", "YES"], ["office", "-67", "YES"], ["guests", "-80", "NO"]]


@pytest.mark.timeout(300)
def test_wrong_password_then_the_right_one(board):
    packets = board.set_network("home", "wrong password")
    assert packets == [(ERROR, bytes((CANNOT_JOIN,))), IS_READY]
    # For who reads along.
    board.terminal.send("\r")
    assert board.run("import os; print('device.json' in os.listdir())") == "False\n"
    is_joined(board.set_network("home", "password"))
    board.has_prompt()
    assert board.settings() == {"networks": [{"ssid": "home", "password": "password"}]}
    # What the URL leads to asks for what comes next.
    assert board.get().text.startswith("<!doctype html>")
    # The same is said again, and after a restart.
    for _ in range(2):
        assert board.client.ask(STATE_OF) == (STATE, bytes((PROVISIONED,)))
        (url,) = strings(board.client.next()[1])
        assert re.fullmatch(re.escape(URL) + KEY, url)
        board.has_prompt()
        board.terminal.soft_reset(20)
    answer = board.get()
    assert answer.status_code == 403
    assert "device.set_password" in answer.text and "Connect" in answer.text


@pytest.mark.timeout(300)
def test_first_password(board, browser):
    """From the URL to the device's pages, without the prompt."""
    url = is_joined(board.set_network("home", "password"))
    assert board.get("/device/page.js").status_code == 200
    codes = {"/fs/": 403, "/cp/serial/": 403, "/webrepl": 403, "/device/api/state": 404}
    for path, code in codes.items():
        answer = requests.get(board.emulated.urls[80] + path, headers=UPGRADE, timeout=20)
        assert answer.status_code == code, path
    # The computer has another address for it than the board itself.
    url = url.replace(URL, board.emulated.urls[80] + "/")
    context = browser.new_context(
        http_credentials={"username": "", "password": PASSWORD}, locale="en-GB"
    )
    with contextlib.closing(context):
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(url)
        for name in ("New password", "The same again"):
            page.get_by_label(name).fill(PASSWORD)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name="Overview")).to_have_attribute(
            "aria-current", "page", timeout=60_000
        )
    assert board.get("/device/").status_code == 401
    # Who has the serial line gets no further key; nor does a restart bring one.
    for _ in range(2):
        assert board.client.ask(STATE_OF) == (STATE, bytes((PROVISIONED,)))
        assert strings(board.client.next()[1]) == [URL]
        board.terminal.soft_reset(20)


@pytest.mark.timeout(300)
def test_key_of_an_earlier_start(board):
    """It was in RAM only."""
    key = is_joined(board.set_network("home", "password")).split("=")[1]
    assert key not in board.run("print(open('device.json').read())")
    assert board.get("/device/").status_code == 200
    board.terminal.soft_reset(20)
    assert board.get("/device/").status_code == 403
    body = {"key": key, "new_password": PASSWORD}
    answer = requests.post(board.emulated.urls[80] + "/device/api/first", json=body, timeout=20)
    assert answer.status_code == 403
    assert "password" not in board.settings()


@pytest.mark.timeout(300)
def test_no_key_without_pages(board):
    """Where nothing is served, a link to it would lead nowhere."""
    is_joined(board.set_network("home", "password"))
    board.run(
        "from tinyweb import background, device\n"
        "background.stop()\ndevice.application().shutdown()\n"
    )
    assert board.client.ask(STATE_OF) == (STATE, bytes((PROVISIONED,)))
    assert strings(board.client.next()[1]) == [URL]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("beside", [True, False], ids=["beside the pages", "alone"])
def test_wrong_password_loses_nothing(board, beside):
    is_joined(board.set_network("home", "password"))
    if not beside:
        board.run("from tinyweb import background\nbackground.stop()\n")
    packets = board.set_network("office", "wrong password")
    assert packets[0] == (ERROR, bytes((CANNOT_JOIN,)))
    end = time.monotonic() + 90
    while board.client.ask(STATE_OF) == IS_READY:
        assert time.monotonic() < end
        time.sleep(0.5)
    board.client.next()
    assert board.run("print(network.WLAN().config('essid'))") == "home\n"
    assert board.settings() == {"networks": [{"ssid": "home", "password": "password"}]}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("ssid", "password"),
    [("absent", "password"), ("home", "short"), ("x" * 33, "password"), ("", "password")],
)
def test_what_cannot_be_joined(board, ssid, password):
    packets = board.set_network(ssid, password)
    assert packets == [(ERROR, bytes((CANNOT_JOIN,))), IS_READY]
    board.has_prompt()


@pytest.mark.timeout(300)
def test_network_that_the_device_was_in(board):
    """It is joined again with its own password, whichever others are known."""
    known = [
        {"ssid": "office", "password": "key of office"},
        {"ssid": "home", "password": "key of home"},
    ]
    board.write("device.json", json.dumps({"networks": known}))
    board.run("from tinyweb import wifi\nwifi.join('home', 'key of home')\n")
    packets = board.set_network("absent", "password")
    assert packets[0] == (ERROR, bytes((CANNOT_JOIN,)))
    end = time.monotonic() + 60
    while board.client.ask(STATE_OF) == IS_READY:
        assert time.monotonic() < end
        time.sleep(0.5)
    board.client.next()
    assert board.run("print(network.WLAN().config('essid'))") == "home\n"
    assert board.settings() == {"networks": known}


@pytest.mark.timeout(300)
def test_program_that_serves_already(board):
    """Nothing else is started beside it."""
    board.run(
        "import tinyweb\nfrom tinyweb import background\napp = tinyweb.webserver()\n"
        "@app.route('/')\ndef index(req, resp): return 'mine'\n"
        "app.run(port=80, loop_forever=False)\nbackground.start()\n"
    )
    board.client.silent(0.5)
    packets = board.set_network("home", "password")
    assert packets[0] == (STATE, bytes((PROVISIONED,)))
    assert board.get().text == "mine"


def test_name_and_settings_that_cannot_be_read(board):
    board.write("device.json", '{"name": "lamp"}')
    assert strings(board.client.ask(command(improv.GET_INFO))[1])[3] == "lamp"
    board.write("device.json", '{"name": ')
    assert board.client.ask(STATE_OF) == IS_READY
    name = board.run("import network; print(network.hostname())").strip()
    assert strings(board.client.ask(command(improv.GET_INFO))[1])[3] == name


@pytest.mark.timeout(300)
def test_open_network(board):
    is_joined(board.set_network("guests"))
    assert board.settings() == {"networks": [{"ssid": "guests"}]}


def test_switched_off(board):
    board.write("device.json", '{"enabled": false}')
    assert board.client.ask(STATE_OF) == (STATE, bytes((STOPPED,)))
    packets = board.set_network("home", "password")
    assert packets[0] == (ERROR, bytes((CANNOT_JOIN,)))
    board.has_prompt()


@pytest.mark.timeout(300)
def test_program_that_keeps_the_prompt(board):
    """The third byte behind the version is Ctrl-C: the program ends, and the board answers."""
    board.write("main.py", "while True: pass")
    board.terminal.send(CTRL_D)
    board.terminal.read_until("soft reboot")
    time.sleep(3)
    assert board.client.ask(STATE_OF) == IS_READY
    board.has_prompt()


def test_heap(board):
    """What docs/memory.md says of it."""

    def free():
        return int(board.terminal.execute("import gc; gc.collect(); gc.mem_free()"))

    before = free()
    board.client.ask(STATE_OF)
    asked = free()
    is_joined(board.set_network("home", "password"))
    # The answer is sent before the server has begun.
    board.get("/device/")
    joined = free()
    print(f"free: {before}, asked for its state {asked}, serving its pages {joined}")
    text = (TOP / "docs" / "memory.md").read_text(encoding="utf-8")
    for row, measured in (("a program asked by Improv", asked), ("a network was joined", joined)):
        (said,) = re.findall(rf"^\| {row}[^|]*\| ([\d ]+) \|$", text, re.M)
        assert abs(int(said.replace(" ", "")) - measured) < 512, (row, measured)


@pytest.fixture(scope="module")
def sdk():
    """The folder of npm's improv-wifi-serial-sdk, of the version that the flashing page has."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing; the SDK comes with it")
    try:
        webpage.build_page()
    except FirmwareError as error:
        pytest.skip(f"no npm registry: {error}")
    return SDK


@pytest.mark.timeout(300)
def test_sdk(board, sdk):
    """npm's improv-wifi-serial-sdk, which ESP Web Tools has."""
    board.terminal.send(CTRL_C)
    board.terminal.read_until(PROMPT)
    program = pathlib.Path(__file__).parent / "programs" / "improv.mjs"
    done = subprocess.run(
        ["node", program, sdk, board.emulated.port],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    told = json.loads(done.stdout)
    assert told["info"]["firmware"] == "TinyWeb"
    assert told["info"]["version"] == table.version()
    assert told["info"]["osName"] == "MicroPython"
    assert told["states"] == {"first": READY, "wrong": READY, "right": PROVISIONED}
    assert [each["name"] for each in told["networks"]] == ["guests", "home", "office"]
    assert told["networks"][0] == {"name": "guests", "rssi": -80, "secured": False}
    assert told["refused"] == "UNABLE_TO_CONNECT"
    assert re.fullmatch(re.escape(URL) + KEY, told["url"])
    board.has_prompt()

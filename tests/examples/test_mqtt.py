# SPDX-License-Identifier: MIT
"""The program of mqtt.md in the simulator, with umqtt.simple, a mosquitto and its clients."""

import contextlib
import errno
import getpass
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time

import httpx
import pytest

from bench.peers import fetch
from support.simulator import TOP, free_port, listens, search_path
from support.waiting import eventually

PATH = os.environ["PATH"] + ":/usr/sbin"
PROGRAMS = ("mosquitto", "mosquitto_passwd", "mosquitto_pub", "mosquitto_sub")
pytestmark = pytest.mark.skipif(
    not all(shutil.which(name, path=PATH) for name in PROGRAMS),
    reason="mosquitto or mosquitto-clients is not installed",
)

PAGE = (TOP / "docs" / "mqtt.md").read_text(encoding="utf-8")
LIBRARY = TOP / "micropython" / "lib" / "micropython-lib" / "micropython" / "umqtt.simple"
LONG = 60  # seconds, for a loaded machine
LIMIT = 2  # the page's
CONFIGS = {
    "homeassistant/sensor/thermostat_temperature/config",
    "homeassistant/number/thermostat_target/config",
    "homeassistant/switch/thermostat_heating/config",
}
STATUS, STATE = "thermostat/status", "thermostat/state"
# As the program prints them.
REFUSED = f"MQTT: OSError({errno.ECONNREFUSED},)"
TIMED_OUT = f"MQTT: OSError({errno.ETIMEDOUT},)"
# The simulator keeps a socket's limit of time; on the chips setblocking(True) takes it back.
CHIP_SOCKET = """\
import socket as simulator
from socket import getaddrinfo


class socket(simulator.socket):
    def setblocking(self, blocking):
        self.settimeout(None if blocking else 0)
"""
START = {"temperature": 21.5, "target": 20.0, "heating": "OFF"}


class Broker:
    """A mosquitto on a free port of 127.0.0.1 that asks for a password and keeps nothing.

    folder: for its files.
    """

    def __init__(self, folder):
        self.port = free_port()
        passwords = folder / "passwords"
        passwords.write_text("device:secret\n")
        passwords.chmod(0o600)
        self._run("mosquitto_passwd", "-U", passwords, check=True)
        self._config = folder / "mosquitto.conf"
        # Of root, mosquitto would become a user who cannot read the folder.
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\n"
            f"password_file {passwords}\nuser {getpass.getuser()}\n"
        )
        self.process = None
        self.start()

    def start(self):
        command = [shutil.which("mosquitto", path=PATH), "-c", self._config]
        log = self._config.with_name("mosquitto.log").open("ab")
        with log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        eventually(lambda: listens(self.port) or self.process.poll() is not None)
        assert self.process.poll() is None

    def stop(self):
        self.process.kill()
        self.process.wait()

    def _run(self, name, *arguments, **options):
        command = [shutil.which(name, path=PATH), *arguments]
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=LONG, **options
        )

    def page_command(self, name, *arguments):
        """Runs the page's command of this name, here; what it printed."""
        (line,) = re.findall(rf"^{name} .*$", PAGE, re.M)
        words = shlex.split(line.replace("192.168.1.10", "127.0.0.1"))[1:]
        return self._run(name, "-p", str(self.port), *words, *arguments, check=False).stdout

    def retained(self):
        """What the broker keeps: the messages by their topics."""
        printed = self.page_command("mosquitto_sub", "--retained-only", "-W", "1")
        return dict(line.split(" ", 1) for line in printed.splitlines())

    def send(self, topic, message):
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-u", "device", "-P", "secret")
        self._run("mosquitto_pub", *where, "-t", topic, "-m", message, check=True)

    def has(self, topic, message):
        """Waits until the broker keeps this message."""
        return eventually(lambda: (kept := self.retained()).get(topic) == message and kept)

    def has_state(self, expected):
        """Waits until the device's state is this one for whoever comes now."""
        eventually(lambda: json.loads(self.retained().get(STATE, "null")) == expected)


@pytest.fixture
def broker(tmp_path):
    found = Broker(tmp_path)
    yield found
    found.stop()


@pytest.fixture(scope="session")
def umqtt():
    """umqtt/simple.py of MicroPython's source, or the last one on PyPI where that is without."""
    newest = LIBRARY / "umqtt" / "simple.py"
    if newest.exists():
        return newest.read_text(encoding="utf-8")
    requirements = TOP / "tests" / "requirements.txt"
    folder = fetch("micropython-umqtt.simple", requirements, "umqtt/simple.py")
    text = (folder / "umqtt" / "simple.py").read_text(encoding="utf-8")
    # It is older than connect()'s argument.
    for old, new in (
        (
            "def connect(self, clean_session=True):",
            "def connect(self, clean_session=True, timeout=None):",
        ),
        (
            "self.sock = socket.socket()\n",
            "self.sock = socket.socket(); self.sock.settimeout(timeout)\n",
        ),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@pytest.fixture
def start(serve, tmp_path, umqtt):
    """``start(port)``: the page's program as a server that connects to this port.

    It tries again after a second, and sends something each second.
    """
    (tmp_path / "umqtt").mkdir()
    (tmp_path / "umqtt" / "simple.py").write_text(umqtt, encoding="utf-8")
    (tmp_path / "chip_socket.py").write_text(CHIP_SOCKET)
    (code,) = [b for b in re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S) if "umqtt" in b]

    def run(port):
        text = "import sys, chip_socket, umqtt.simple\numqtt.simple.socket = chip_socket\n" + code
        for old, new in (
            ('"192.168.1.10"', '"127.0.0.1"'),
            (", user=", f", port={port}, user="),
            ("KEEPALIVE = 30", "KEEPALIVE = 2"),
            ("AGAIN = 30", "AGAIN = 1"),
            ('host="0.0.0.0", port=80', "host=sys.argv[2], port=int(sys.argv[1])"),
        ):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return serve(text, env=search_path(tmp_path))

    return run


def state(server):
    return httpx.get(server.url + "/state", timeout=LONG, trust_env=False).json()


def slowest(server, condition):
    """Asks until `condition()` is true; the seconds that the slowest answer took."""
    worst = 0

    def ask():
        nonlocal worst
        begun = time.monotonic()
        assert state(server) == START
        worst = max(worst, time.monotonic() - begun)
        return condition()

    eventually(ask)
    return worst


def test_home_assistant_finds_the_device(broker, start):
    start(broker.port)
    kept = broker.has(STATUS, "online")
    assert set(kept) >= CONFIGS
    configs = {topic.split("/")[1]: json.loads(kept[topic]) for topic in CONFIGS}
    for config in configs.values():
        assert config["device"] == {"identifiers": ["thermostat"], "name": "Thermostat"}
        assert config["availability"] == [{"topic": STATUS}]
        assert config["state_topic"] == STATE
        key = config["unique_id"].removeprefix("thermostat_")
        assert key in START and config["value_template"] == f"{{{{ value_json.{key} }}}}"
    assert configs["sensor"]["unit_of_measurement"] == "°C"
    assert configs["number"]["command_topic"] == "thermostat/set/target"
    assert configs["switch"]["command_topic"] == "thermostat/set/heating"
    broker.has_state(START)


def test_commands(broker, start):
    server = start(broker.port)
    broker.has(STATUS, "online")
    broker.page_command("mosquitto_pub")
    expected = {**START, "heating": "ON"}
    eventually(lambda: state(server) == expected)
    broker.has_state(expected)
    for message in ("cold", "99", "4.9", ""):
        broker.send("thermostat/set/target", message)
    broker.send("thermostat/set/heating", "MAYBE")
    broker.send("thermostat/set/other", "OFF")
    broker.send("thermostat/set/target", "23.5")
    expected["target"] = 23.5
    eventually(lambda: state(server)["target"] == 23.5)
    broker.has_state(expected)
    assert "MQTT:" not in server.log()


def test_broker_restarts(broker, start):
    server = start(broker.port)
    broker.has(STATUS, "online")
    broker.stop()
    assert slowest(server, lambda: REFUSED in server.log()) < LIMIT
    broker.start()
    assert set(broker.has(STATUS, "online")) >= CONFIGS
    broker.send("thermostat/set/heating", "ON")
    eventually(lambda: state(server)["heating"] == "ON")


def test_broker_comes_late(broker, start):
    broker.stop()
    server = start(broker.port)
    assert slowest(server, lambda: REFUSED in server.log()) < LIMIT
    broker.start()
    broker.has(STATUS, "online")


def test_device_is_gone(broker, start):
    server = start(broker.port)
    broker.has(STATUS, "online")
    server.process.kill()
    assert set(broker.has(STATUS, "offline")) >= CONFIGS


def test_device_is_silent(broker, start):
    """As without power: nothing closes the connection."""
    server = start(broker.port)
    broker.has(STATUS, "online")
    server.process.send_signal(signal.SIGSTOP)
    try:
        broker.has(STATUS, "offline")
    finally:
        server.process.send_signal(signal.SIGCONT)
    broker.has(STATUS, "online")


def test_broker_is_silent(broker, start):
    """It is stopped in the midst, and the system goes on to take connections for it."""
    server = start(broker.port)
    broker.has(STATUS, "online")
    broker.process.send_signal(signal.SIGSTOP)
    try:
        # In the connection that there was, and in one that was made.
        took = slowest(server, lambda: server.log().count(TIMED_OUT) >= 2)
    finally:
        broker.process.send_signal(signal.SIGCONT)
    assert LIMIT / 2 < took < 2 * LIMIT
    broker.has(STATUS, "online")


def test_broker_cannot_be_reached(start):
    """Nobody answers a connection's first packet: the queue of who listens is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = listener.getsockname()
        stack.enter_context(socket.create_connection(address))
        server = start(address[1])
        took = slowest(server, lambda: server.log().count(TIMED_OUT) >= 2)
    assert LIMIT / 2 < took < 2 * LIMIT

# SPDX-License-Identifier: MIT
"""Commands of Improv Wi-Fi: one byte of what the radio does, then the command.

Of the first byte 1: it is in a network; 2: it refuses; 4: settings are there; 8: they say that the
device is switched off; 16: the rest is name and password of a network, apart by a line feed.

The module's source is run with stand-ins: the simulator has no radio, and no function that sends.
"""

import json
import os
import sys

from harness import raises, run
from tinyweb import wifi
from tinyweb.device import settings

SOURCE = __file__[: __file__.rfind("/")] + "/../../../frozen/tinyweb/device/improv.py"
ADDRESS = "10.0.0.7"
# Types of packets, states, errors
STATE, ERROR, RESULT = 1, 2, 4
STOPPED, READY, PROVISIONING, PROVISIONED = 0, 2, 3, 4
NONE, BAD_PACKET, UNKNOWN_COMMAND, CANNOT_JOIN, UNKNOWN = 0, 1, 2, 3, 255


class Radio:
    """The module network, and the one interface that it has."""

    STA_IF = 0
    joined = None
    refuses = False

    def WLAN(self, _):
        return self

    def hostname(self, name=None):
        return "board"

    def active(self, on):
        if self.refuses:
            raise OSError("no radio")

    def isconnected(self):
        return self.joined is not None

    def config(self, key):
        return self.joined

    def ifconfig(self):
        return (ADDRESS if self.joined is not None else wifi.NO_ADDRESS,)

    def disconnect(self):
        self.joined = None

    def connect(self, ssid, password):
        self.joined = ssid

    def scan(self):
        return [(b"home", b"", 1, -50, 3, False), (b"\xff", b"", 1, -60, 0, False)]


class Sender:
    """The module _tinyweb, as far as commands need it."""

    def __init__(self):
        self.sent = []

    def improv(self, kind, data):
        assert kind in (STATE, ERROR, RESULT) and len(data) <= 255
        self.sent.append((kind, data))


class Start:
    """The start of the device's pages, which is not made."""

    def serve(self):
        pass


def loaded(radio, sender):
    """The names of the module."""
    sys.modules["network"] = radio
    own = sys.modules.get("_tinyweb")
    sys.modules["_tinyweb"] = sender
    names = {"__name__": "improv"}
    with open(SOURCE) as file:
        exec(file.read(), names)
    del sys.modules["_tinyweb"]
    if own is not None:
        sys.modules["_tinyweb"] = own
    names["start"] = Start()
    names["print"] = lambda exc: None
    return names


def strings(data):
    """The strings of a result."""
    assert data[1] == len(data) - 2
    found = []
    at = 2
    while at < len(data):
        found.append(str(data[at + 1 : at + 1 + data[at]], "utf-8"))
        at += 1 + data[at]
    assert at == len(data)
    return found


radio = Radio()
sender = Sender()
answer = loaded(radio, sender)["answer"]


def prepare(flags):
    radio.joined = "old" if flags & 1 else None
    radio.refuses = flags & 2
    sender.sent.clear()
    try:
        os.remove(settings.PATH)
    except OSError:
        pass  # There was none.
    if flags & 4:
        networks = [{"ssid": "old", "password": "87654321"}]
        settings.write({"name": "lamp", "enabled": not flags & 8, "networks": networks})
    return bool(flags & 12 != 12)


def wanted(data):
    """(name, password) of the network that a command tells, None where it is wrong."""
    if len(data) < 3 or len(data) < 4 + data[2]:
        return None
    end = 3 + data[2]
    if len(data) != end + 1 + data[end]:
        return None
    return raises(UnicodeError, lambda: (str(data[3:end], "utf-8"), str(data[end + 1 :], "utf-8")))


def told_state(enabled, command):
    """The packets that tell the state now."""
    if not enabled:
        return [(STATE, bytes((STOPPED,)))]
    if not radio.isconnected():
        return [(STATE, bytes((READY,)))]
    url = f"http://{ADDRESS}/".encode()
    result = bytes((command, len(url) + 1, len(url))) + url
    return [(STATE, bytes((PROVISIONED,))), (RESULT, result)]


def check_network(data, enabled):
    network = wanted(data)
    if network is None:
        assert sender.sent == [(ERROR, bytes((BAD_PACKET,)))]
        return
    assert sender.sent[:2] == [(ERROR, bytes((NONE,))), (STATE, bytes((PROVISIONING,)))]
    ssid, password = network
    can_be = 1 <= len(ssid.encode()) <= 32 and (not password or 8 <= len(password.encode()) <= 64)
    if can_be and enabled and not radio.refuses:
        assert radio.joined == ssid and sender.sent[2:] == told_state(True, 1)
        known = settings.read()["networks"]
        assert known[0] == ({"ssid": ssid, "password": password} if password else {"ssid": ssid})
        assert [each["ssid"] for each in known[1:]] in ([], ["old"])
    else:
        state = PROVISIONED if radio.isconnected() else READY
        assert sender.sent[2:] == [(ERROR, bytes((CANNOT_JOIN,))), (STATE, bytes((state,)))]
        assert settings.read().get("networks", [{"ssid": "old"}])[0]["ssid"] == "old"


def check_others(data, enabled):
    sent = sender.sent
    if data[0] == 2:
        assert sent == told_state(enabled, 2)
    elif data[0] == 3:
        ((kind, result),) = sent
        told = strings(result)
        assert kind == RESULT and result[0] == 3 and len(told) == 6 and told[0] == "TinyWeb"
        assert told[3] in ("lamp", "board")
    elif data[0] == 4:
        if radio.refuses:
            assert sent == [(ERROR, bytes((UNKNOWN,)))]
        else:
            assert [strings(result) for _, result in sent] == [["home", "-50", "YES"], []]
    else:
        assert sent == [(ERROR, bytes((UNKNOWN_COMMAND,)))]


def check(data):
    if not data:
        return
    flags, data = data[0], data[1:]
    if flags & 16:
        ssid, password = (data.split(b"\n", 1) + [b""])[:2]
        ssid, password = ssid[:100], password[:100]
        data = bytes((len(ssid),)) + ssid + bytes((len(password),)) + password
        data = bytes((1, len(data))) + data
    data = data[:255]
    enabled = prepare(flags)
    answer(data)
    if len(data) < 2 or data[1] != len(data) - 2:
        assert sender.sent == [(ERROR, bytes((BAD_PACKET,)))]
    elif data[0] == 1:
        check_network(data, enabled)
    else:
        check_others(data, enabled)
    assert json.dumps(settings.read())


run(check)

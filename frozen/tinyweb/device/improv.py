# SPDX-License-Identifier: MIT
"""Improv Wi-Fi over the serial line: a program tells the device its network, beside the prompt.

C takes packets out of what is typed at the prompt, and calls answer() with the commands. The
protocol is https://www.improv-wifi.com/serial/
"""

import sys
from time import sleep_ms

import _tinyweb

import tinyweb
from micropython import const
from tinyweb import background, device, wifi
from tinyweb.device import settings, start

# Types of packets that the device sends.
_STATE = const(1)
_ERROR = const(2)
_RESULT = const(4)

# Commands.
_SET_NETWORK = const(1)
_GET_STATE = const(2)
_GET_INFO = const(3)
_GET_NETWORKS = const(4)

# States.
_STOPPED = const(0)
_READY = const(2)
_PROVISIONING = const(3)
_PROVISIONED = const(4)

# Errors.
_NONE = const(0)
_BAD_PACKET = const(1)
_UNKNOWN_COMMAND = const(2)
_CANNOT_JOIN = const(3)
_UNKNOWN = const(0xFF)

# How often an attempt of the station is looked at, in ms.
_PAUSE = const(100)


def answer(data):
    """Answer the command `data`, bytes. C calls it, at the prompt."""
    if len(data) < 2 or data[1] != len(data) - 2:
        return _send(_ERROR, _BAD_PACKET)
    command = data[0]
    if command == _GET_STATE:
        _tell_state(command)
    elif command == _GET_INFO:
        _send_strings(command, _info())
    elif command == _GET_NETWORKS:
        _scan(command)
    elif command == _SET_NETWORK:
        _set_network(command, data)
    else:
        _send(_ERROR, _UNKNOWN_COMMAND)


def _send(kind, value):
    _tinyweb.improv(kind, bytes((value,)))


def _send_strings(command, strings):
    data = b""
    for string in strings:
        string = string.encode()
        data += bytes((len(string),)) + string
    _tinyweb.improv(_RESULT, bytes((command, len(data))) + data)


def _values():
    # The settings; {} where they cannot be read.
    try:
        return settings.read(device.path())
    except (OSError, ValueError):
        return {}


def _wlan():
    import network

    return network.WLAN(network.STA_IF)


def _url():
    # Where the device is in its network, or None.
    wlan = _wlan()
    address = wlan.ifconfig()[0]
    if wlan.isconnected() and address != wifi.NO_ADDRESS:
        return "http://{}/".format(address)
    return None


def _tell_state(command):
    # With the URL, as a result of `command`, where there is one.
    url = _url()
    if not _values().get("enabled", True):
        _send(_STATE, _STOPPED)
    elif url is None:
        _send(_STATE, _READY)
    else:
        _send(_STATE, _PROVISIONED)
        _send_strings(command, (url + device.first_page(),))


def _info():
    import network

    system, version = sys.version.split("; ")[-1].split(" ")[:2]
    return (
        "TinyWeb",
        tinyweb.__version__,
        sys.implementation._machine.split(" with ")[-1],
        _values().get("name") or network.hostname(),
        system,
        version,
    )


def _scan(command):
    try:
        found = wifi.networks()
    except OSError:
        return _send(_ERROR, _UNKNOWN)
    for ssid, rssi, secure in found:
        _send_strings(command, (ssid, str(rssi), "YES" if secure else "NO"))
    _send_strings(command, ())


def _set_network(command, data):
    try:
        end = 3 + data[2]
        network = {"ssid": str(data[3:end], "utf-8")}
        password = str(data[end + 1 :], "utf-8")
        if len(data) != end + 1 + data[end]:
            raise ValueError
    except (IndexError, ValueError):
        return _send(_ERROR, _BAD_PACKET)
    if password:
        network["password"] = password
    _send(_ERROR, _NONE)
    _send(_STATE, _PROVISIONING)
    try:
        settings.check({"networks": [network]})
        _join(network)
    except (OSError, ValueError) as exc:
        # The protocol has one number for all reasons; who reads along learns which it was.
        print(exc)
        _send(_ERROR, _CANNOT_JOIN)
        _send(_STATE, _READY if _url() is None else _PROVISIONED)
    else:
        _tell_state(command)


def _join(network):
    values = _values()
    if not values.get("enabled", True):
        raise ValueError("the setting 'enabled' says no")
    station = device.connected()
    if station is not None and background.is_on():
        # It would not let the radio try another network.
        station.wish(network, {})
        while station.state == "joining":
            sleep_ms(_PAUSE)
        if station.state != "joined":
            raise OSError(station.reason)
        return
    wlan = _wlan()
    before = wlan.config("essid") if wlan.isconnected() else None
    try:
        wifi.join(network["ssid"], network.get("password"), hostname=values.get("name"))
    except OSError:
        for known in values.get("networks", ()):
            if known["ssid"] == before:
                wlan.connect(before, known.get("password"))
        raise
    settings.remember(network, device.path())
    if not background.is_on():
        start.serve()

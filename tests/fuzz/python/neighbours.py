# SPDX-License-Identifier: MIT
"""Answers to the question who is there: the first byte says what the rest is.

Even: a message. Odd: the name and the port of a device of this kind, whose own answer is read.
"""

import json

from harness import raises, run
from tinyweb import mdns
from tinyweb.device import neighbours

KIND = mdns.service_type(neighbours.SERVICE)
KEYS = {"hostname", "instance_name", "port", "ip"}


def read(data):
    found = {}
    neighbours.read(data, KIND, found)
    return found


def check_message(data):
    found = read(data)
    for key, device in found.items():
        assert set(device) == KEYS
        name = device["instance_name"].encode()
        assert key == name.lower() and 1 <= len(name) <= 63
        assert 1 <= len(device["hostname"].encode()) <= 63
        assert 1 <= device["port"] <= 65535
        octets = device["ip"].split(".")
        assert len(octets) == 4 and all(0 <= int(octet) <= 255 for octet in octets)
        assert json.loads(json.dumps(device)) == device
    if found:
        assert data[2] & 0x80 and data[3] & 15 == 0
    try:
        neighbours._read(data, KIND, {})
    except (IndexError, ValueError):
        assert not found, found  # What is wrong anywhere adds nothing.


def check_device(data):
    name = raises(UnicodeError, str, data[2:], "utf-8")
    port = data[0] << 8 | data[1]
    if name is None:
        return
    responder = raises(
        ValueError, mdns.Responder, name, "10.0.0.7", neighbours.SERVICE, port, "255.0.0.0"
    )
    if responder is None:
        assert not 0 < len(name.encode()) < 64 or "." in name
        return
    message = responder._message(120, 1, 12)
    device = {"hostname": name, "instance_name": name, "port": port, "ip": "10.0.0.7"}
    assert list(read(message).values()) == ([device] if port else []), message
    for end in range(len(message)):
        assert not read(message[:end])


def check(data):
    if len(data) < 4:
        return
    if data[0] & 1:
        check_device(data[1:])
    else:
        check_message(data[1:])


run(check)

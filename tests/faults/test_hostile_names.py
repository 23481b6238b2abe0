# SPDX-License-Identifier: MIT
"""A message of multicast DNS that is made to cost much costs not much more than another one."""

import json
import struct

import pytest

PROGRAM = """
    import gc, json, sys, time
    from tinyweb.mdns import Responder

    class Silent:
        def sendto(self, message, peer):
            sent.append(message)

    responder = Responder("Lamp", "127.0.0.1")
    responder._port = 5353
    responder._group = ("224.0.0.251", 5353)
    sock = Silent()
    found = {}
    for name, text in json.load(open(sys.argv[1])).items():
        data = bytes.fromhex(text)
        best = None
        for _ in range(20):
            sent = []
            gc.collect()
            gc.disable()
            before = gc.mem_alloc()
            begin = time.ticks_us()
            responder.answer(sock, data, ("192.168.4.2", 5353))
            took = time.ticks_diff(time.ticks_us(), begin)
            used = gc.mem_alloc() - before
            gc.enable()
            best = took if best is None else min(best, took)
        found[name] = [best, used, len(sent)]
    print(json.dumps(found))
"""
OURS = b"\4LAMP\5local\0"
TYPE_A = b"\0\1\0\1"
ANSWER = TYPE_A + b"\0\0\0\0\0\4\x7f\0\0\1"


def message(questions, answers, data):
    return (struct.pack("!6H", 0, 0, questions, answers, 0, 0) + data)[:512]


def pointer(at):
    return struct.pack("!H", 0xC000 | at)


def chain():
    """A name of pointers to pointers, down to a name of labels, asked for again and again."""
    links = OURS[:-1] + b"\0" + TYPE_A
    data = OURS + TYPE_A + b"\1x"
    at = 12 + len(OURS) + 4
    for i in range(100):
        data += pointer(at + 2 * (i - 1) if i else 12)
    data += TYPE_A
    last = 12 + len(data) - 6
    return message(65535, 0, data + (pointer(last) + TYPE_A) * 60 + links)


def back_and_forth():
    """Labels of ours, and behind them pointers that lead back to them."""
    data = b"\4lamp" + pointer(12)
    return message(65535, 0, data + TYPE_A + (pointer(12) + TYPE_A) * 80)


HOSTILE = {
    "labels": message(65535, 0, b"\1x" * 200 + b"\0" + TYPE_A + (pointer(12) + TYPE_A) * 20),
    "long labels": message(
        65535, 0, (b"\x3f" + b"y" * 63) * 5 + b"\0" + (pointer(12) + TYPE_A) * 40
    ),
    "chain": chain(),
    "back and forth": back_and_forth(),
    "ours": message(65535, 0, OURS + TYPE_A + (pointer(12) + TYPE_A) * 80),
    "known answers": message(1, 65535, OURS + TYPE_A + (pointer(12) + ANSWER) * 40),
    "empty": message(65535, 65535, bytes(500)),
}


@pytest.mark.parametrize("bits", [64, 32])
def test_cost_of_a_message(run_mpy, tmp_path, bits):
    messages = {"one question": message(1, 0, OURS + TYPE_A), **HOSTILE}
    file = tmp_path / "messages.json"
    file.write_text(json.dumps({name: data.hex() for name, data in messages.items()}))
    found = json.loads(run_mpy(PROGRAM, bits=bits, heap="24m", args=[file]).stdout)
    time, memory, answers = found.pop("one question")
    assert answers == 1
    for name, (took, used, _) in found.items():
        # It may ask for the name 16 times, and compare as many known answers.
        assert took < 25 * time, name
        assert used < memory + 2048, name
    assert found["ours"][2] == 1
    assert found["known answers"][2] == 1

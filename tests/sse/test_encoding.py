# SPDX-License-Identifier: MIT
"""The bytes of an event, and which values have a form in JSON."""

import pytest

from support.simulator import SIMULATOR_MODULES, search_path

SETUP = """
from calls import tried
from _tinyweb import dumps, event

class Printed(dict):
    # JSON has what an object of such a class says of itself.
    def __repr__(self):
        return self.text

def printed(text):
    value = Printed()
    value.text = text
    return value
"""


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def answer(request, run_mpy):
    """A function: what is printed of f(*args) for each of `calls`."""

    def run(*calls):
        code = SETUP + "".join(f"tried({call})\n" for call in calls)
        return run_mpy(
            code, bits=request.param, env=search_path(SIMULATOR_MODULES)
        ).stdout.splitlines()

    return run


def test_lines_of_data(answer):
    """CR, LF and CRLF each end one (WHATWG HTML section 9.2.6), also at the very end."""
    for text, lines in (
        (r"a\r\nb", "a|b"),
        (r"a\rb", "a|b"),
        (r"a\nb", "a|b"),
        (r"a\r", "a|"),
        (r"a\n", "a|"),
        (r"a\r\n", "a|"),
        (r"\r\r\n\n", "|||"),
        ("", ""),
    ):
        wanted = "".join(f"data: {line}\n" for line in lines.split("|")) + "\n"
        kinds = f'bytes("{text}".encode())', f'bytearray("{text}".encode())', f'"{text}"'
        calls = [f"event, {data}, None, None, None" for data in kinds]
        assert answer(*calls) == [repr(wanted.encode()).replace('"', "'")] * 3, text


def test_data_of_other_types_is_json(answer):
    assert answer(
        "event, 5, None, None, None",
        "event, 1.5, None, None, None",
        "event, True, None, None, None",
        "event, (1, [2]), None, None, None",
        "event, None, 5, 6, 7",
    ) == [
        r"b'data: 5\n\n'",
        r"b'data: 1.5\n\n'",
        r"b'data: true\n\n'",
        r"b'data: [1, [2]]\n\n'",
        r"b'retry: 7\nevent: 5\nid: 6\n\n'",
    ]


def test_what_would_end_a_line(answer):
    """Nobody can put a field of an event's own into it."""
    assert answer(
        r'event, printed("a\nid: 1"), None, None, None',
        r'event, printed("a\rid: 1"), None, None, None',
        r'event, printed("a"), None, None, None',
        r'event, "", "a\nb", None, None',
        r'event, "", None, "a\rb", None',
        r'event, b"\xff", None, None, None',
    ) == [
        "ValueError line end in data",
        "ValueError line end in data",
        r"b'data: a\n\n'",
        "ValueError line end in event",
        "ValueError line end in id",
        "UnicodeError data isn't UTF-8",
    ]


def test_what_json_has_no_form_for(answer):
    refused = "TypeError JSON has no {}: make a dict, list, str or number of it".format
    keys = "TypeError a key in JSON is a str, not {}".format
    assert answer(
        "dumps, object()",
        "dumps, [dumps]",
        "dumps, {1, 2}",
        "dumps, print",
        "dumps, float('inf')",
        "dumps, {None: 1}",
        "dumps, {1.5: 1}",
        "dumps, {(): 1}",
        "dumps, {object: 1}",
        "dumps, {object(): 1}",
        "dumps, {1: 1}",
        "dumps, {10 ** 20: 2 ** 70}",
        "dumps, {b'a': 'a' * 200 == 0}",
    ) == [
        refused("object"),
        refused("function"),
        refused("set"),
        refused("function"),
        "ValueError JSON has no infinity and no NaN",
        keys("NoneType"),
        keys("float"),
        keys("tuple"),
        keys("type"),
        keys("object"),
        """b'{"1": 1}'""",
        """b'{"100000000000000000000": 1180591620717411303424}'""",
        """b'{"a": false}'""",
    ]

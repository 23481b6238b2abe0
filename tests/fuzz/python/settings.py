# SPDX-License-Identifier: MIT
"""Settings: files, time zones and stored passwords. The first byte says which."""

import json

from harness import raises, run
from tinyweb import passwords
from tinyweb.device import clock, settings

TIMES = (0, 1700000000, 1711846800, 1709164800, 4102444800)


def check_file(data):
    values = raises(ValueError, settings._parsed, data)
    if values is None:
        return
    settings.check(values)
    try:
        settings.write(values)
    except ValueError as exc:
        # Written with names in order, it may be too long.
        assert "at most" in str(exc), exc
        return
    assert settings.read() == json.loads(json.dumps(values))


def check_zone(data):
    text = raises(UnicodeError, data.decode)
    if text is None:
        return
    for time in TIMES:
        offset = raises(ValueError, clock.offset, text, time)
        if offset is not None:
            assert isinstance(offset, int)
            assert settings._is_timezone(text)


def check_password(data):
    text = raises(UnicodeError, data.decode)
    if text is not None:
        stored = raises(ValueError, passwords.parse, text)
        assert stored is None or len(stored) == 3


def check(data):
    if not data:
        return
    kind = data[0] & 3
    (check_file, check_file, check_zone, check_password)[kind](data[1:])


run(check)

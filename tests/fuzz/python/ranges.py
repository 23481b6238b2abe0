# SPDX-License-Identifier: MIT
"""Dates, conditions, ranges and Accept-Encoding: of the input, the first two bytes are options.

Then lines, each the value of the field of FIELDS in turn, as the parser gives it to the server.
"""

from _tinyweb import lists
from harness import run
from tinyweb import conditional

FIELDS = [name.encode() for name in conditional.FIELDS]
ETAGS = (b'"1-2"', b'"5a-64b0c2d0"', b'"0011223344556677"')
SIZES = (0, 1, 2, 10, 1000, 0x7FFFFFFF)
MODIFIED = (None, 0, 784111777, 1700000000)


def is_range(part, size):
    return part is None or part == () or 0 <= part[0] <= part[1] < size


def check_date(field):
    date = conditional.parse_date(field)
    if date is None:
        return
    year, month, day, hour, minute, second = date
    assert 1 <= month <= 12 and 1 <= day <= 31
    assert 0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60
    if 0 <= year <= 9999:
        # What was understood, written as RFC 9110 prefers it, is understood as the same.
        name = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * month - 3 : 3 * month]
        written = f"Sun, {day:02} {name} {year:04} {hour:02}:{minute:02}:{second:02} GMT"
        assert conditional.parse_date(written.encode()) == date, (field, written)


def check_range(fields, etag, modified, size):
    part = conditional._range(fields, etag, modified, size)
    assert is_range(part, size), (fields, part)
    if part:
        again = {b"Range": b"bytes=%d-%d" % part}
        assert conditional._range(again, etag, modified, size) == part


def check(data):
    if len(data) < 2:
        return
    etag = ETAGS[data[0] % 3]
    size = SIZES[(data[0] >> 2) % 6]
    modified = MODIFIED[data[1] % 4]
    fields = {}
    values = data[2:].split(b"\n")
    for i in range(min(len(FIELDS), len(values))):
        name, value = FIELDS[i], values[i].strip()
        if value:
            fields[name] = value
            check_date(value)
            found = lists(value, etag, True)
            assert found or not lists(value, etag, False)
            assert not found or value == b"*" or etag in value
    status = conditional._condition(fields, etag, modified)
    assert status in (None, 304, 412)
    if not fields:
        assert status is None
    if b"Range" in fields:
        check_range(fields, etag, modified, size)


run(check)

# SPDX-License-Identifier: MIT
"""Time zones, compared with the zone database that Python has."""

import datetime
import json
import random
import zoneinfo

import pytest

from support.ota import MODULES
from support.simulator import search_path

# The last line of each zone's file, which holds from its last change on.
ZONES = {
    "Europe/Zurich": "CET-1CEST,M3.5.0,M10.5.0/3",
    "Europe/Dublin": "IST-1GMT0,M10.5.0,M3.5.0/1",
    "America/New_York": "EST5EDT,M3.2.0,M11.1.0",
    "America/St_Johns": "NST3:30NDT,M3.2.0,M11.1.0",
    "America/Sao_Paulo": "<-03>3",
    "Asia/Kolkata": "IST-5:30",
    "Asia/Jerusalem": "IST-2IDT,M3.4.4/26,M10.5.0",
    "Australia/Sydney": "AEST-10AEDT,M10.1.0,M4.1.0/3",
    "Pacific/Chatham": "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
    "UTC": "UTC0",
}
PROGRAM = """
    import json, sys
    from tinyweb.device import clock
    with open(sys.argv[1]) as file:
        for zone, seconds in json.load(file):
            print(clock.offset(zone, seconds))
"""


def changes(zone, year):
    """The moments of a year at which the zone's offset changes, in s since 1970."""
    begin = int(datetime.datetime(year, 1, 1, tzinfo=datetime.UTC).timestamp())
    hours = range(begin, begin + 366 * 86400, 1800)
    return [t for t in hours if offset(zone, t) != offset(zone, t - 1800)]


def offset(zone, seconds):
    at = datetime.datetime.fromtimestamp(seconds, zoneinfo.ZoneInfo(zone))
    return int(at.utcoffset().total_seconds())


@pytest.mark.parametrize("bits", [64, 32])
def test_offsets_of_time_zones(run_mpy, tmp_path, bits):
    numbers = random.Random(1)
    asked = []
    for zone, text in ZONES.items():
        times = [numbers.randrange(1735689600, 2051222400) for _ in range(100)]
        for year in (2026, 2027, 2028, 2032):
            for change in changes(zone, year):
                times += [change - 1, change]
        asked += [(zone, text, seconds) for seconds in times]
    file = tmp_path / "asked.json"
    file.write_text(json.dumps([(text, seconds) for _, text, seconds in asked]))
    printed = run_mpy(PROGRAM, bits=bits, args=(file,)).stdout.split()
    for (zone, text, seconds), got in zip(asked, printed, strict=True):
        assert int(got) == offset(zone, seconds), (zone, text, seconds)


@pytest.mark.parametrize(
    ("rule", "day"), [("J60", (3, 1)), ("J59", (2, 28)), ("59", (2, 29)), ("0", (1, 1))]
)
def test_days_of_a_leap_year(run_mpy, rule, day):
    """Jn never counts 29 February, n does (POSIX.1-2017, section 8.3)."""
    begin = int(datetime.datetime(2028, *day, 2, tzinfo=datetime.UTC).timestamp())
    printed = run_mpy(
        f"""
        from tinyweb.device import clock
        for seconds in ({begin} - 1, {begin}):
            print(clock.offset("AAA0BBB,{rule},J365", seconds))
        """
    ).stdout.split()
    assert printed == ["0", "3600"]


def test_time_here(run_mpy, tmp_path):
    (tmp_path / "device.json").write_text('{"timezone": "IST-5:30"}')
    printed = run_mpy(
        """
        import time
        from tinyweb import device
        before, here, after = time.gmtime(time.time() + 19800), device.localtime(), time.gmtime(
            time.time() + 19800)
        print(before[:6] <= here[:6] <= after[:6])
        """,
        cwd=tmp_path,
    ).stdout
    assert printed == "True\n"


def test_any_time_in_any_zone(run_mpy, tmp_path):
    """Also where nothing was set: UTC."""
    assert run_mpy(
        """
        import time
        from tinyweb import device
        from tinyweb.device import clock
        print(clock.localtime("CET-1CEST,M3.5.0,M10.5.0/3", 1767225600)[:6])
        print(clock.localtime("UTC0", 1767225600)[:6])
        before, here, after = time.gmtime(), device.localtime(), time.gmtime()
        print(before[:6] <= here[:6] <= after[:6])
        """,
        cwd=tmp_path,
    ).stdout.splitlines() == ["(2026, 1, 1, 1, 0, 0)", "(2026, 1, 1, 0, 0, 0)", "True"]


def test_server_that_does_not_answer(run_mpy):
    """By its name alone it is asked at port 123, where nothing answers here."""
    told = run_mpy("""
        import asyncio
        from tinyweb.device import clock
        try:
            asyncio.run(clock.sync("127.0.0.1"))
        except OSError as exc:
            print(exc)
    """).stdout
    assert told == "127.0.0.1 does not answer\n"


def test_clock_of_the_chip(run_mpy):
    """It is set to seconds since 2000, whatever the port counts from; Monday is 0."""
    told = run_mpy(
        """
        import machine
        from tinyweb.device import clock

        class RTC:
            def datetime(self, time):
                print(time)

        machine.RTC = RTC
        clock.set_utc(0)
        clock.set_utc(820540800 + 3661)
        """,
        env=search_path(MODULES),
    ).stdout.splitlines()
    assert told == ["(2000, 1, 1, 5, 0, 0, 0, 0)", "(2026, 1, 1, 3, 1, 1, 1, 0)"]

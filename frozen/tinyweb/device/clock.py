# SPDX-License-Identifier: MIT
"""The device's clock: set by SNTP (RFC 4330), and read in a time zone.

A time zone is a string of POSIX's variable TZ, such as "CET-1CEST,M3.5.0,M10.5.0/3": the names and
offsets of standard and summer time, and when each begins.
"""

import asyncio
import os
import socket
import time

from micropython import const
from tinyweb import aio

_PORT = const(123)
_SIZE = const(48)
# What a server has to answer within, in s.
_TIMEOUT = const(2)
# Mode 3, a client, in version 4 (RFC 4330 section 4).
_CLIENT = const(0x23)
_HOUR = const(3600)
_DAY = const(86400)
# Seconds of NTP's first era, which began in 1900, until 2000; and of the whole era.
_UNTIL_2000 = 3155673600
_ERA = 1 << 32


async def sync(server):
    """Set the clock by the SNTP server `server`, "NAME" or "NAME:PORT". Coroutine.

    Raises OSError if it does not answer, or does not know the time. Its name is looked up first,
    in which nothing else runs: that takes some seconds where no name server answers.
    """
    name, *port = server.split(":", 1)
    address = socket.getaddrinfo(name, int(port[0]) if port else _PORT)[0][-1]
    # The time that is asked with is returned by the server, and tells its answer from another's.
    token = os.urandom(8)
    request = bytes([_CLIENT]) + bytes(39) + token
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.sendto(request, address)
        try:
            answer = await asyncio.wait_for(_answer(sock, token), _TIMEOUT)
        except asyncio.TimeoutError:
            raise OSError("{} does not answer".format(server))
    finally:
        sock.close()
    set_utc(_seconds(answer, 40))


async def _answer(sock, token):
    while True:
        await aio.readable(sock)
        answer = sock.recv(_SIZE)
        # A server's, synchronised to something, and to this question (RFC 4330 section 5).
        if len(answer) == _SIZE and answer[24:32] == token and answer[0] & 7 == 4:
            if answer[0] >> 6 == 3 or not 1 <= answer[1] <= 15:
                raise OSError("the time server does not know the time")
            return answer


def _seconds(answer, at):
    # Seconds since 2000 of a time of NTP, whose second era begins in 2036.
    seconds = int.from_bytes(answer[at : at + 4], "big")
    if not seconds & 0x80000000:
        seconds += _ERA
    return seconds - _UNTIL_2000


def set_utc(seconds):
    """Set the clock to `seconds` since 2000 in UTC, an int."""
    from machine import RTC

    # The ports' clocks begin in 1970 or 2000.
    t = time.gmtime(seconds + (946684800 if time.gmtime(0)[0] == 1970 else 0))
    RTC().datetime((t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0))


def localtime(zone, seconds=None):
    """The time in the time zone `zone`, a tuple as that of time.gmtime().

    seconds: what time.time() returns, by default the time now.

    Raises ValueError for a zone that is none.
    """
    if seconds is None:
        seconds = time.time()
    return time.gmtime(seconds + offset(zone, seconds))


def offset(zone, seconds):
    """How much later than in UTC it is in the time zone `zone`, in s.

    seconds: the time, as time.time() has it. Raises ValueError for a zone that is none.
    """
    parts = zone.split(",")
    at = _name(parts[0], 0)
    standard, at = _offset(parts[0], at)
    if at == len(parts[0]) and len(parts) == 1:
        return -standard
    at = _name(parts[0], at)
    summer = standard - _HOUR
    if at < len(parts[0]):
        summer, at = _offset(parts[0], at)
    if at != len(parts[0]) or len(parts) != 3:
        raise ValueError("no time zone")
    # The rules are in local time, and in the year there.
    year = time.gmtime(seconds - standard)[0]
    begin = _at(parts[1], year) + standard
    end = _at(parts[2], year) + summer
    if begin < end:
        is_summer = begin <= seconds < end
    else:
        is_summer = not end <= seconds < begin
    return -summer if is_summer else -standard


def _name(text, at):
    # Where a name ends: letters, or anything within <>.
    begin = at
    if text[at : at + 1] == "<":
        at = text.find(">", at) + 1
    else:
        while text[at : at + 1].isalpha():
            at += 1
    if at - begin < 3:
        raise ValueError("no time zone")
    return at


def _offset(text, at):
    # ([+-]hh[:mm[:ss]] in seconds, where it ends).
    sign = -1 if text[at : at + 1] == "-" else 1
    if text[at : at + 1] in ("-", "+"):
        at += 1
    seconds = 0
    for unit in (_HOUR, 60, 1):
        begin = at
        while text[at : at + 1].isdigit():
            at += 1
        if not 1 <= at - begin <= 3:
            raise ValueError("no time zone")
        seconds += unit * int(text[begin:at])
        if text[at : at + 1] != ":":
            break
        at += 1
    else:
        raise ValueError("no time zone")
    return sign * seconds, at


def _at(rule, year):
    # The time of a rule as of UTC: Mm.w.d, Jn or n, each with or without /time.
    rule, *clock = rule.split("/", 1)
    after = 2 * _HOUR
    if clock:
        after, at = _offset(clock[0], 0)
        if at != len(clock[0]):
            raise ValueError("no time zone")
    if not rule.startswith("M"):
        day = int(rule[1:] if rule.startswith("J") else rule)
        # Jn counts no 29 February.
        if rule.startswith("J"):
            day -= day < 60 or year % 4 != 0
        return _begin(year, 1) + day * _DAY + after
    month, week, day = (int(part) for part in rule[1:].split("."))
    if not (1 <= month <= 12 and 1 <= week <= 5 and 0 <= day <= 6):
        raise ValueError("no time zone")
    begin = _begin(year, month)
    # time.gmtime() counts from Monday, POSIX from Sunday.
    days = (day - 1 - time.gmtime(begin)[6]) % 7 + 7 * (week - 1)
    # The fifth week is the last one.
    while time.gmtime(begin + days * _DAY)[1] != month:
        days -= 7
    return begin + days * _DAY + after


def _begin(year, month):
    # When a month begins in UTC, as time.time() has it. time.mktime() has it in local time on some
    # ports.
    return (_days(year, month) - _days(time.gmtime(0)[0], 1)) * _DAY


def _days(year, month):
    # Days until the month begins, from one to another; February is the last month of a year here.
    year -= month <= 2
    month = (month + 9) % 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5

# SPDX-License-Identifier: MIT
"""The cookie of a session, and cookies that are set: the first byte says what is done.

0: the rest is the field Cookie. 1: the rest is what a session's cookie has, signed with this
server's key. Otherwise: name and value of a cookie that is set, apart by a line feed.
"""

from harness import run
from httpparse import parse_cookies
from tinyweb import cookies, sign
from tinyweb.sessions import Session, Sessions

# In the current folder
KEY = "session.key"
with open(KEY, "wb") as file:
    file.write(bytes(32))
sessions = Sessions(KEY)


class Request:
    """What sessions read of a request."""

    def __init__(self, field):
        self.headers = {b"Cookie": field} if field else {}


class Writer:
    """The writer of a response that has not begun."""

    started = False


class Response:
    """What set_cookie() reads and writes."""

    def __init__(self):
        self._writer = Writer
        self.headers = {}


def load(field):
    req = Request(field)
    sessions.load(req, None)
    assert type(req.session) is Session
    return req.session


def check_signed(data):
    text = sign.encode(data) + b".0"
    session = load(b"session=" + text + b"." + sessions._sign(text, False))
    # No cookie but this server's is a session.
    other = bytearray(text)
    other[0] ^= 1
    assert not load(b"session=" + bytes(other) + b"." + sessions._sign(text, False))
    return session


def check_set(data):
    name, value = (data.split(b"\n", 1) + [b""])[:2]
    try:
        name = name.decode()
        value = value.decode()
    except ValueError:
        return
    resp = Response()
    try:
        cookies.set_cookie(resp, name, value, secure=True)
    except ValueError:
        return
    (field,) = resp.headers["Set-Cookie"]
    # What a browser stores comes back as it was set.
    pair = field.split(";")[0]
    assert "\r" not in field and "\n" not in field and ";" not in name + value
    assert parse_cookies(pair.encode()) == {name: value}, (field,)


def check(data):
    if not data:
        return
    kind, data = data[0] & 3, data[1:]
    if kind == 0:
        assert not load(data)
    elif kind == 1:
        # What this server signs is an object. Strings that update() would go through by characters
        # leave these behind for ever, as MicroPython has it.
        if b'"' not in data or data.lstrip().startswith(b"{"):
            check_signed(data)
    else:
        check_set(data)


run(check)

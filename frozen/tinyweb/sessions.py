# SPDX-License-Identifier: MIT
"""Sessions: a dict that the client keeps for the application, in a signed cookie.

The cookie's value is payload.stamp.signature: the dict as JSON in base64url, the time it was
written in hexadecimal, and the HMAC-SHA256 of both and of the cookie's name. Clients can read it,
but not change it. Where the clock was never set the stamp is 0, and a random number that each
start draws anew goes into the signature instead: such a session ends with the next start.
"""

import json
import os
from time import gmtime, time

from micropython import const
from tinyweb import sign
from tinyweb.cookies import delete_cookie, read, set_cookie
from tinyweb.guards import Guard

_FIRST_YEAR = const(2025)
# Seconds that the clock may be set back without ending sessions.
_SKEW = const(300)
# The longest cookie (RFC 6265 section 6.1).
_MAX_SIZE = const(4096)
# What else is in the buffer that a response's head has to fit, in bytes.
_HEAD = const(192)
# The cookie without its payload and name: stamp, signature, attributes.
_REST = const(128)


class Session(dict):
    """The session of a request, req.session. What is put into it has to be JSON.

    Nothing of it is kept unless save() is called, before the response begins.
    """

    def save(self):
        """Send the session to the client.

        Raises ValueError where it gets larger than a cookie, or the head that it is sent in, can
        be; RuntimeError where the response has begun.
        """
        self.sessions._write(self.resp, json.dumps(self))

    def renew(self):
        """Empty the session, as is due when its user changes.

        So nothing that somebody else has put into it (session fixation) passes on to the user.
        """
        for name in list(self):
            del self[name]

    def delete(self):
        """Empty the session and have the client forget it."""
        self.renew()
        s = self.sessions
        delete_cookie(self.resp, s.name, path=s.path, secure=s.secure)


class Sessions(Guard):
    """The sessions of an application; an instance gives handlers req.session.

    key_file: file of the key, str; made where there is none. Who can read it can make sessions.
    max_age: seconds that a session lasts after save(); None for as long as the client runs.
    name: the cookie's name. path: paths below it get the cookie.
    secure: whether the cookie is sent over TLS only. same_site: 'Lax', 'Strict' or 'None'.
    """

    NEEDS = ("Cookie",)

    def __init__(
        self,
        key_file="session.key",
        *,
        max_age=86400,
        name="session",
        path="/",
        secure=False,
        same_site="Lax",
    ):
        self.key_file = key_file
        self.max_age = max_age
        self.name = name
        self.path = path
        self.secure = secure
        self.same_site = same_site
        self._start = os.urandom(8)
        self._pads = sign.pads(sign.load_key(key_file))

    def admit(self, req, resp):
        """Let every request pass, with its session in req.session.

        req, resp: the request and its response.
        """
        self.load(req, resp)

    def replace_key(self):
        """End all sessions of all clients, by a new key."""
        self._pads = sign.pads(sign.new_key(self.key_file))

    def load(self, req, resp):
        """Set req.session, for a request whose Cookie field was kept.

        It is empty where the cookie is missing, was changed or is too old.
        """
        req.session = session = Session()
        session.sessions = self
        session.resp = resp
        value = read(req).get(self.name)
        if value:
            try:
                session.update(self._read(value.encode()))
            except (ValueError, TypeError):
                pass  # Not ours, not whole, or not valid any more.

    def _sign(self, text, dated):
        # The name makes sure that a session of another name with the same key is none of these.
        start = b"" if dated else self._start
        return sign.encode(sign.mac(self._pads, start, self.name.encode(), b"=", text))

    def _read(self, value):
        text, signature = value.rsplit(b".", 1)
        payload, stamp = text.split(b".")
        if not sign.equal(signature, self._sign(text, stamp != b"0")):
            raise ValueError
        if stamp != b"0" and self.max_age is not None:
            # Without a clock no age is known: better none than one of any age.
            if not -_SKEW <= _now() - int(stamp, 16) < self.max_age:
                raise ValueError
        return json.loads(sign.decode(payload))

    def _write(self, resp, text):
        # The request's buffer has the same size: there a larger one would get 431 ever after.
        limit = min(_MAX_SIZE, resp._slot.server.buffer_size - _HEAD)
        size = len(self.name) + len(self.path) + len(text.encode()) * 4 // 3 + _REST
        if size > limit:
            raise ValueError("session too large: {} bytes of cookie, {} fit".format(size, limit))
        stamp = _now()
        value = sign.encode(text.encode()) + b".%x" % stamp
        value = (value + b"." + self._sign(value, stamp)).decode()
        set_cookie(
            resp,
            self.name,
            value,
            path=self.path,
            max_age=self.max_age,
            secure=self.secure,
            http_only=True,
            same_site=self.same_site,
        )


def _now():
    # Seconds, 0 while the clock was not set. The clocks of chips count from 2000 or 1970.
    return int(time()) if gmtime()[0] >= _FIRST_YEAR else 0

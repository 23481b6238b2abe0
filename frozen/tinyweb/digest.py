# SPDX-License-Identifier: MIT
"""HTTP Digest authentication (RFC 7616) with SHA-256 and qop=auth.

The password does not travel, and what does is worth nothing for another request. MD5 is not
offered.
"""

import os
from binascii import hexlify
from hashlib import sha256
from time import time

from micropython import const
from tinyweb import sign
from tinyweb.auth import Scheme, quoted
from tinyweb.guards import call

_NONCE_TAG = const(16)  # characters of a nonce's signature
_NONCE_MAX = const(64)
_WINDOW = const(0xFFFFFFFF)  # 32 requests may overtake each other


def digest_password(user, realm, password):
    """What is stored for a user: the hash of `user`, `realm` and `password`, all str, as str.

    It is H(A1) of section 3.4.2: who knows it can log in to this realm, so keep it secret.
    """
    return _hash(user.encode(), realm.encode(), password.encode()).decode()


def _hash(*parts):
    return hexlify(sha256(b":".join(parts)).digest())


def auth_params(data):
    """The auth-params (RFC 9110 section 11.2) in `data` (bytes): {name in lower case: value}.

    ValueError where they are malformed or one is repeated.
    """
    result = {}
    at = 0
    end = len(data)
    while at < end:
        if data[at] in b" \t,":
            at += 1
            continue
        equals = data.find(b"=", at)
        if equals < 0:
            raise ValueError
        name = bytes(data[at:equals]).strip(b" \t").lower()
        at = equals + 1
        while at < end and data[at] in b" \t":
            at += 1
        if at < end and data[at] == 0x22:
            value = bytearray()
            at += 1
            while data[at : at + 1] != b'"':
                if data[at : at + 1] == b"\\":
                    at += 1
                if at >= end:
                    raise ValueError
                value.append(data[at])
                at += 1
            at += 1
            value = bytes(value)
        else:
            comma = data.find(b",", at)
            stop = end if comma < 0 else comma
            value = data[at:stop].strip(b" \t")
            at = stop
            if not value or b'"' in value:
                raise ValueError
        while at < end and data[at] in b" \t":
            at += 1
        if not name or name in result or (at < end and data[at] != 0x2C):
            raise ValueError
        result[name] = value
    return result


class digest_auth(Scheme):
    """Digest: passwords that are stored as digest_password() makes them.

    users: a dict {user: digest_password()'s result}, or a function or coroutine users(user) that
        returns it, None for no such user.
    realm: what users are asked for the password of, str.
    limiter: a tinyweb.limit.Limiter of failed attempts, or None.
    nonce_life: seconds that a nonce can be used; clients get a new one without asking the user.
    nonces: how many nonces are remembered. With more clients at a time each gets new ones more
        often.
    """

    NAME = b"digest"

    def __init__(self, users, realm="device", limiter=None, *, nonce_life=300, nonces=8):
        super().__init__(realm, limiter)
        if isinstance(users, dict):
            for stored in users.values():
                if len(stored) != 64:
                    raise ValueError("not made by digest_password()")
            users = users.get
        self.users = users
        self.nonce_life = nonce_life
        self.nonces = nonces
        self._pads = sign.pads(os.urandom(32))
        self._serial = 0
        self._forgotten = 0  # of nonces up to this serial, only those in _used are good
        self._used = {}  # serial -> [time, highest nc, bits of those below it]

    # A nonce is serial.time.signature: only those that were used take memory.

    def _nonce(self, serial, now):
        text = "{:x}.{:x}".format(serial, now).encode()
        return text + b"." + sign.encode(sign.mac(self._pads, text))[:_NONCE_TAG]

    def _issued(self, nonce):
        # (serial, time) of a nonce that this server made since it was started, else None.
        try:
            serial, issued, _ = nonce.split(b".")
            serial = int(serial, 16)
            issued = int(issued, 16)
        except ValueError:
            return None
        return (serial, issued) if sign.equal(nonce, self._nonce(serial, issued)) else None

    def challenge(self, req):
        """The value of WWW-Authenticate (str) in the answer to `req`."""
        self._serial += 1
        return (
            'Digest realm={}, qop="auth", algorithm=SHA-256, nonce="{}"{}, charset=UTF-8'.format(
                quoted(self.realm),
                self._nonce(self._serial, int(time())).decode(),
                ", stale=true" if getattr(req, "_stale", False) else "",
            )
        )

    def check(self, req, credentials):
        """The user whom the `credentials` (bytes) of `req` belong to, or None. Coroutine."""
        try:
            p = auth_params(credentials)
            if not self._fits(req, p):
                return None
            user = p[b"username"].decode()
            secret = yield from call(self.users, user)
            # For a user who is not there it takes as long.
            if not sign.equal(_response(req, p, secret or ""), p[b"response"]) or not secret:
                return None
            if self._first(p[b"nonce"], int(p[b"nc"], 16)):
                return user
            # The user is right, so the client need not ask for the password (section 3.3).
            req._stale = True
        except (ValueError, KeyError):
            pass  # Malformed, or without a parameter that has to be there.
        return None

    def _fits(self, req, p):
        target = req.path
        if req.query_string:
            target += b"?" + req.query_string
        return (
            p[b"uri"] == target
            and p[b"qop"] == b"auth"
            and p[b"algorithm"].upper() == b"SHA-256"
            and p[b"realm"].decode() == self.realm
            and len(p[b"nc"]) == 8
            and len(p[b"nonce"]) <= _NONCE_MAX
        )

    def _first(self, nonce, count):
        # Whether the nonce may be used, and was not with this nc yet (section 3.4.5).
        now = int(time())
        used = self._used
        for s in list(used):
            if not 0 <= now - used[s][0] < self.nonce_life:
                self._forget(s)
        issued = self._issued(nonce)
        if issued is None or not 0 <= now - issued[1] < self.nonce_life:
            return False
        serial = issued[0]
        entry = used.get(serial)
        if entry is not None:
            return _step(entry, count)
        if serial <= self._forgotten:
            return False
        if len(used) >= self.nonces:
            self._forget(min(used))
        used[serial] = [issued[1], count, 0]
        return True

    def _forget(self, serial):
        del self._used[serial]
        self._forgotten = max(self._forgotten, serial)


def _response(req, p, secret):
    # Section 3.4.1.
    a2 = _hash(req.method, p[b"uri"])
    return _hash(secret.encode(), p[b"nonce"], p[b"nc"], p[b"cnonce"], b"auth", a2)


def _step(entry, count):
    # Whether `count` is new for the nonce of this entry of _used.
    ahead = count - entry[1]
    if ahead > 0:
        entry[1] = count
        entry[2] = ((entry[2] << 1 | 1) << min(ahead - 1, 32)) & _WINDOW
        return True
    if ahead == 0 or ahead < -32:
        return False
    bit = 1 << (-ahead - 1)
    if entry[2] & bit:
        return False
    entry[2] |= bit
    return True

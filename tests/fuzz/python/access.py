# SPDX-License-Identifier: MIT
"""Authorization: the first byte says the scheme and more, the rest is the field's value."""

from binascii import b2a_base64

from harness import finished, raises, run
from tinyweb import digest, sign
from tinyweb.auth import basic_auth, bearer_auth

URI = b"/a?b=c"
SECRET = digest.digest_password("me", "device", "secret")
NAMES = (
    b"username",
    b"realm",
    b"uri",
    b"qop",
    b"algorithm",
    b"nc",
    b"cnonce",
    b"nonce",
    b"response",
)


class Request:
    """What the schemes read of a request."""

    method = b"GET"
    path = b"/a"
    query_string = b"b=c"

    def __init__(self, field):
        self.headers = {b"Authorization": field}


asked = []


def ask(*words):
    """The check function of an application: it notes what it is asked, and agrees."""
    asked.append(words)
    return True


basic = basic_auth(ask)
bearer = bearer_auth({"token": "me", "other": "you"})


def check_basic(data):
    asked.clear()
    user = finished(basic.authenticate(Request(data)))
    if user is None:
        return
    # The same user and password, written in the one way that RFC 7617 has.
    ((name, password),) = asked
    assert user == name
    field = b"Basic " + b2a_base64((name + ":" + password).encode())[:-1]
    asked.clear()
    assert finished(basic.authenticate(Request(field))) == user
    assert asked == [(name, password)]


def check_bearer(data):
    user = finished(bearer.authenticate(Request(data)))
    assert (user is not None) == (
        data[:7].lower() == b"bearer " and data[7:].strip(b" ") in (b"token", b"other")
    )


def written(params):
    """The parameters with each value as a quoted-string."""
    pairs = []
    for name, value in params.items():
        pairs.append(name + b'="' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"')
    return b", ".join(pairs)


def check_params(data):
    params = raises(ValueError, digest.auth_params, data)
    if params is not None:
        assert digest.auth_params(written(params)) == params
    return params


def check_digest(data, right):
    params = check_params(data) or {}
    # A parameter that is not there, or is none, is one that a client would send.
    auth = digest.digest_auth({"me": SECRET})
    req = Request(b"")
    auth._serial += 1
    nonce = auth._nonce(auth._serial, int(digest.time()))
    good = (b"me", b"device", URI, b"auth", b"SHA-256", b"00000001", b"0123", nonce, b"")
    for i in range(len(NAMES)):
        if right >> (i % 4) & 1 or NAMES[i] not in params:
            params[NAMES[i]] = good[i]
    if not params[b"response"]:
        params[b"response"] = digest._response(req, params, SECRET)
    req.headers[b"Authorization"] = b"Digest " + written(params)
    user = finished(auth.authenticate(req))
    assert user is None or (user == "me" and params[b"uri"] == URI and len(params[b"nc"]) == 8)
    if user:
        # Not a second time.
        assert finished(auth.authenticate(req)) is None
    assert len(auth._used) <= 1


def check_signed(data):
    decoded = raises(ValueError, sign.decode, data)
    if decoded is not None and len(data) % 4 != 1:
        assert sign.decode(sign.encode(decoded)) == decoded
    assert sign.decode(sign.encode(data)) == data


def check(data):
    if not data:
        return
    kind, right, data = data[0] & 3, data[0] >> 4, data[1:]
    if kind == 0:
        check_basic(data)
    elif kind == 1:
        check_bearer(data)
        check_signed(data)
    else:
        check_digest(data, right)


run(check)

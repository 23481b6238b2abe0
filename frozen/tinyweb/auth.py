# SPDX-License-Identifier: MIT
"""HTTP authentication (RFC 9110 section 11): the schemes Basic (RFC 7617) and Bearer (RFC 6750).

Digest has a module of its own, tinyweb.digest. A scheme is a Guard, a decorator and a hook:

    admin = basic_auth({"admin": "pbkdf2-sha256$..."})

    @app.route("/settings")
    @admin
    async def settings(req, resp): ...
"""

from binascii import a2b_base64

from httpparse import reason

from tinyweb import sign
from tinyweb.guards import Guard, call


def refuse(resp, code, field, value):
    """Answer with the error `code` and one header field. Coroutine."""
    resp.headers = {field: value}
    resp.code = code
    resp._start("text/plain; charset=utf-8")
    return resp.send(reason(code))


def quoted(text):
    """`text` (str) as a quoted-string (RFC 9110 section 5.6.4)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Scheme(Guard):
    """The base of all schemes.

    realm: what users are asked for the password of, str.
    limiter: a tinyweb.limit.Limiter of failed attempts, or None.

    A subclass has
    NAME: the auth-scheme (RFC 9110 section 11.1), lower case, bytes.
    check(req, credentials): coroutine; returns the user or None. `credentials` are what follows
        the scheme's name, bytes.
    challenge(req): the value of WWW-Authenticate.
    """

    NEEDS = ("Authorization",)

    def __init__(self, realm, limiter):
        self.realm = realm
        self.limiter = limiter

    def admit(self, req, resp):
        """Let a request pass with its user in req.user, or answer with 401 or 429. Coroutine.

        req, resp: the request and its response.
        """
        limiter = self.limiter if b"Authorization" in req.headers else None
        if limiter is not None:
            wait = limiter.attempt(req.peer)
            if wait:
                return (yield from refuse(resp, 429, "Retry-After", wait))
        user = yield from self.authenticate(req)
        if user is None:
            return (yield from refuse(resp, 401, "WWW-Authenticate", self.challenge(req)))
        if limiter is not None:
            limiter.succeeded(req.peer)
        req.user = user
        return None

    def authenticate(self, req):
        """The user that the Authorization field of `req` stands for, or None. Coroutine.

        The field has to be kept by the route, as the decorator has it kept.
        """
        words = req.headers.get(b"Authorization", b"").split(b" ", 1)
        if len(words) < 2 or words[0].lower() != self.NAME:
            return None
        return (yield from self.check(req, words[1].strip(b" ")))


class basic_auth(Scheme):
    """Basic (RFC 7617): user and password with each request, as good as in plain text.

    check: a dict {user: tinyweb.passwords.hash_password()'s result}, or a function or coroutine
        check(user, password), both str, that returns whether they are right; what it returns
        instead of True gets `req.user`.
    realm: what users are asked for the password of, str.
    limiter: a tinyweb.limit.Limiter of failed attempts, or None.
    """

    NAME = b"basic"

    def __init__(self, check, realm="device", limiter=None):
        super().__init__(realm, limiter)
        self.users = users(check)

    def check(self, req, credentials):
        """The user whom the `credentials` (bytes) of `req` belong to, or None. Coroutine."""
        try:
            if b"," in credentials:
                return None  # Of several fields none is better than another.
            words = a2b_base64(credentials).decode().split(":", 1)
        except ValueError:
            return None
        if len(words) < 2:
            return None
        return found((yield from call(self.users, *words)), words[0])

    def challenge(self, req):
        """The value of WWW-Authenticate (str) in the answer to `req`."""
        return 'Basic realm={}, charset="UTF-8"'.format(quoted(self.realm))


class bearer_auth(Scheme):
    """Bearer (RFC 6750): whoever has the token may.

    check: a dict {token: user}, both str, or a function or coroutine check(token) that returns
        whether it is right; what it returns instead of True gets `req.user`.
    realm: what users are asked for the password of, str.
    limiter: a tinyweb.limit.Limiter of failed attempts, or None.
    """

    NAME = b"bearer"

    def __init__(self, check, realm="device", limiter=None):
        super().__init__(realm, limiter)
        self.tokens = check

    def check(self, req, credentials):
        """The user whom the `credentials` (bytes) of `req` belong to, or None. Coroutine."""
        try:
            token = credentials.decode()
        except ValueError:
            return None
        if not token or "," in token or " " in token:
            return None
        if not isinstance(self.tokens, dict):
            return found((yield from call(self.tokens, token)), token)
        user = None
        for known, its_user in self.tokens.items():
            if sign.equal(known.encode(), credentials):
                user = its_user
        return user

    def challenge(self, req):
        # Section 3.1: no error where the client did not know that it needs a token.
        """The value of WWW-Authenticate (str) in the answer to `req`."""
        error = ', error="invalid_token"' if b"Authorization" in req.headers else ""
        return "Bearer realm={}{}".format(quoted(self.realm), error)


def users(check):
    """The check function that an application gave, or that of its dict of users."""
    if isinstance(check, dict):
        from tinyweb.passwords import Users

        return Users(check)
    return check


def found(result, name):
    """The user, by what a check function returned; None for a false one."""
    if result is True:
        return name
    return result or None

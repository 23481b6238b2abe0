# SPDX-License-Identifier: MIT
"""Login by a form, remembered in the session."""

from _tinyweb import json
from httpparse import quote

from tinyweb.auth import found, quoted, refuse, users
from tinyweb.guards import Guard, call
from tinyweb.limit import Limiter
from tinyweb.wrapper import Wrapper

_NAME = "_user"
# RFC 9110 section 15.5.2 wants a challenge. No scheme is registered for a form and a cookie.
_CHALLENGE = "Cookie form-action={}"


class Login(Guard):
    """Who is logged in: the guard of handlers that need a user, whom they find in req.user.

    A browser that asks for a page without a user is sent to the form, and comes back after the
    login; another client gets 401, and its reason as JSON.

    sessions: the application's tinyweb.sessions.Sessions.
    check: a dict {user: tinyweb.passwords.hash_password()'s result}, or a function or coroutine
        check(user, password) that returns whether they are right; what it returns instead of True
        gets `req.user`, and has to be JSON.
    url: where the form is.
    limiter: a tinyweb.limit.Limiter; by default five failed attempts a minute for each client.
    """

    NEEDS = ("Cookie", "Accept")

    def __init__(self, sessions, check, *, url="/login", limiter=None):
        self.sessions = sessions
        self.check = users(check)
        self.dict = check if isinstance(check, dict) else None
        self.url = url
        self.limiter = limiter or Limiter()

    def admit(self, req, resp):
        """Let a request pass with its user in req.user, and with req.session; or answer it.

        req, resp: the request and its response.
        """
        self.sessions.load(req, resp)
        req.user = self.user(req)
        if req.user is not None:
            return None
        if b"text/html" not in req.headers.get(b"Accept", b""):
            # A script or a program; pages ask for text/html.
            resp.code = 401
            resp.headers["WWW-Authenticate"] = _CHALLENGE.format(quoted(self.url))
            return json(resp, {"message": "log in first", "url": self.url})
        if req.method != b"GET" and req.method != b"HEAD":
            return resp.error(403)
        here = req.path
        if req.query_string:
            here += b"?" + req.query_string
        return _see_other(resp, self.url + "?next=" + quote(here))

    def form(self, f):
        """Decorator for the page with the form, for GET and POST.

        `f` shows a form that sends the fields `user` and `password` to where it came from, the
        query string included; `req.failed` tells whether they were wrong just now. When they are
        right, the client is sent to the page that it came from.
        """
        return _Form(f, self)

    def logout(self, f):
        """Decorator for the handler of POST that ends the session; `f` says where to go next."""
        return _Logout(f, self)

    def user(self, req):
        """The user of the session of `req`, None where nobody is logged in."""
        user = req.session.get(_NAME)
        if self.dict is not None and user not in self.dict:
            return None  # No user any more.
        return user


class _Page(Wrapper):
    NEEDS = ("Cookie",)

    def __init__(self, f, login):
        super().__init__(f)
        self.login = login


class _Form(_Page):
    def __call__(self, req, resp, *parameters):
        login = self.login
        login.sessions.load(req, resp)
        req.failed = False
        if req.method == b"POST":
            wait = login.limiter.attempt(req.peer)
            if wait:
                return (yield from refuse(resp, 429, "Retry-After", wait))
            form = yield from req.read_parse_form_data()
            name = form.get("user")
            password = form.get("password")
            if isinstance(name, str) and isinstance(password, str):
                user = found((yield from call(login.check, name, password)), name)
                if user is not None:
                    return (yield from self._enter(req, resp, user))
            req.failed = True
            resp.code = 403
        return (yield from call(self.f, req, resp, *parameters))

    def _enter(self, req, resp, user):
        self.login.limiter.succeeded(req.peer)
        req.session.renew()
        req.session[_NAME] = user
        req.session.save()
        return _see_other(resp, _next(req.query_string))


class _Logout(_Page):
    def __call__(self, req, resp, *parameters):
        self.login.sessions.load(req, resp)
        req.session.delete()
        return self.f(req, resp, *parameters)


def _next(query_string):
    # Where to go after the login: to a page of this server only.
    from httpparse import parse_qs

    target = parse_qs(query_string).get("next", "/")
    # Browsers take a backslash for a slash, and leave tabs and line ends out.
    if target[:1] != "/" or target[1:2] in ("/", "\\"):
        return "/"
    for c in target.encode():
        if not 33 <= c <= 126:
            return "/"
    return target


def _see_other(resp, location):
    # 303 (RFC 9110 section 15.4.4): go on with GET, whatever the method was. Coroutine.
    resp.code = 303
    resp.headers["Location"] = location
    resp.headers["Cache-Control"] = "no-store"
    return resp.send("")

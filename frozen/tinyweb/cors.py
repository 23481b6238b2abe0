# SPDX-License-Identifier: MIT
"""Which scripts of other origins may use an application: the CORS protocol of the Fetch standard.

`CORS(app, ...)` is for an application, `@app.route(url, cors=CORS(...))` for a route. What is
nearer to the handler counts: the route's, that of a mounted application, that of its host.
"""

from tinyweb import hooks, router

_ORIGIN = "Access-Control-Allow-Origin"
_METHODS = "Access-Control-Allow-Methods"
_HEADERS = "Access-Control-Allow-Headers"
_REQUEST_METHOD = b"Access-Control-Request-Method"
_REQUEST_HEADERS = b"Access-Control-Request-Headers"


class CORS:
    """A policy.

    app: the webserver that it is for, None if it is for routes.
    origins: list of origins (str), such as 'https://ui.example'; a function that gets an origin
        (str) and returns whether it is allowed; or '*' for all.
    credentials: whether scripts may use cookies and the like; not with '*'.
    methods: list of methods (str); by default those of the URL.
    headers: list of the request fields that scripts may send beside the common ones; by default
        all.
    expose: list of the response fields that scripts may read beside the common ones.
    max_age: seconds for which the answer to a preflight may be kept.

    Raises ValueError for credentials with '*'.
    """

    FIELDS = ("Origin", _REQUEST_METHOD, _REQUEST_HEADERS)

    def __init__(
        self,
        app=None,
        *,
        origins="*",
        credentials=False,
        methods=None,
        headers=None,
        expose=None,
        max_age=None,
    ):
        if origins == "*":
            if credentials:
                raise ValueError("credentials need named origins")
        elif not callable(origins):
            origins = tuple(origins)
        self._origins = origins
        self._credentials = credentials
        self._methods = methods and ", ".join(methods)
        self._headers = headers and ", ".join(headers)
        self._expose = expose and ", ".join(expose)
        self._max_age = max_age
        if app is not None:
            from tinyweb import application

            group = application.group_of(app)
            group.cors = self
            group.keep += self.FIELDS
            self.join(group)
            application.refresh(app)

    def join(self, group):
        """Let the server of the hooks.Group `group` answer preflights."""
        group.preflight = preflight
        group.answer_keep = self.FIELDS

    def apply(self, req, resp):
        """Add to a response what lets its reader have it (Fetch section 3.3.3)."""
        headers = resp.headers
        # What add_access_control_headers() has added follows other rules.
        for name in (_ORIGIN, _METHODS, _HEADERS):
            if name in headers:
                del headers[name]
        if self._allow(req, headers) and self._expose:
            headers["Access-Control-Expose-Headers"] = self._expose

    def _allow(self, req, headers):
        if self._origins == "*":
            headers[_ORIGIN] = "*"
            return True
        _vary(headers)
        try:
            origin = req.headers.get(b"Origin", b"").decode()
        except UnicodeError:
            return False
        origins = self._origins
        if not origin or not (origins(origin) if callable(origins) else origin in origins):
            return False
        headers[_ORIGIN] = origin
        if self._credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        return True

    def _preflight(self, req, resp, urls):
        headers = resp.headers
        if not self._allow(req, headers):
            return
        allow = router.allowed(urls) if urls else req.headers[_REQUEST_METHOD]
        headers[_METHODS] = self._methods or allow
        requested = self._headers or req.headers.get(_REQUEST_HEADERS)
        if requested:
            headers[_HEADERS] = requested
        if self._max_age is not None:
            headers["Access-Control-Max-Age"] = self._max_age


def preflight(req, resp):
    """Answer `req`, an OPTIONS, if it is a preflight and there is a policy for its URL.

    The policy is that of the route for the method that is to follow. Returns whether it was.
    """
    method = req.headers.get(_REQUEST_METHOD)
    if method is None or b"Origin" not in req.headers:
        return False
    urls = router.matching(req._slot.server, req.path)
    route = urls[0] if urls else req.route
    for url in urls:
        found = router.for_method(url, method)
        if found is not None:
            route = found
            break
    policy = hooks.policy(route)
    if policy is None:
        return False
    policy._preflight(req, resp, urls)
    resp.code = 204
    resp._hook = False  # The policy that counts has spoken.
    resp._start()
    return True


def _vary(headers):
    # The answer depends on the origin, whether there is one or not.
    for name, value in headers.items():
        if name.lower() == "vary":
            if not isinstance(value, str):
                value = ", ".join(value)
            names = [part.strip().lower() for part in value.split(",")]
            if "*" not in names and "origin" not in names:
                headers[name] = value + ", Origin"
            return
    headers["Vary"] = "Origin"

# SPDX-License-Identifier: MIT
"""The web server and its API."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from _tinyweb import HTTPException as HTTPException
from _tinyweb import request as request
from _tinyweb import response as response

from tinyweb.cors import CORS
from tinyweb.original import parse_query_string as parse_query_string
from tinyweb.original import urldecode_plus as urldecode_plus

_F = TypeVar("_F", bound=Callable[..., Any])

class webserver:
    """A web server and the application that it serves.

    request_timeout: seconds a client has to send the request line and header fields.
    max_concurrency: connections that are served at the same time; 3 on esp8266, 6 on esp32, 10
        elsewhere.
    backlog: connections that wait for a slot, the argument of socket.listen().
    debug: whether the client gets the traceback with a status of 500.
    keep_alive: seconds that an idle connection is kept; 0 closes it after every response.
    body_timeout: seconds a client may take for each 512 bytes of a body.
    send_timeout: seconds a client may take to take the next 512 bytes of a response.
    handler_timeout: seconds a handler may take, None for no limit.
    buffer_size: bytes of each slot's request buffer and of its response buffer; by default a 64th
        of the free heap, but 256 to 1024.
    """

    access_log: Callable[[request, int, int], Any] | None
    """Called with (request, status, bytes of the body) after each answer; None by default."""
    debug: bool
    loop: Any
    """The event loop: what asyncio.get_event_loop() returns."""
    converters: dict[str, Callable[[str], Any]]
    """What parameters of URLs are converted with, by their types: a function of a str each."""
    def __init__(
        self,
        request_timeout: float = 3,
        max_concurrency: int | None = None,
        backlog: int = 10,
        debug: bool = False,
        *,
        keep_alive: float = 15,
        body_timeout: float = 5,
        send_timeout: float = 10,
        handler_timeout: float | None = None,
        buffer_size: int | None = None,
    ) -> None: ...
    def add_route(
        self,
        url: str,
        f: Callable[..., Any],
        methods: Sequence[str] = ("GET", "POST"),
        save_headers: Sequence[str] = (),
        max_body_size: int = 1024,
        allowed_access_control_headers: str | Sequence[str] = "*",
        allowed_access_control_origins: str | Sequence[str] = "*",
        before: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
        after: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
        cors: CORS | None = None,
        **unknown: Any,
    ) -> None:
        """Map `url` to the handler `f(request, response, *parameters)`, a function or coroutine.

        url: path, str; each segment `<name>` matches any one and is passed on as str, in order,
            the last one also the empty segment after a slash; `<int:name>` and `<float:name>` as
            a number, `<path:name>` matches one or more.
        methods: the methods that `f` answers. HEAD comes with GET, OPTIONS with every route.
        save_headers: the header fields that request.headers shall hold, in any case.
        max_body_size: largest body in bytes; 413 beyond it.
        allowed_access_control_headers, allowed_access_control_origins: values for CORS, str or
            list of str.
        before, after: functions that run before and after the handler, one or a tuple of them, as
            those of before_request() and after_request() do.
        cors: a tinyweb.cors.CORS for this route.
        unknown: what else is given, such as method= for methods=, is ignored, as the original
            does, with a line in the log.
        """
    def route(self, url: str, **kwargs: Any) -> Callable[[_F], _F]:
        """Decorator for add_route(): `url` and `kwargs` are its arguments."""
    def catchall(self) -> Callable[[_F], _F]:
        """Decorator: the handler for every URL that no route matches, with any method."""
    def add_resource(self, cls: Any, url: str, **kwargs: Any) -> None:
        """Map get, post, put, patch and delete of `cls`, a class or an instance, to `url`.

        Each is called as method(data, headers, *parameters, **kwargs), or without `headers` if it
        takes one argument less: `data` is a dict of what the query string and the body have.

        kwargs: arguments of add_route(); `pass_headers`, whether methods take `headers`, where it
            cannot be found out; and whatever the methods take by name.
        """
    def resource(self, url: str, method: str = "GET", **kwargs: Any) -> Callable[[_F], _F]:
        """Decorator: the function answers `method` on `url` as a resource's method does.

        kwargs: as for add_resource().
        """
    def start(
        self,
        host: str = "127.0.0.1",
        port: int = 8081,
        backlog: int | None = None,
        ssl: Any = None,
    ) -> None:
        """Listen on `host`:`port` and serve from tasks of the running or next event loop.

        backlog: length of the queue of pending connections; the server's own by default.
        ssl: what tinyweb.tls.context() makes, or an SSLContext of a server; HTTP without it.

        Raises OSError if the address cannot be used, ValueError for a port above 65535,
        MemoryError if the heap is too small.
        """
    def run(
        self,
        host: str = "127.0.0.1",
        port: int = 8081,
        loop_forever: bool = True,
        backlog: int | None = None,
        ssl: Any = None,
    ) -> Any:
        """Run the server. Returns the event loop.

        host, port: the address to listen on.
        loop_forever: whether to run the event loop too, until shutdown(); if False the caller
            runs it.
        backlog: length of the queue of pending connections, 10 by default.
        ssl: what tinyweb.tls.context() makes, or an SSLContext of a server; HTTP without it.
        """
    async def stop(self, timeout: float = 10) -> None:
        """Stop gracefully: accept no more, let requests that are under way finish, then shut down.

        timeout: seconds that these may take.
        """
    def shutdown(self) -> None:
        """Stop at once: close the listening socket and all connections, end all tasks.

        The tasks end when the event loop runs next. The port can be used again right away.
        """
    def memory(self) -> dict[str, int]:
        """What is left of the heap after a collection: the method memory() of webserver.

        Returns a dict: `free`, bytes in all; `largest`, bytes of the largest piece, which is the
        largest object that can still be made; `slots`, connections that can be served at the same
        time, of `max_concurrency`.
        """
    def log_error(self, exc: BaseException, req: request | None) -> None:
        """Called with `exc`, what a handler raised, and prints it; replace it to log elsewhere.

        req: the request, or None where the fault belongs to none.
        """
    def before_request(self, f: _F) -> _F:
        """Decorator: `f(request, response)`, a function or coroutine, runs before each handler.

        What it returns is the answer; with None, and if it has not started the response, the
        handler runs. `f.save_headers` names the request fields that it needs.
        """
    def after_request(self, f: _F) -> _F:
        """Decorator: `f(request, response)`, a plain function, runs before each head is made.

        It may change response.code and response.headers.
        """
    def errorhandler(self, key: int | type[BaseException]) -> Callable[[_F], _F]:
        """Decorator: `f(request, response, error)` answers errors as a handler does.

        key: a status (int), or a class of exceptions.
        """
    def mount(self, sub: webserver, prefix: str) -> None:
        """Take over the routes of `sub`, another webserver, with `prefix` (str) before their URLs.

        Its hooks and error handlers go with them, and those of the application apply to them too.
        Raises ValueError for a prefix that is no path, for a catch-all in `sub`, and for a method
        that a URL has a route for.
        """
    def url_for(self, f: str | Callable[..., Any], *values: Any, **named: Any) -> str:
        """The path (str) of the first route whose handler is `f`.

        f: the function, or its name.
        values, named: the URL's parameters, by position or by the name of the handler's argument.

        Raises ValueError if there is no such route, or if it has other parameters.
        """
    def static(
        self, url: str, source: Any, index: str | None = "index.html", cache: Any = 0
    ) -> None:
        """Serve the files of a folder, or assets, below `url`: a static site, for GET and HEAD.

        url: the URL of the folder, str. Routes of the application go before it.
        source: path of a folder, str; or an object whose get(name) returns what the file `name`
            is, bytes or (bytes, entity-tag), or None: a dict, or a module that ci/pack-assets has
            made.
        index: name of the file that stands for its folder.
        cache: how long clients may keep a file without asking again, in seconds; a str is the
            value of Cache-Control. A dict has such values by the endings of names, the longest
            counts, "" is for all others; a function is called with the name.
        """

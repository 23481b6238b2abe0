# SPDX-License-Identifier: MIT
"""Resources: handlers that take data and return data.

A method is called as method(data, headers, *parameters, **kwargs). `data` is a dict of the query
string and the body, `headers` the request's kept header fields, `parameters` those of the URL, and
`kwargs` what add_resource() was given beyond its own options. A method that takes one positional
argument less is called without `headers`; one that has an argument `request`, where the URL has no
parameter of that name, gets the request. For a JSON array `data` is a list, and a query string
beside it is answered with 400. A method returns, or a coroutine returns, a dict or list (sent as
JSON), a str, or (result, status); or it is a generator, an async one or an object with __aiter__,
whose parts are str.
"""

from _tinyweb import DONE, json
from httpparse import argument_names, parse_qs

from micropython import const
from tinyweb import aio

_WITH_HEADERS = const(1)
_OPTIONAL = const(2)
_WITH_REQUEST = const(4)

_SAVE_HEADERS = ("Authorization", "Content-Type", "Content-Length")


def add_resource(server, cls, url, kwargs):
    """The method add_resource() of `server`."""
    target = cls() if isinstance(cls, type) else cls
    calls = {}
    for method in ("get", "post", "put", "patch", "delete"):
        f = getattr(target, method, None)
        if f is not None:
            calls[method.upper()] = f
    if not calls:
        raise ValueError("a resource has get, post, put, patch or delete")
    add(server, calls, url, kwargs)


def add(server, calls, url, kwargs):
    """Map `calls`, {method: callable}, to `url`; kwargs: as for add_resource()."""
    options = {"save_headers": _SAVE_HEADERS}
    kwargs = dict(kwargs)
    for name in argument_names(type(server).add_route)[0][4:]:
        if name in kwargs:
            options[name] = kwargs.pop(name)
    forced = kwargs.pop("pass_headers", None)
    parameters = url.count("<")
    table = {}
    for method, f in calls.items():
        by_name = kwargs
        with_request = _takes_request(f, url, kwargs)
        if with_request:
            by_name = dict(kwargs, request=None)
        with_headers = forced
        if with_headers is None:
            with_headers = takes_headers(f, parameters, by_name)
        form = _form(f, bool(with_headers), parameters, by_name) | with_request
        table[method.encode()] = (f, form)
    server.add_route(url, Resource(table, kwargs).handle, tuple(calls), **options)


def _takes_request(f, url, kwargs):
    # _WITH_REQUEST if `f` has an argument that wants it, else 0.
    found = argument_names(f)
    if found is None or "request" not in found[0] or "request" in kwargs:
        return 0
    if "<request>" in url or ":request>" in url:
        return 0
    return _WITH_REQUEST


def takes_headers(f, parameters, kwargs):
    """Whether `f` is called with headers between its data and its `parameters` (a count).

    Raises TypeError if its arguments can be neither form or cannot be read.
    """
    found = argument_names(f)
    if found is None:
        raise TypeError("cannot read the arguments of a resource: give pass_headers=")
    names, required, varargs = found
    count = len(names)
    for name in names:
        if name in kwargs:
            count -= 1
    if varargs or count >= parameters + 2:
        return True
    if count == parameters + 1:
        return False
    raise TypeError("a resource takes data, headers and the URL's parameters")


def _form(f, with_headers, parameters, kwargs):
    # How `f` is called: _WITH_HEADERS, and _OPTIONAL where its last parameter has a default.
    found = argument_names(f)
    if found is not None:
        required = [name for name in found[0][: found[1]] if name not in kwargs]
        if len(required) <= parameters + with_headers:
            return with_headers | _OPTIONAL
    return int(with_headers)


class Resource:
    """The route handler of one resource; `table` is {method: (callable, form)}, see _form()."""

    def __init__(self, table, kwargs):
        self._table = table
        self._kwargs = kwargs

    def handle(self, req, resp, *parameters):
        """Answer a request: None where that is done, or a coroutine."""
        if parameters or self._kwargs or req._slot.parser.remaining:
            return self._whole(req, resp, parameters)
        # Nothing to wait for, no parts to send one by one.
        result = self._call(req)
        if not isinstance(result, dict) and not isinstance(result, list):
            return finish(result, resp)
        result = json(resp, result)
        return None if result is DONE else result

    def _call(self, req):
        # A function of its own, since a call with more variables takes its frame from the heap.
        f, form = self._table.get(req.method) or self._table[b"GET"]
        data = parse_qs(req.query_string) if req.query_string else {}
        if form & _WITH_REQUEST:
            if form & _WITH_HEADERS:
                return f(data, req.headers, request=req)
            return f(data, request=req)
        return f(data, req.headers) if form & _WITH_HEADERS else f(data)

    def _whole(self, req, resp, parameters):
        # Answer a request that may have a body, parameters. Coroutine.
        f, form = self._table.get(req.method) or self._table[b"GET"]
        data = yield from req.read_parse_form_data()
        if req.query_string:
            data.update(parse_qs(req.query_string))
        if form & _OPTIONAL and parameters and parameters[-1] == "":
            parameters = parameters[:-1]  # As the original does for the URL's last segment.
        by_name = self._kwargs
        if form & _WITH_REQUEST:
            by_name = dict(by_name, request=req)
        if form & _WITH_HEADERS:
            result = f(data, req.headers, *parameters, **by_name)
        else:
            result = f(data, *parameters, **by_name)
        return (yield from finish(result, resp))


def finish(result, resp):
    """Answer with what a resource has returned. Coroutine."""
    if type(result) is aio.generator:
        result = yield from _run(result, resp)
        if resp._writer.started:
            return
        if result is None:
            result = ""  # a generator without parts
    elif hasattr(result, "__aiter__"):
        return (yield from _iterate(result, resp))
    if isinstance(result, tuple):
        result, resp.code = result
    if result is None:
        raise TypeError("a resource returned None")
    yield from json(resp, result)


def _send(part, resp):
    # One part of a body of unknown length.
    if part is None:
        raise TypeError("a part of a body is str or bytes, not None")
    if not resp._writer.started:
        resp.add_access_control_headers()
        resp._start("application/json")
    return resp.send(part)


async def _iterate(parts, resp):
    async for part in parts:
        await _send(part, resp)


def _run(gen, resp):
    # A coroutine yields None where it waits, a generator yields parts of the body, and an async
    # generator does both. Returns the coroutine's result.
    try:
        while True:
            part = gen.send(None)
            if part is None and aio.waits():
                yield part
            else:
                yield from _send(part, resp)
    except StopIteration as exc:
        return exc.value
    finally:
        gen.close()

# SPDX-License-Identifier: MIT
"""Resources: handlers that take data and return data.

A method is called as method(data, headers, *parameters, **kwargs). `data` is a dict of the query
string and the body, `headers` the request's kept header fields, `parameters` those of the URL, and
`kwargs` what add_resource() was given beyond its own options. A method that takes one positional
argument less is called without `headers`. For a JSON array `data` is a list, and a query string
beside it is answered with 400. A method returns, or a coroutine returns, a dict or list (sent as
JSON), a str, or (result, status); or it is a generator, an async one or an object with __aiter__,
whose parts are str.
"""

from _tinyweb import json
from httpparse import argument_names, parse_qs

from micropython import const
from tinyweb import aio

_WITH_HEADERS = const(1)
_OPTIONAL = const(2)

_SAVE_HEADERS = ("Authorization", "Content-Type", "Content-Length")
_OPTIONS = (
    "save_headers",
    "max_body_size",
    "allowed_access_control_headers",
    "allowed_access_control_origins",
    "before",
    "after",
    "cors",
)


def add_resource(server, cls, url, **kwargs):
    """Map get, post, put, patch and delete of `cls`, a class or an instance, to `url`.

    Each is called as method(data, headers, *parameters, **kwargs), or without `headers` if it
    takes one argument less: `data` is a dict of what the query string and the body have.

    kwargs: arguments of add_route(); `pass_headers`, whether methods take `headers`, where it
        cannot be found out; and whatever the methods take by name.
    """
    target = cls() if isinstance(cls, type) else cls
    calls = {}
    for method in ("get", "post", "put", "patch", "delete"):
        f = getattr(target, method, None)
        if f is not None:
            calls[method.upper()] = f
    if not calls:
        raise ValueError("a resource has get, post, put, patch or delete")
    _add(server, calls, url, kwargs)


def resource(server, url, method="GET", **kwargs):
    """Decorator: the function answers `method` on `url` as a resource's method does.

    kwargs: as for add_resource().
    """

    def decorate(f):
        _add(server, {method: f}, url, kwargs)
        return f

    return decorate


def _add(server, calls, url, kwargs):
    options = {"save_headers": _SAVE_HEADERS}
    kwargs = dict(kwargs)
    for name in _OPTIONS:
        if name in kwargs:
            options[name] = kwargs.pop(name)
    forced = kwargs.pop("pass_headers", None)
    parameters = url.count("<")
    table = {}
    for method, f in calls.items():
        with_headers = forced
        if with_headers is None:
            with_headers = takes_headers(f, parameters, kwargs)
        table[method.encode()] = (f, _form(f, bool(with_headers), parameters, kwargs))
    server.add_route(url, Resource(table, kwargs).handle, tuple(calls), **options)


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

    # Answer a request. Coroutine. What is not simple is done by whole() and finish().
    from _tinyweb import handle


def whole(self, req, resp, *parameters):
    """Answer a request to the Resource `self` that may have a body, parameters. Coroutine."""
    f, form = self._table.get(req.method) or self._table[b"GET"]
    data = yield from req.read_parse_form_data()
    if req.query_string:
        data.update(parse_qs(req.query_string))
    if form & _OPTIONAL and parameters and parameters[-1] == "":
        parameters = parameters[:-1]  # As the original does for the URL's last segment.
    if form & _WITH_HEADERS:
        result = f(data, req.headers, *parameters, **self._kwargs)
    else:
        result = f(data, *parameters, **self._kwargs)
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

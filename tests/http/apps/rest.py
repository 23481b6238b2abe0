# SPDX-License-Identifier: MIT
# Resources: kinds of results, handler forms, extra keyword arguments.
import asyncio
import sys

import tinyweb

app = tinyweb.webserver()


# Results


class Result:
    """GET /result/<kind> returns one kind of result each."""

    def get(self, data, kind):
        if kind == "dict":
            return {"a": 1}
        if kind == "list":
            return [1, "two", None]
        if kind == "str":
            return '{"already": "json"}'
        if kind == "tuple":
            return {"made": True}, 201
        if kind == "list-tuple":
            return [1], 202
        if kind == "str-tuple":
            return '"text"', 404
        if kind == "unicode":
            return {"text": "grüße 🙂"}
        if kind == "unicode-str":
            return '"привет"'
        if kind == "empty":
            return {}
        if kind == "empty-list":
            return []
        if kind == "no-content":
            return "", 204
        if kind == "none":
            return None
        if kind == "raise":
            raise ValueError("in resource")
        if kind == "not-found":
            raise tinyweb.server.HTTPException(404)


app.add_resource(Result, "/result/<kind>")


@app.resource("/generator")
def generator(data):
    yield "["
    for i in range(200):
        yield "{},".format(i)
    yield "200]"


@app.resource("/generator/empty-parts")
def empty_parts(data):
    yield ""
    yield '"'
    yield ""
    yield 'ü"'


@app.resource("/generator/nothing")
def yields_nothing(data):
    return
    yield


@app.resource("/generator/bytes")
def yields_bytes(data):
    yield b'"by'
    yield b'tes"'


@app.resource("/generator/async")
async def async_generator(data):
    yield "["
    await asyncio.sleep_ms(5)
    yield "1"
    await asyncio.sleep_ms(5)
    yield "]"


@app.resource("/coroutine")
async def coroutine(data):
    await asyncio.sleep_ms(5)
    return {"awaited": True}


@app.resource("/coroutine/code", method="PUT")
async def coroutine_code(data):
    await asyncio.sleep_ms(5)
    return {"awaited": True}, 202


class Aiter:
    def __init__(self, count):
        self.count = count

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep_ms(1)
        if not self.count:
            raise StopAsyncIteration
        self.count -= 1
        return str(self.count)


@app.resource("/aiter")
def aiter(data):
    return Aiter(3)


# Handler forms


class Plain:
    def get(self, data):
        return {"form": "data"}


class WithHeaders:
    def get(self, data, headers):
        return {"form": "data, headers", "auth": b"Authorization" in headers}


class PlainParam:
    def get(self, data, id):
        return {"form": "data, id", "id": id}


class WithHeadersParam:
    def get(self, data, headers, id):
        return {"form": "data, headers, id", "id": id, "auth": b"Authorization" in headers}


class PlainTwo:
    def get(self, data, x, y):
        return {"form": "data, x, y", "x": x, "y": y}


class WithHeadersTwo:
    def get(self, data, headers, x, y):
        return {"form": "data, headers, x, y", "x": x, "y": y}


class Mixed:
    """One class, both forms."""

    def get(self, data):
        return {"form": "data"}

    def post(self, data, headers):
        return {"form": "data, headers", "type": headers.get(b"Content-Type", b"").decode()}

    async def put(self, data, headers):
        return {"form": "data, headers"}

    def patch(self, data):
        return {"form": "data", "data": data}, 200

    def delete(self, data, headers):
        yield '{"form": '
        yield '"data, headers"}'


class TypeErrorInside:
    def get(self, data, headers):
        return len(5)

    def post(self, data):
        return len(5)


class KwPlain:
    def get(self, data, db, unit):
        return {"form": "data", "db": db, "unit": unit}


class KwHeaders:
    def get(self, data, headers, db, unit):
        return {"form": "data, headers", "db": db, "unit": unit}


class KwParam:
    def get(self, data, id, db):
        return {"form": "data, id", "db": db, "id": id}

    def post(self, data, headers, id, db):
        return {"form": "data, headers, id", "db": db, "id": id}


class Instance:
    def __init__(self, name):
        self.name = name

    def get(self, data):
        return {"name": self.name}


app.add_resource(Plain, "/form/plain")
app.add_resource(WithHeaders, "/form/headers")
app.add_resource(PlainParam, "/form/plain/<id>")
app.add_resource(WithHeadersParam, "/form/headers/<id>")
app.add_resource(PlainTwo, "/form/plain/<x>/and/<y>")
app.add_resource(WithHeadersTwo, "/form/headers/<x>/and/<y>")
app.add_resource(Mixed, "/form/mixed")
app.add_resource(TypeErrorInside, "/form/type-error")
app.add_resource(KwPlain, "/kw/plain", db="d", unit=3)
app.add_resource(KwHeaders, "/kw/headers", db="d", unit=3)
app.add_resource(KwParam, "/kw/<id>", db="d")
app.add_resource(Instance("made"), "/instance")


# Function resources


@app.resource("/function")
def function(data):
    return {"form": "data"}


@app.resource("/function/headers")
def function_headers(data, headers):
    return {"form": "data, headers"}


@app.resource("/function/kw", method="PUT", unit="V")
def function_kw(data, unit):
    return {"unit": unit}


@app.resource("/function/lambda")
def function_default(data, headers=None):
    return {"headers": headers is not None}


app.resource("/function/one-liner")(lambda data: {"form": "data"})


class SeesHeaders:
    def get(self, data, headers):
        return {k.decode(): v.decode() for k, v in headers.items()}

    post = get


app.add_resource(SeesHeaders, "/sees")

app.run(host="127.0.0.1", port=int(sys.argv[1]))

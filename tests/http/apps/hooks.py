# SPDX-License-Identifier: MIT
# Hooks, error handlers, a mounted application, and URLs made from handlers.
import asyncio
import sys

import tinyweb
from tinyweb.wrapper import Wrapper

app = tinyweb.webserver()
sub = tinyweb.webserver()
calls = []


# Added before and after the hooks
@app.route("/early", methods=["GET"])
async def early(request, response):
    await response.start_html()
    calls.append("handler")
    await response.send(" ".join(calls))


class Count(Wrapper):
    NEEDS = ("X-Before",)

    def __call__(self, request, response):
        return self.f(request, response)


@app.before_request
async def first(request, response):
    calls.clear()
    calls.append("app")
    await asyncio.sleep(0)


@app.before_request
@Count
def second(request, response):
    before = request.headers.get(b"X-Before")
    if before == b"value":
        return {"from": "before"}, 202
    if before == b"sends":
        return response.error(403)
    if before == b"raises":
        raise tinyweb.HTTPException(401)
    if before == b"fails":
        return 1 // 0


@app.after_request
def server_field(request, response):
    response.headers["X-App"] = "{} {}".format(response.code, len(calls))
    if request.path == b"/after-fails":
        raise KeyError("after")
    if request.path == b"/after-starts":
        response._start()


@app.route("/late/<path:rest>", save_headers=["X-Own", "x-before"])
def late(request, response, rest):
    return {"rest": rest, "headers": sorted(k.decode() for k in request.headers)}


@app.route("/stream")
def stream(request, response):
    for i in range(3):
        yield "part {}\n".format(i)
        yield from asyncio.sleep_ms(0)


def mark(request, response):
    calls.append("route")


def stamp(request, response):
    response.headers["X-Route"] = response.headers.get("X-App", "none yet")


@app.route("/both", before=mark, after=[stamp])
def both(request, response):
    return " ".join(calls)


@app.route("/small", methods=["POST"], max_body_size=10)
async def small(request, response):
    return await request.read()


for name in ("after-fails", "after-starts"):
    app.add_route("/" + name, lambda request, response: "text")


# Error handlers


class Base(Exception):
    pass


class Derived(Base):
    pass


class Unknown(Exception):
    pass


ERRORS = {
    "zero": ZeroDivisionError("zero"),
    "base": Base("base"),
    "derived": Derived("derived"),
    "unknown": Unknown("unknown"),
    "bad": KeyError("bad"),
    "teapot": tinyweb.HTTPException(418),
    "gone": tinyweb.HTTPException(410),
    "conflict": tinyweb.HTTPException(409),
    "forbidden": tinyweb.HTTPException(403),
}


@app.route("/raise/<kind>")
async def raises(request, response, kind):
    response.headers["X-Lost"] = "1"
    await response.send("lost")
    raise ERRORS[kind]


@app.route("/missing")
async def missing(request, response):
    await response.send_file("missing.txt")


@app.route("/own-text")
async def own_text(request, response):
    await response.error(404, "own text")


@app.errorhandler(404)
def not_found(request, response, error):
    return {"missing": request.path.decode(), "error": repr(error)}


@app.errorhandler(Base)
async def base(request, response, error):
    return "base of " + str(error), 503


@app.errorhandler(Derived)
async def derived(request, response, error):
    response.code = 409
    await response.start_json()
    await response.send('"derived"')


@app.errorhandler(ArithmeticError)
def arithmetic(request, response, error):
    yield "by the "
    yield "generator"


@app.errorhandler(KeyError)
@app.errorhandler(410)
def failing(request, response, error):
    raise error if isinstance(error, KeyError) else ValueError("of the handler")


@app.errorhandler(409)
def conflict(request, response, error):
    raise tinyweb.HTTPException(412)


@app.errorhandler(418)
async def again(request, response, error):
    await response.error(418)


@app.errorhandler(400)
@app.errorhandler(414)
@app.errorhandler(431)
def unreadable(request, response, error):
    known = [request.method, request.path, request.headers]
    return "cannot read: {}".format(known), 200, {"X-Late": "1"}


# The mounted application


@sub.before_request
def sub_before(request, response):
    calls.append("sub")


@sub.after_request
def sub_after(request, response):
    response.headers["X-Sub"] = response.headers.get("X-App", "first")


@sub.route("/")
def sub_index(request, response):
    return " ".join(calls)


@sub.route("/item/<int:id>", methods=["GET"], before=mark)
def sub_item(request, response, id):
    return {"id": id, "calls": calls}


@sub.route("/item/<int:id>", methods=["DELETE"])
def sub_delete(request, response, id):
    raise Unknown(str(id))


@sub.route("/gone")
def sub_gone(request, response):
    raise tinyweb.HTTPException(404)


@sub.errorhandler(Unknown)
def sub_unknown(request, response, error):
    return "unknown " + str(error), 422


@sub.errorhandler(404)
def sub_not_found(request, response, error):
    return "not in here"


inner = tinyweb.webserver()


@inner.route("/deep")
def deep(request, response):
    return " ".join(calls)


@inner.before_request
def inner_before(request, response):
    calls.append("inner")


sub.mount(inner, "/inner")
app.mount(sub, "/api")


@app.route("/urls")
def urls(request, response):
    # Added after the mount
    return [
        app.url_for(early),
        app.url_for("sub_index"),
        app.url_for(sub_item, 7),
        app.url_for(sub_item, id=7),
        app.url_for(late, "a b/ü?"),
        app.url_for(raises, kind="a/b"),
        app.url_for(deep),
    ]


@app.route("/url-errors")
def url_errors(request, response):
    found = []
    for args in ((print,), (early, 1), (late,), (late, 1, 2), ("nothing",)):
        try:
            found.append(app.url_for(*args))
        except ValueError as exc:
            found.append(str(exc))
    for prefix in ("api", "/api/", "/"):
        try:
            app.mount(inner, prefix)
        except ValueError:
            found.append("prefix")
    try:
        app.after_request(first)
    except TypeError as exc:
        found.append(str(exc))
    try:
        app.nothing
    except AttributeError:
        found.append("attribute")
    return found


def log_error(exc, request):
    print("logged", type(exc).__name__)


app.log_error = log_error
app.run(host="127.0.0.1", port=int(sys.argv[1]))

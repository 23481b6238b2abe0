# SPDX-License-Identifier: MIT
"""Typical mistakes of applications: each is told where it was made, with what to do."""

import json

import pytest

# What each statement says. The names in it: app, a webserver; h(req, resp), a handler; R, a
# resource; login, a decorator.
AT_ONCE = {
    # The URL
    "app.add_route('x', h)": "ValueError: a URL starts with /",
    "app.add_route('', h)": "ValueError: a URL starts with /",
    "app.add_route('/x?a=1', h)": "ValueError: a URL has no query string here",
    "app.add_route(5, h)": "TypeError: a URL is a str, not int",
    "app.add_route(h, '/x')": "TypeError: a URL is a str, not function",
    "app.route(h)": 'TypeError: @app.route needs a URL: @app.route("/")',
    "app.resource(h)": 'TypeError: @app.resource needs a URL: @app.resource("/")',
    "app.add_route('/a/<int:id', h)": "ValueError: /a/<int:id: a parameter is a whole segment, "
    'as in "/<name>" or "/<int:name>"',
    "app.add_route('/a/id>', h)": "ValueError: /a/id>: a parameter is a whole segment, "
    'as in "/<name>" or "/<int:name>"',
    "app.add_route('/x<id>.txt', h)": "ValueError: /x<id>.txt: a parameter is a whole segment, "
    'as in "/<name>" or "/<int:name>"',
    "app.add_route('/<a><b>', h)": "ValueError: /<a><b>: a parameter is a whole segment, "
    'as in "/<name>" or "/<int:name>"',
    "app.add_route('/<path:a>/<path:b>', h3)": "ValueError: a URL has one path parameter at most",
    "app.add_route('/', h)": "ValueError: URL exists for GET",
    "app.add_route(b'x', h)": "ValueError: a URL starts with /",
    "app.catchall()(h); app.catchall()(h)": "ValueError: there is a catch-all already",
    # Its options
    "app.add_route('/x', h, methods='POST')": "TypeError: methods is a list: methods=['POST']",
    "app.add_route('/x', h, methods=['post'])": "ValueError: method 'post': write 'POST'",
    "app.add_route('/x', h, methods=[])": "ValueError: methods is empty: no request would reach "
    "the route",
    "app.add_route('/x', h, methods=[5])": "TypeError: a method is a str, not int",
    "app.add_route('/x', h, save_headers='X')": "TypeError: save_headers is a list: "
    "save_headers=['X']",
    "app.add_route('/x', h, save_headers=['X: y'])": "ValueError: save_headers: 'X: y' is no name "
    "of a field",
    "app.add_route('/x', h, save_headers=[''])": "ValueError: save_headers: '' is no name of a "
    "field",
    "app.add_route('/x', h, save_headers=[b'X: y'])": "ValueError: save_headers: b'X: y' is no "
    "name of a field",
    "app.add_route('/x', h, max_body_size='1k')": "ValueError: max_body_size is a number of "
    "bytes, not '1k'",
    "app.add_route('/x', h, max_body_size=-1)": "ValueError: max_body_size is a number of bytes, "
    "not -1",
    "app.add_route('/x', h, before=5)": "TypeError: before=: 5 is no function",
    "app.add_route('/x', h, before=lambda: 1)": "TypeError: before=: <lambda> cannot be called "
    "with 2 arguments",
    "app.add_route('/x', h, before=print)": "None",
    "app.add_route('/x', h, before=login.form)": "TypeError: before=: form cannot be called with "
    "2 arguments; a decorator goes above the handler",
    "app.add_route('/x', h, after=login)": "TypeError: a guard comes before a handler: before=, "
    "before_request()",
    "login(app.route('/x')(h)); app.add_route('/y', h)": "TypeError: h: @app.route() goes above "
    "the other decorators, which it leaves out else",
    "login(app.resource('/x')(r)); app.run()": "TypeError: r: @app.route() goes above the other "
    "decorators, which it leaves out else",
    "app.route('/x')(h); app.add_route('/y', basic_auth({})(login(h)))": "None",
    "app.add_route('/x', h, after=coroutine)": "TypeError: what comes after a handler is no "
    "coroutine",
    # The handler
    "app.add_route('/x', None)": "TypeError: /x: None is no handler: it cannot be called",
    "app.add_route('/x', 'h')": "TypeError: /x: 'h' is no handler: it cannot be called",
    "app.add_route('/<id>', h)": "TypeError: /<id>: h(req, resp) is called with 3 arguments: "
    "request, response, id",
    "app.add_route('/x', h3)": "TypeError: /x: h3(req, resp, a, b) is called with 2 arguments: "
    "request, response",
    "app.add_route('/x', one)": "TypeError: /x: one(req) is called with 2 arguments: "
    "request, response",
    "app.add_route('/<int:n>/x', basic_auth({})(h))": "TypeError: /<int:n>/x: h(req, resp) is "
    "called with 3 arguments: request, response, n",
    "app.catchall()(one)": "TypeError: the catch-all: one(req) is called with 2 arguments: "
    "request, response",
    # Resources
    "app.add_resource(object(), '/x')": "ValueError: a resource has get, post, put, patch or "
    "delete",
    "app.resource('/x')(len)": "TypeError: cannot read the arguments of a resource: give "
    "pass_headers=",
    "app.add_resource(R, '/x/<id>')": "TypeError: a resource takes data, headers and the URL's "
    "parameters",
    # Secrets
    "Sessions(None)": "TypeError: can't convert 'NoneType' object to str implicitly",
    "basic_auth({'ann': 'md5$1$c2FsdA$aGFzaA'})": "ValueError: not made by hash_password()",
    # Sites
    "app.static('/s', 'nowhere')": "ValueError: there is no folder 'nowhere' in {cwd}",
    "app.static('/s', 'file')": "ValueError: there is no folder 'file' in {cwd}",
    "app.static('/s', '/')": "None",
    "app.static('/s', 5)": "TypeError: static() takes the path of a folder, or an object with "
    "get()",
    # What surrounds handlers
    "app.errorhandler('404')": "TypeError: @app.errorhandler needs a status from 400 to 599, or a "
    "class of exceptions",
    "app.errorhandler(200)": "TypeError: @app.errorhandler needs a status from 400 to 599, or a "
    "class of exceptions",
    "app.errorhandler(h)": "TypeError: @app.errorhandler needs a status from 400 to 599, or a "
    "class of exceptions",
    "app.errorhandler(dict)": "TypeError: @app.errorhandler needs a status from 400 to 599, or a "
    "class of exceptions",
    "app.errorhandler(404)(h)": "TypeError: errorhandler(): h cannot be called with 3 arguments",
    "app.before_request(one)": "TypeError: before_request(): one cannot be called with 2 "
    "arguments",
    "app.after_request(one)": "TypeError: after_request(): one cannot be called with 2 arguments",
    "app.mount(other, 'api')": "ValueError: a prefix starts with / and does not end with it",
    "app.mount(other, '/api'); other.add_route('/y', h)": "RuntimeError: /y: add routes before "
    "mount(), which takes them over",
    "other.catchall()(h); app.mount(other, '/api')": "ValueError: a mounted application has no "
    "catch-all",
    "app.url_for('nobody')": "ValueError: no route has this handler",
    "app.url_for(h, name='x')": "ValueError: the URL has no parameters",
    "app.add_route('/<a>/<b>', h3); app.url_for(h3, b='x')": "ValueError: the URL has more "
    "parameters",
    # The server
    "tinyweb.webserver(request_timeout='3')": "ValueError: request_timeout is a number of seconds "
    "from 0 to 536870",
    "tinyweb.webserver(keep_alive=-1)": "ValueError: keep_alive is a number of seconds from 0 to "
    "536870",
    "tinyweb.webserver(max_concurrency=0)": "ValueError: max_concurrency is a number of "
    "connections, from 1 on",
    "tinyweb.webserver(max_concurrency='3')": "ValueError: max_concurrency is a number of "
    "connections, from 1 on",
    "tinyweb.webserver(backlog='5')": "ValueError: backlog is a number of connections, from 0 on",
    "tinyweb.webserver(backlog=-1)": "ValueError: backlog is a number of connections, from 0 on",
    "tinyweb.webserver(buffer_size='1k')": "ValueError: buffer_size is a number of bytes from 160 "
    "to 32768",
    "tinyweb.webserver(buffer_size=10)": "ValueError: buffer_size is a number of bytes from 160 "
    "to 32768",
    "tinyweb.webserver(buffer_size=10**6)": "ValueError: buffer_size is a number of bytes from "
    "160 to 32768",
    "app.run(port=70000)": "ValueError: port is a number from 0 to 65535, not 70000",
    "app.run(port='80')": "ValueError: port is a number from 0 to 65535, not '80'",
    "app.run(host=5)": "TypeError: can't convert 'int' object to str implicitly",
    "app.run(host='192.0.2.1')": "OSError: (99, 'cannot listen on 192.0.2.1:8081')",
    "app.run('127.0.0.1', 0, False); app.run('127.0.0.1', 0, False)": "RuntimeError: the server "
    "listens already: app.shutdown() ends that",
}
PROGRAM = """
import sys
import tinyweb
from tinyweb.auth import basic_auth
from tinyweb.login import Login
from tinyweb.sessions import Sessions

def h(req, resp): pass
def one(req): pass
def r(data): pass
def h3(req, resp, a, b): pass
async def coroutine(req, resp): pass
class R:
    def get(self, data): return {{}}
login = Login(lambda name, password: None, Sessions("key"))
with open("file", "w"):
    pass
for statement in {statements!r}:
    app = tinyweb.webserver()
    app.add_route("/", h, methods=["GET"])
    other = tinyweb.webserver()
    try:
        exec(statement)
        print(None)
    except Exception as exc:
        print(type(exc).__name__ + ": " + str(exc))
    app.shutdown()
"""

# What the log says of handlers, each with status 500.
AT_A_REQUEST = {
    "return 42": "TypeError: a handler returns str, bytes, dict, list, a tuple, parts of a body "
    "or None, not int",
    "return True": "TypeError: a handler returns str, bytes, dict, list, a tuple, parts of a "
    "body or None, not bool",
    "return 'a', '404'": "TypeError: a status is an int, headers are a dict",
    "return 'a', 200, []": "TypeError: a status is an int, headers are a dict",
    "return 1, 2, 3, 4": "TypeError: a handler returns (body, status, headers)",
    "return {'a': {1, 2}}": "TypeError: JSON has no set: make a dict, list, str or number of it",
    "return [req]": "TypeError: JSON has no request: make a dict, list, str or number of it",
    "return {'a': float('nan')}": "ValueError: JSON has no infinity and no NaN",
    "return [1e400]": "ValueError: JSON has no infinity and no NaN",
    "return {None: 1}": "TypeError: a key in JSON is a str, not NoneType",
    "resp.add_header('X', 'y')": "RuntimeError: add_header() comes before start_html(), "
    "start_json() and send()",
    "return load(5).render()": "TypeError: can't convert 'int' object to str implicitly",
    "return load('nowhere.html').render()": "OSError: [Errno 2] ENOENT: no template 'nowhere.html'"
    " in {cwd}",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """{statement: what it raised}, and the folder that the program ran in."""
    from support import simulator

    folder = tmp_path_factory.mktemp("mistakes")
    program = PROGRAM.format(statements=list(AT_ONCE))
    done = simulator.run(program, folder=folder, cwd=folder)
    return dict(zip(AT_ONCE, done.stdout.splitlines(), strict=True)), folder


def test_there_are_sixty():
    assert len(AT_ONCE) + len(AT_A_REQUEST) >= 60


@pytest.mark.parametrize("statement", AT_ONCE)
def test_mistake_is_told_at_once(told, statement):
    lines, folder = told
    assert lines[statement] == AT_ONCE[statement].replace("{cwd}", str(folder))


@pytest.mark.parametrize("code", AT_A_REQUEST)
def test_mistake_of_a_handler_is_in_the_log(run_mpy, tmp_path, code):
    """With the request that it was made in, and never with a status that says all is well."""
    done = run_mpy(
        f"""
        import json
        import tinyweb
        from tinyweb.template import load
        from tinyweb.testing import TestClient

        app = tinyweb.webserver()

        @app.route("/there")
        async def there(req, resp):
            if {code.startswith("resp.")}:
                await resp.start_html()
            {code}

        answer = TestClient(app).get("/there")
        print(json.dumps([answer.status, answer.body.decode()]))
        """,
        cwd=tmp_path,
    )
    *log, answer = done.stdout.splitlines()
    assert json.loads(answer) == [500, "Internal Server Error"]
    message = AT_A_REQUEST[code].replace("{cwd}", str(tmp_path))
    assert log[0].startswith("Traceback")
    assert log[-2:] == [message, "  in the answer to GET /there"]


def test_unknown_options_are_in_the_log(run_mpy):
    """They are ignored, as the original ignores them; the log says which, and what was meant."""
    done = run_mpy(
        """
        import tinyweb

        app = tinyweb.webserver()
        app.log_error = lambda exc, req: print(req, str(exc))
        app.add_route("/x", lambda req, resp: None, method="POST")
        app.add_route("/y", lambda req, resp: None, cache=5)
        """
    )
    assert done.stdout.splitlines() == [
        "None route /x: unknown option method= ignored, write methods=[...]",
        "None route /y: unknown option cache= ignored",
    ]


def test_address_that_cannot_be_used_says_why(run_mpy):
    """What the system says of an address, as a sentence; -2 is what getaddrinfo() has."""
    done = run_mpy(
        """
        from errno import EACCES, EADDRINUSE, ENOENT
        from tinyweb import checks

        for code in (EADDRINUSE, EACCES, ENOENT, -2, None, 12345):
            try:
                checks.cannot_listen(OSError(code), "h", 80)
            except OSError as exc:
                print(exc.errno == code, exc.args[1])
        """
    )
    assert done.stdout.splitlines() == [
        "True cannot listen on h:80, another program or server uses the port",
        "True cannot listen on h:80, ports below 1024 are not for every user",
        *["True cannot listen on h:80, the host is no address of this device"] * 3,
        "True cannot listen on h:80",
    ]


def test_where_the_server_is_to_be_found(run_mpy):
    """What is printed can be written into a browser: also for an IPv6 address, and for "all"."""
    done = run_mpy(
        """
        import tinyweb
        from tinyweb import checks

        app = tinyweb.webserver()
        for host, port in (("192.0.2.1", 80), ("::1", 8081), ("0.0.0.0", 8081), ("::", 80)):
            checks.announce(app, host, port, False)
        checks.announce(app, "device.local", 8081, True)
        """
    )
    assert done.stderr.splitlines() == [
        "Serving at http://192.0.2.1/",
        "Serving at http://[::1]:8081/",
        "Serving at http://127.0.0.1:8081/",
        "Serving at http://127.0.0.1/",
        "Serving at http://device.local:8081/ - Ctrl-C stops it",
    ]


def test_an_image_may_leave_the_checks_out(run_mpy):
    """Without the modules that only tell, mistakes and limits are not told, and all else works."""
    done = run_mpy(
        """
        import builtins
        import tinyweb
        from tinyweb.testing import TestClient

        whole = __import__

        def without(name, globals=None, locals=None, fromlist=(), level=0):
            if name == "tinyweb" and fromlist and fromlist[0] in ("checks", "refusals"):
                raise ImportError(fromlist[0])
            return whole(name, globals, locals, fromlist, level)

        builtins.__import__ = without
        app = tinyweb.webserver(buffer_size=512)

        @app.route("/", methods=["POST"], max_body_size=5)
        async def index(req, resp):
            return await req.read()

        client = TestClient(app)
        print(client.post("/", "12345").text, client.post("/", "123456").status)
        """
    )
    assert done.stdout.splitlines() == ["12345 413"]

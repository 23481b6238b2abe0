# SPDX-License-Identifier: MIT
"""Programs in WebAssembly, in node: the server, its sockets and files, without a browser."""

import json

import pytest

from support.simulator import TOP

# A program whose handlers the tests add to.
APP = """
import asyncio, tinyweb
app = tinyweb.webserver()
"""

RUN = "\napp.run()\n"


def app(handlers):
    """JavaScript that starts a server with `handlers`."""
    source = APP + handlers + RUN
    return f"const server = await boot({js(source)});\n"


def js(text):
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return f"`{escaped}`"


def test_hello_world_of_the_images(node):
    done = node("""
        const server = await boot("import examples.hello_world as hello\\nhello.run()");
        const answers = [];
        for (const [method, target] of [["GET", "/"], ["HEAD", "/"], ["GET", "/no"]]) {
          const answer = await server.request({ method, target });
          answers.push([answer.status, (await text(answer)).length > 0]);
        }
        return { answers, output: server.output(), ports: server.ports, error: server.error };
    """)
    assert done["answers"] == [[200, True], [200, False], [404, True]]
    assert done["output"] == "Serving at http://127.0.0.1:8081/ - Ctrl-C stops it\n"
    assert done["ports"] == [8081]
    assert done["error"] is None


def test_an_exception_is_500_and_its_traceback_is_printed(node):
    program = app("""
@app.route("/")
def index(request, response):
    return 1 // 0
""")
    done = node(
        program
        + """
        const { status } = await server.request({});
        return { status, output: server.output(), failures: server.failures };
    """
    )
    assert done["status"] == 500
    assert "ZeroDivisionError" in done["output"]
    assert done["failures"] == []


def test_a_form_and_a_cookie(node):
    program = app("""
@app.route("/", methods=["POST"], save_headers=["Cookie", "Origin", "Host", "Sec-Fetch-Site"])
async def index(request, response):
    form = await request.read_parse_form_data()
    h = request.headers
    response.add_header("Set-Cookie", "seen={}; Path=/; HttpOnly".format(form["n"]))
    return [form, h.get(b"Cookie"), h[b"Origin"], h[b"Host"], h[b"Sec-Fetch-Site"]]
""")
    done = node(
        program
        + """
        const headers = [["Content-Type", "application/x-www-form-urlencoded"]];
        const answers = [];
        for (const n of ["1", "2"]) {
          const body = new TextEncoder().encode(`n=${n}`);
          const answer = await server.request({ method: "POST", headers, body });
          answers.push(JSON.parse(await text(answer)));
        }
        return answers;
    """
    )
    origin = ["http://page.test", "page.test", "same-origin"]
    assert done == [[{"n": "1"}, None, *origin], [{"n": "2"}, "seen=1", *origin]]


def test_pieces_come_when_they_are_sent(node):
    program = app("""
more = asyncio.Event()

@app.route("/")
async def index(request, response):
    await response.start_html()
    for piece in ("a", "b", "c"):
        await response.send(piece)
        await response.flush()
        await more.wait()
        more.clear()

@app.route("/more")
def go_on(request, response):
    more.set()
    return ""
""")
    done = node(
        program
        + """
        const answer = await server.request({});
        const pieces = [];
        for await (const piece of answer.body) {
          pieces.push(Buffer.from(piece).toString());
          await text(await server.request({ target: "/more" }));
        }
        return pieces;
    """
    )
    assert done == ["a", "b", "c"]


# A megabyte, of which a handler counts what it got rid of.
LONG = """
sent = 0
ended = False

@app.route("/")
async def index(request, response):
    global sent, ended
    await response.start_html()
    try:
        for i in range(1024):
            await response.send("x" * 1024)
            sent += 1024
    finally:
        ended = True

@app.route("/sent")
def count(request, response):
    return [sent, ended]
"""


def test_who_does_not_read_holds_the_program_back(node):
    done = node(
        app(LONG)
        + """
        const answer = await server.request({});
        const state = () => server.request({ target: "/sent" }).then(text).then(JSON.parse);
        let sent = -1;
        for (let last = -2; sent !== last; await wait(50)) {
          last = sent;
          [sent] = await state();
        }
        const all = (await text(answer)).length;
        return { sent, all };
    """
    )
    # What lies on the way: 64 KiB, and what the server's own buffers have.
    assert 32 * 1024 < done["sent"] < 80 * 1024
    assert done["all"] == 1 << 20


def test_who_leaves_ends_the_handler(node):
    done = node(
        app(LONG)
        + """
        const answer = await server.request({});
        await answer.body.next();
        await answer.body.return();
        for (;;) {
          const state = JSON.parse(await text(await server.request({ target: "/sent" })));
          if (state[1]) return state;
          await wait(5);
        }
    """
    )
    sent, ended = done
    assert ended and sent < 1 << 20


def test_an_upload_of_3_megabytes(node):
    program = app("""
import os
from tinyweb import uploads

@app.route("/<name>", methods=["PUT"], max_body_size=4 << 20)
async def put(request, response, name):
    await uploads.receive_file(request, name)
    return str(os.stat(name)[6])

@app.route("/small", methods=["PUT"])
async def small(request, response):
    return await request.read_body()
""")
    done = node(
        program
        + """
        const body = new Uint8Array(3 << 20).fill(7);
        const put = (target) => server.request({ method: "PUT", target, body });
        return [await text(await put("/large")), (await put("/small")).status];
    """
    )
    assert done == [str(3 << 20), 413]


def test_files_have_entity_tags_and_missing_ones_are_404(node):
    program = """
        const source = `import tinyweb
app = tinyweb.webserver()
app.static("/", "www")
app.run()
`;
        const server = await boot(source, { "www/a/style.css": "p{}", "main.py": source });
        const first = await server.request({ target: "/a/style.css" });
        const tag = first.headers.find(([name]) => name === "etag")[1];
        const headers = [["If-None-Match", tag]];
        const again = await server.request({ target: "/a/style.css", headers });
        const missing = await server.request({ target: "/a/none.css" });
        return [await text(first), again.status, missing.status];
    """
    assert node(program) == ["p{}", 304, 404]


@pytest.mark.parametrize(
    "action, number",
    [
        ("open('none')", 2),
        ("os.mkdir('folder')", 17),
        ("open('folder', 'w')", 21),
        ("os.listdir('file')", 20),
        ("os.rmdir('folder')", 39),
    ],
)
def test_errors_of_files_have_the_numbers_of_the_chips(node, action, number):
    source = f"""
import os
os.mkdir('folder')
open('folder/file', 'w').close()
open('file', 'w').close()
try:
    {action}
except OSError as e:
    print(e.errno)
"""
    done = node(f"const server = await boot({js(source)}); return server.output();")
    assert done == f"{number}\n"


def test_random_bytes_are_random(node):
    done = node("""
        const server = await boot("import os\\na = os.urandom(600)\\nb = os.urandom(600)");
        server.prompt("[len(a), a == b, a.count(b'\\0') < 30]");
        server.prompt("os.urandom(-1)");
        return server.output();
    """)
    assert done.startswith("[600, False, True]\n")
    assert "ValueError" in done


def test_a_websocket(node):
    program = app("""
from tinyweb.websocket import with_websocket

@app.route("/ws")
@with_websocket(max_message=100000)
async def echo(request, ws):
    async for message in ws:
        if message == "end":
            await ws.close(4001, "so be it")
        else:
            await ws.send(message)
""")
    done = node(
        program
        + """
        const socket = await server.webSocket("/ws");
        const messages = socket.messages();
        const got = [];
        for (const message of ["héllo", "", "x".repeat(200), "y".repeat(70000)]) {
          socket.send(message);
          got.push((await messages.next()).value === message);
        }
        socket.send(new Uint8Array([1, 2, 255]).buffer);
        got.push([...new Uint8Array((await messages.next()).value)]);
        socket.send("end");
        got.push((await messages.next()).value);
        const refused = await server.webSocket("/none").catch((error) => error.message);
        return [...got, refused];
    """
    )
    end = {"code": 4001, "reason": "so be it"}
    assert done == [True, True, True, True, [1, 2, 255], end, "The program has answered 404."]


def test_a_busy_task_leaves_time_for_requests(node):
    program = app("""
turns = 0

async def busy():
    global turns
    while True:
        await asyncio.sleep(0)
        turns += 1

@app.route("/")
def index(request, response):
    return str(turns)

asyncio.create_task(busy())
""")
    done = node(
        program
        + """
        const turns = [0];
        while (turns.length < 4) {
          const now = Number(await text(await server.request({})));
          if (now > turns.at(-1)) turns.push(now);
          await wait(5);
        }
        return turns;
    """
    )
    assert done == sorted(set(done))


def test_a_program_with_a_loop_of_its_own(node):
    source = """
import asyncio, tinyweb
app = tinyweb.webserver()

@app.route("/")
def index(request, response):
    return "served"

async def main():
    await app.serve(port=80)

asyncio.run(main())
"""
    done = node(f"""
        const server = await boot({js(source)});
        while (!server.ports.length) await wait(1);
        return [server.ports, await text(await server.request({{}}))];
    """)
    assert done == [[80], "served"]


def test_handlers_have_a_time_limit(node):
    source = """
import asyncio, tinyweb
app = tinyweb.webserver(handler_timeout=0.2)

@app.route("/")
async def index(request, response):
    await asyncio.sleep(60)

app.run()
"""
    done = node(f"""
        const server = await boot({js(source)});
        return (await server.request({{}})).status;
    """)
    assert done == 503


def test_thirty_at_once(node):
    done = node("""
        const server = await boot("import examples.rest_api as api\\napi.run()");
        const ask = async () => (await server.request({ target: "/customers" })).status;
        return await Promise.all(Array.from({ length: 30 }, ask));
    """)
    assert done == [200] * 30


def test_memory_does_not_grow_with_requests(node):
    done = node("""
        const server = await boot("import examples.hello_world as hello\\nhello.run()");
        const many = async () => {
          for (let i = 0; i < 1000; ++i) await text(await server.request({ target: "/table" }));
          return globalThis.Module.HEAPU8.length;
        };
        return [await many(), await many()];
    """)
    assert done[0] == done[1]


def test_the_prompt(node):
    done = node("""
        const server = await boot("x = 20");
        const block = "for i in range(2):\\n    i";
        for (const line of ["x + 1", block, "import nothing", "1 +", "x = 2", "x"]) {
          server.prompt(line);
        }
        return server.output();
    """)
    lines = done.splitlines()
    assert lines[:3] == ["21", "0", "1"]
    assert "ImportError: no module named 'nothing'" in done
    assert "SyntaxError: invalid syntax" in done
    assert lines[-1] == "2"


def test_nothing_listens(node):
    done = node("""
        const server = await boot("print('done')");
        return [await server.request({}).catch((error) => error.message), server.output()];
    """)
    assert done == ["The program does not listen on any port.", "done\n"]


def test_an_error_of_javascript_stops_python(node):
    done = node("""
        const server = await boot("import re");
        let thrown;
        try {
          server.prompt("re.match('(a*)*b', 'a' * 30000)");
        } catch (error) {
          thrown = error.constructor.name;
        }
        let again;
        try {
          server.prompt("1");
        } catch (error) {
          again = error.message;
        }
        return [thrown, server.failures.length, again];
    """)
    assert done == ["Broken", 1, "Python has stopped."]


def test_the_demo(node):
    folder = TOP / "demo"
    names = [p for part in ("features", "www") for p in (folder / part).iterdir() if p.is_file()]
    files = {p.relative_to(folder).as_posix(): p.read_text() for p in names}
    source = (folder / "main.py").read_text()
    done = node(f"""
        const files = {json.dumps(files)};
        const server = await boot({js(source)}, files);
        const targets = ["/", "/api/status", "/guests/book", "/login/form", "/files/list"];
        const follow = async (target) => {{
          const answer = await server.request({{ target }});
          await text(answer);
          const location = answer.headers.find(([name]) => name === "location");
          return location ? follow(location[1]) : answer.status;
        }};
        const statuses = [];
        for (const target of targets) statuses.push(await follow(target));
        return [statuses, server.failures];
    """)
    assert done == [[200] * 5, []]

# SPDX-License-Identifier: MIT
"""shutdown(), run(loop_forever=False) and the same port again in one process."""

import errno
import signal
import time

import httpx
import pytest

from support.simulator import free_port, listens
from support.wire import Wire


@pytest.fixture
def start(serve, request):
    folder = request.path.parent / "apps"

    def launch(program, **options):
        return serve(folder / program, **options)

    return launch


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_example_of_the_documentation(start):
    server = start("seed_shutdown.py")
    assert httpx.get(server.url, trust_env=False).status_code == 404
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(10) == 0
    log = server.log()
    assert " CTRL+C pressed - terminating..." in log
    assert log.rstrip().endswith("finished")
    assert "Traceback" not in log
    assert not listens(server.port)


def test_example_of_the_documentation_with_clients_connected(start):
    server = start("seed_shutdown.py")
    idle = Wire(server.host, server.port)
    half = Wire(server.host, server.port)
    half.send(b"GET / HTTP/1.1\r\nHo")
    kept = Wire(server.host, server.port)
    kept.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
    assert kept.read_response().status == 404
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(10) == 0
    for peer in (idle, half, kept):
        assert not peer.read_until_closed()
        peer.close()
    assert "Traceback" not in server.log()


def test_same_port_again_in_the_same_process(start):
    server = start("port_reuse.py")
    for number in range(3):
        wait_for(lambda: listens(server.port))
        # What a client left open must not hold the port or the slots of the next round.
        idle = Wire(server.host, server.port)
        hanging = Wire(server.host, server.port)
        hanging.send(b"GET /hang HTTP/1.1\r\nHost: t\r\n\r\n")
        response = httpx.get(server.url, trust_env=False)
        assert response.text == f"round {number}"
        server.process.send_signal(signal.SIGINT)
        wait_for(lambda number=number: server.log().count("descriptors") == number + 1)
        assert server.log().count("handler ended") == number + 1, "the handler was not cancelled"
        idle.read_until_closed()
        hanging.read_until_closed()
        idle.close()
        hanging.close()
    assert server.process.wait(10) == 0
    counts = [line for line in server.log().splitlines() if line.startswith("descriptors")]
    assert len(set(counts)) == 1, f"descriptors leak from round to round: {counts}"
    assert "Traceback" not in server.log()


def test_run_without_loop_forever(start):
    server = start("no_loop.py")
    wait_for(lambda: "returned" in server.log())
    first = int(httpx.get(server.url + "/ticks", trust_env=False).text)
    time.sleep(0.2)
    assert int(httpx.get(server.url + "/ticks", trust_env=False).text) > first


def test_shutdown_from_a_handler(serve):
    server = serve(
        """
        import asyncio
        import sys
        import tinyweb

        app = tinyweb.webserver()

        @app.route("/stop")
        async def stop(request, response):
            await response.start_html()
            await response.send("stopping")
            asyncio.create_task(later())

        async def later():
            await asyncio.sleep_ms(50)
            app.shutdown()

        async def main():
            app.run(host="127.0.0.1", port=int(sys.argv[1]), loop_forever=False)
            await asyncio.sleep_ms(2000)
            print("main ended")

        asyncio.run(main())
        """
    )
    with Wire(server.host, server.port) as peer:
        peer.send(b"GET /stop HTTP/1.1\r\nHost: t\r\n\r\n")
        assert peer.read_response().text == "stopping"
        peer.read_until_closed()
    wait_for(lambda: not listens(server.port))
    assert server.process.wait(10) == 0
    assert "main ended" in server.log()
    assert "Traceback" not in server.log()


def test_shutdown_twice_and_before_run(run_mpy):
    done = run_mpy(
        """
        import tinyweb
        app = tinyweb.webserver()
        app.shutdown()
        app.shutdown()
        print("fine")
        """
    )
    assert done.stdout.strip() == "fine"


def test_port_in_use_is_an_error_of_run(start, run_mpy):
    server = start("seed_hello.py")
    done = run_mpy(
        """
        import sys
        import tinyweb
        try:
            tinyweb.webserver().run(host="127.0.0.1", port=int(sys.argv[1]))
        except OSError as exc:
            print("OSError", exc.errno)
        """,
        args=(server.port,),
    )
    assert done.stdout.split() == ["OSError", str(errno.EADDRINUSE)]


STOPPING = """
import asyncio
import sys
import tinyweb

app = tinyweb.webserver(max_concurrency=1)

@app.route("/slow")
async def slow(req, resp):
    print("begun")
    try:
        await asyncio.sleep_ms(int(req.query_string))
    except asyncio.CancelledError:
        print("cancelled")
        raise
    return "served"

@app.route("/stop")
async def stop(req, resp):
    app.shutdown()
    return "the last"

async def ask(path):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    writer.write("GET {} HTTP/1.0\\r\\n\\r\\n".format(path).encode())
    await writer.drain()
    try:
        answer = await reader.read()
    except OSError:
        answer = b""
    writer.close()
    return answer.split(b"\\r\\n")[-1]

"""


@pytest.mark.parametrize(
    ("timeout", "says"),
    [(5, ["begun", "b'served'", "stopped"]), (0.1, ["begun", "cancelled", "b''", "stopped"])],
)
def test_stop_waits_for_requests_but_not_for_ever(run_mpy, timeout, says):
    done = run_mpy(
        STOPPING
        + f"""
async def main():
    app.start("127.0.0.1", int(sys.argv[1]))
    asked = asyncio.create_task(ask("/slow?{200 if timeout > 1 else 60000}"))
    await asyncio.sleep_ms(50)
    await app.stop({timeout})
    print(await asked)
    print("stopped")

asyncio.run(main())
""",
        args=(free_port(),),
    )
    assert done.stdout.splitlines() == says


def test_shutdown_ends_a_client_that_waits_for_a_slot(run_mpy):
    done = run_mpy(
        STOPPING
        + """
async def main():
    app.start("127.0.0.1", int(sys.argv[1]))
    asked = [asyncio.create_task(ask("/slow?60000")) for _ in range(2)]
    while app._newcomer is None:
        await asyncio.sleep_ms(10)
    app.shutdown()
    for task in asked:
        print(await task)

asyncio.run(main())
""",
        args=(free_port(),),
    )
    assert done.stdout.splitlines() == ["begun", "cancelled", "b''", "b''"]


def test_shutdown_by_a_handler_ends_run(run_mpy):
    """Its own answer still leaves, and then run() returns."""
    done = run_mpy(
        STOPPING
        + """
async def main():
    print(await ask("/stop"))

asked = asyncio.create_task(main())
app.run("127.0.0.1", int(sys.argv[1]))
print("returned")
asyncio.get_event_loop().run_until_complete(asked)
""",
        args=(free_port(),),
    )
    assert done.stdout.splitlines() == ["returned", "b'the last'"]


def test_connection_that_somebody_else_has_accepted(run_mpy):
    """What was to be accepted may be gone: the server goes on with the next one."""
    done = run_mpy(
        STOPPING
        + """
async def main():
    app.start("127.0.0.1", int(sys.argv[1]))

    async def take():
        while True:
            try:
                return app._listener.accept()[0].close()
            except OSError:
                await asyncio.sleep_ms(0)

    taking = asyncio.create_task(take())
    print(await ask("/slow?0"))
    await taking
    print(await ask("/slow?0"))
    app.shutdown()

asyncio.run(main())
""",
        args=(free_port(),),
    )
    assert done.stdout.splitlines() == ["b''", "begun", "b'served'"]

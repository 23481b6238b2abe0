# SPDX-License-Identifier: MIT
"""webserver(): names that applications import, defaults, concurrency, backlog and timeout."""

import contextlib
import socket
import struct
import time

import pytest

from support.wire import Wire


def test_names(run_mpy):
    done = run_mpy(
        """
        import tinyweb
        import tinyweb.server
        from tinyweb import webserver
        from tinyweb.server import HTTPException, webserver as same

        assert tinyweb.webserver is webserver is same is tinyweb.server.webserver
        assert issubclass(HTTPException, Exception)
        assert HTTPException(404).code == 404
        assert HTTPException().code == 400
        for name in ("route", "resource", "catchall", "add_route", "add_resource", "run",
                     "shutdown"):
            assert callable(getattr(webserver(), name)), name
        print("fine")
        """
    )
    assert done.stdout.strip() == "fine"


def test_names_of_the_original(run_mpy):
    """Applications import them from tinyweb.server; others are not there."""
    done = run_mpy(
        """
        import tinyweb.server
        from tinyweb.server import parse_query_string, request, response, urldecode_plus

        print(parse_query_string("a=b+c&d=%C3%A4"), urldecode_plus("a+b%20c"))
        print(request.__name__, response.__name__)
        print([hasattr(tinyweb.server, name) for name in ("attribute", "parse_qs", "globals")])
        """
    )
    assert done.stdout.splitlines()[1:] == ["request response", "[False, False, False]"]
    assert "'a': 'b c'" in done.stdout and "a b c" in done.stdout


def test_server_submodule_without_the_package_name(run_mpy):
    done = run_mpy("import tinyweb\nprint(tinyweb.server.webserver is tinyweb.webserver)")
    assert done.stdout.strip() == "True"


def test_decorators_return_the_function(run_mpy):
    done = run_mpy(
        """
        import tinyweb
        app = tinyweb.webserver()
        async def page(request, response): pass
        def data(d): pass
        assert app.route("/1")(page) is page
        assert app.resource("/2")(data) is data
        assert app.catchall()(page) is page
        print("fine")
        """
    )
    assert done.stdout.strip() == "fine"


def test_keyword_and_positional_arguments(run_mpy):
    done = run_mpy(
        """
        import tinyweb
        tinyweb.webserver(3, 5, 10, True)
        tinyweb.webserver(request_timeout=1, max_concurrency=2, backlog=4, debug=False)
        tinyweb.webserver(max_concurrency=None)
        print("fine")
        """
    )
    assert done.stdout.strip() == "fine"


# A program that parks every request until /go; what has come in shows how many slots there are.
PARKING = """
import sys

class Chip:
    pass

if sys.argv[3]:
    chip = Chip()
    for name in dir(sys):
        setattr(chip, name, getattr(sys, name))
    chip.platform = sys.argv[3]
    sys.modules["sys"] = chip

import asyncio
import tinyweb

app = tinyweb.webserver({arguments})
inside = 0
top = 0
gate = asyncio.Event()


@app.route("/park")
async def park(request, response):
    global inside, top
    inside += 1
    top = max(top, inside)
    print("inside", inside)
    await gate.wait()
    inside -= 1
    await response.start_html()
    await response.send("top " + str(top))


async def opener():
    while True:
        await asyncio.sleep_ms(20)
        try:
            open("go").close()
        except OSError:
            continue
        gate.set()


app.run(host="127.0.0.1", port=int(sys.argv[1]), loop_forever=False)
loop = asyncio.get_event_loop()
loop.create_task(opener())
loop.run_forever()
"""


@pytest.mark.parametrize(
    ("platform", "arguments", "slots"),
    [
        ("esp8266", "", 3),
        ("esp32", "", 6),
        ("", "", 10),
        ("rp2", "", 10),
        ("", "max_concurrency=2", 2),
        ("esp8266", "max_concurrency=7, backlog=9", 7),
        ("", "max_concurrency=1", 1),
    ],
)
def test_concurrency(serve, tmp_path, platform, arguments, slots):
    program = PARKING.format(arguments=arguments)
    server = serve(program, args=(platform,), cwd=tmp_path, patched=bool(platform))
    with contextlib.ExitStack() as stack:
        peers = []
        for _ in range(slots + 3):
            # At once: a client that is silent while others wait loses its slot after a second, and
            # with a full backlog connecting takes as long.
            peers.append(stack.enter_context(Wire(server.host, server.port)))
            peers[-1].send(b"GET /park HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        deadline = time.monotonic() + 10
        while f"inside {slots}\n" not in server.log() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.2)
        assert f"inside {slots}\n" in server.log()
        assert f"inside {slots + 1}\n" not in server.log()
        (tmp_path / "go").touch()
        # Those that waited in the backlog are served as well, after the others.
        for peer in peers:
            response = peer.read_response()
            assert response.status == 200
            assert int(response.text.split()[1]) <= slots


def listen_backlog(port):
    """The backlog that the kernel holds for a listening port, by sock_diag(7)."""
    family, protocol, listen_state = socket.AF_INET, socket.IPPROTO_TCP, 10
    request = struct.pack("=BBBxI", family, protocol, 0, 1 << listen_state) + bytes(48)
    header = struct.pack("=IHHII", 16 + len(request), 20, 0x301, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as diag:
        diag.sendto(header + request, (0, 0))
        while True:
            data = diag.recv(65536)
            while data:
                length, kind = struct.unpack_from("=IH", data)
                if kind == 3:
                    raise AssertionError(f"port {port} is not listened on")
                (local,) = struct.unpack_from("!H", data, 16 + 4)
                if local == port:
                    # inet_diag_msg: idiag_wqueue of a listening socket is its backlog.
                    return struct.unpack_from("=I", data, 16 + 4 + 48 + 8)[0]
                data = data[(length + 3) & ~3 :]


@pytest.mark.parametrize(
    ("constructor", "run", "expected"),
    [
        ("backlog=23", "", {23}),
        ("", ", backlog=17", {17}),
        ("backlog=23", ", backlog=17", {17}),
        ("", "", {10, 16, 11}),
    ],
)
def test_backlog(serve, constructor, run, expected):
    server = serve(
        f"""
        import sys
        import tinyweb
        app = tinyweb.webserver({constructor})
        app.run(host="127.0.0.1", port=int(sys.argv[1]){run})
        """
    )
    assert listen_backlog(server.port) in expected


@pytest.mark.parametrize(
    ("argument", "low", "high"), [("", 2.5, 8), ("request_timeout=1", 0.8, 6)]
)
def test_request_timeout(serve, argument, low, high):
    server = serve(
        f"""
        import sys
        import tinyweb
        tinyweb.webserver({argument}).run(host="127.0.0.1", port=int(sys.argv[1]))
        """
    )
    begin = time.monotonic()
    peers = []
    for data in (b"", b"GET / HTTP/1.1\r\n", b"GET /"):
        peers.append(Wire(server.host, server.port, timeout=15))
        peers[-1].send(data)
    for peer in peers:
        rest = peer.read_until_closed()
        assert rest == b"" or rest.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert low <= time.monotonic() - begin <= high
        peer.close()


def test_request_timeout_is_for_the_whole_head(serve):
    """A client that sends a byte now and then does not keep its slot."""
    server = serve(
        """
        import sys
        import tinyweb
        tinyweb.webserver(request_timeout=1).run(host="127.0.0.1", port=int(sys.argv[1]))
        """
    )
    with Wire(server.host, server.port) as peer:
        peer.send(b"GET / HTTP/1.1\r\nHost: t\r\nX-Slow: ")
        for _ in range(40):
            time.sleep(0.2)
            if not peer.try_send(b"x"):
                break
        else:
            raise AssertionError("a head at 5 bytes a second was read for 8 s")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_host(run_mpy, host):
    """run(host=...) takes addresses and names."""
    done = run_mpy(
        """
        import asyncio
        import sys
        import tinyweb
        app = tinyweb.webserver()
        app.run(host=sys.argv[1], port=0, loop_forever=False)

        async def main():
            await asyncio.sleep_ms(50)
            app.shutdown()
            await asyncio.sleep_ms(50)

        asyncio.get_event_loop().run_until_complete(main())
        print("fine")
        """,
        args=(host,),
    )
    assert done.stdout.strip() == "fine"


@pytest.mark.parametrize("port", [65536, 80000, -1])
def test_port_that_is_none(run_mpy, port):
    """Sockets would take its low 16 bits: 14464 for 80000."""
    done = run_mpy(
        """
        import sys
        import tinyweb
        app = tinyweb.webserver()
        try:
            app.run(port=int(sys.argv[1]), loop_forever=False)
        except ValueError as e:
            print(e)
        """,
        args=(str(port),),
    )
    assert done.stdout.strip() == f"port is a number from 0 to 65535, not {port}"


def test_defaults_of_run(run_mpy):
    """host=127.0.0.1 and port=8081, seen in the kernel's table.

    Somebody else may use that port at this moment; that run() then says so is the same proof.
    """
    done = run_mpy(
        """
        import asyncio
        import tinyweb
        app = tinyweb.webserver()
        try:
            app.run(loop_forever=False)

            async def main():
                await asyncio.sleep_ms(10)
                with open("/proc/net/tcp") as table:
                    for line in table:
                        if " 0100007F:1F91 00000000:0000 0A " in line:
                            print("default")
                            break
                app.shutdown()
                await asyncio.sleep_ms(10)

            asyncio.get_event_loop().run_until_complete(main())
        except OSError as exc:
            print("default" if exc.errno == 98 else exc)
        """
    )
    assert done.stdout.strip() == "default"

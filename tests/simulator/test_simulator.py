# SPDX-License-Identifier: MIT
"""The simulator itself: how it is built, what is in it, and that its heap is honest."""

import os
import subprocess

import pytest

from support import chip
from support.repl import PROMPT, Repl
from support.simulator import TOP, environment


@pytest.mark.parametrize("bits", [64, 32])
def test_make_prints_only_the_path_as_last_line(bits):
    done = subprocess.run(
        ["make", "-s", "simulator", f"BITS={bits}"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
    )
    path = done.stdout.splitlines()[-1]
    assert os.access(path, os.X_OK)
    answer = subprocess.run(
        [path, "-c", "import sys; print(sys.maxsize.__class__, sys.maxsize > 2**32)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == f"<class 'int'> {bits == 64}\n"


def test_other_word_sizes_are_refused():
    done = subprocess.run(
        ["make", "-s", "simulator", "BITS=16"], cwd=TOP, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "32|64" in done.stderr


def test_make_alone_describes_every_target():
    done = subprocess.run(["make", "-s"], cwd=TOP, capture_output=True, text=True, check=True)
    described = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
    phony = set()
    for file in (TOP / "Makefile", *TOP.glob("ci/*.mk")):
        for line in file.read_text().splitlines():
            if line.startswith(".PHONY:"):
                phony.update(line.split()[1:])
    assert {"run", "test", "simulator", "help"} <= described
    assert phony == described


def test_repl_evaluates_and_keeps_state(simulator_any, tmp_path):
    with Repl([simulator_any], env=environment({"HOME": str(tmp_path)})) as repl:
        banner = repl.read_until(PROMPT)
        assert f"TinyWeb simulator ({simulator_any.bits}-bit)" in banner
        assert "MicroPython v1." in banner
        assert repl.execute("x = 6 * 7") == ""
        assert repl.execute("x") == "42\n"
        assert "ZeroDivisionError" in repl.execute("1 / 0")
        repl.send("\x04")  # Ctrl-D
        assert repl.process.wait(10) == 0


def test_ctrl_c_at_the_repl_interrupts_a_loop(simulator, tmp_path):
    with Repl([simulator], env=environment({"HOME": str(tmp_path)})) as repl:
        repl.read_until(PROMPT)
        repl.execute("import time")
        repl.send("print('in', 'loop'); time.sleep(60)\r")
        repl.read_until("in loop")
        repl.send("\x03")
        assert "KeyboardInterrupt" in repl.read_until(PROMPT)
        assert repl.execute("1 + 1") == "2\n"


def test_modules_an_application_expects(simulator_any, run_mpy):
    names = (
        "_asyncio asyncio binascii collections deflate errno gc hashlib io json machine "
        "micropython os random re select socket struct sys time uctypes vfs websocket"
    ).split()
    code = "import sys\nfor name in sys.argv[1:]:\n    __import__(name)\n    print(name)\n"
    done = run_mpy(code, bits=simulator_any.bits, args=names)
    assert done.stdout.split() == names


def test_frozen_asyncio_runs_tasks(simulator_any, run_mpy):
    code = """
        import asyncio

        async def worker(name, delay):
            await asyncio.sleep_ms(delay)
            return name

        async def main():
            print(await asyncio.gather(worker("a", 2), worker("b", 1)))
            try:
                await asyncio.wait_for(worker("c", 60000), 0.01)
            except asyncio.TimeoutError:
                print("timeout")

        asyncio.run(main())
        print(asyncio.__file__)
    """
    done = run_mpy(code, bits=simulator_any.bits)
    assert done.stdout.splitlines()[:2] == ["['a', 'b']", "timeout"]
    # A frozen module's file is not on the host's disk.
    assert not os.path.isabs(done.stdout.splitlines()[2])


@pytest.mark.heap
def test_heap_has_the_size_asked_for_and_does_not_grow(simulator_any, run_mpy):
    code = """
        import gc
        gc.collect()
        print(gc.mem_free() + gc.mem_alloc())
        blocks = []
        try:
            while True:
                blocks.append(bytearray(1024))
        except MemoryError:
            count = len(blocks)
            blocks = None
        print(count)
        gc.collect()
        print(gc.mem_free() + gc.mem_alloc())
    """
    # No module takes any of it here.
    done = run_mpy(code, bits=simulator_any.bits, heap=chip.HEAP - chip.MODULES)
    before, count, after = map(int, done.stdout.split())
    # The allocation table takes a few percent.
    assert 36 * 1024 < before <= 38 * 1024
    assert 20 < count < 38
    assert after == before


def test_32_bit_objects_have_the_size_of_the_chips(run_mpy):
    code = """
        import gc, micropython

        a = b = 1

        def measure(make):
            make()
            gc.collect()
            gc.disable()
            before = micropython.mem_total()
            make()
            return micropython.mem_total() - before

        print(measure(lambda: bytearray(1)), measure(lambda: [a]), measure(lambda: (a, b)))
    """
    small = [int(n) for n in run_mpy(code, bits=32).stdout.split()]
    large = [int(n) for n in run_mpy(code, bits=64).stdout.split()]
    # mp_obj_tuple_t is a type pointer and a length before the items.
    assert small[2] == 16
    assert large[2] == 32
    assert all(a < b for a, b in zip(small, large, strict=True))


def test_version_is_micropythons_own(run_mpy):
    version = subprocess.run(
        [TOP / "ci" / "fetch-micropython", "--version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    done = run_mpy("import sys; print(sys.version)")
    assert f"MicroPython v{version} on " in done.stdout


ECHO = """
    import socket, sys
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo(sys.argv[2], int(sys.argv[1]))[0][-1])
    listener.listen(5)
    print("ready")
    try:
        while True:
            connection, _ = listener.accept()
            connection.send(connection.recv(100).upper())
            connection.close()
    finally:
        print("stopped")
"""


def test_serve_fixture_reaches_a_program_that_listens(simulator_any, serve):
    import socket

    server = serve(ECHO, bits=simulator_any.bits, heap="64k")
    for _ in range(2):
        with socket.create_connection((server.host, server.port), timeout=10) as client:
            client.sendall(b"hello")
            assert client.recv(100) == b"HELLO"
    assert server.stop() != 0
    assert "ready" in server.log()
    assert "KeyboardInterrupt" in server.log()


def test_serve_fixture_shows_why_a_program_ended(serve):
    with pytest.raises(AssertionError, match="ValueError: broken on purpose"):
        serve("raise ValueError('broken on purpose')")


def test_run_mpy_fails_on_errors_and_on_time(run_mpy):
    with pytest.raises(AssertionError, match="KeyError: x"):
        run_mpy("{}['x']")
    with pytest.raises(AssertionError, match="within 0.3 s"):
        run_mpy("while True: pass", timeout=0.3)

# SPDX-License-Identifier: MIT
"""The prompt over the network, beside the one on the serial line."""

import base64
import contextlib
import re
import subprocess
import sys
import time

import pytest
import requests
from board.conftest import BESIDE, PASSWORD, START
from board.terminal import CTRL_C, CTRL_D, CTRL_E, PROMPT
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

pytestmark = pytest.mark.usefixtures("emulated")

BASIC = "Basic " + base64.b64encode(f":{PASSWORD}".encode()).decode()


class Console:
    """A client of the prompt: what a person in a browser does."""

    def __init__(self, board, path="/cp/serial/", **options):
        url = board.url().replace("http", "ws") + path
        if path == "/cp/serial/":
            options.setdefault("additional_headers", {"Authorization": BASIC})
        self._stack = contextlib.ExitStack()
        self.ws = self._stack.enter_context(connect(url, proxy=None, open_timeout=20, **options))
        self.text = ""
        if path != "/cp/serial/":
            self.read_until("Password: ")
            self.send(PASSWORD + "\r")
            self.read_until(PROMPT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def send(self, text):
        self.ws.send(text)

    def read_until(self, text, timeout=20):
        deadline = time.monotonic() + timeout
        while text not in self.text:
            try:
                data = self.ws.recv(max(0.01, deadline - time.monotonic()))
            except TimeoutError:
                raise AssertionError(f"no {text!r} in {self.text!r}") from None
            assert isinstance(data, str)
            self.text += data
        at = self.text.index(text) + len(text)
        found, self.text = self.text[:at], self.text[at:]
        return found

    def execute(self, line, timeout=20):
        self.send(line + "\r")
        self.read_until("\r\n", timeout)
        return self.read_until(PROMPT, timeout).removesuffix(PROMPT).replace("\r\n", "\n")


# A terminal of somebody else.
MINE = """
import io, os
class Mine(io.IOBase):
    def readinto(self, buf): pass
    def write(self, data): return len(data)
    def ioctl(self, request, arg): return 0
mine = Mine()
os.dupterm(mine)
"""
GUESTS = "print(*[slot.guest and 1 for slot in app.slots])"
PATHS = pytest.mark.parametrize("path", ["/cp/serial/", "/webrepl", "/"])


@PATHS
def test_prompt(served, path):
    with Console(served, path) as console:
        assert console.execute("6 * 7") == "42\n"
        assert console.execute("print('\\xfc', chr(0x1f600))") == "ü 😀\n"
        # The application goes on meanwhile.
        assert served.get("/").text == "mine"
    # The next one has it.
    with Console(served, path) as console:
        assert console.execute("7 * 7") == "49\n"


def test_both_prompts(served):
    """It is one prompt, which both show; each may type."""
    with Console(served) as console:
        console.execute("x = 5")
        served.terminal.read_until("x = 5\r\n" + PROMPT)
        assert served.terminal.execute("x + 1") == "6\n"
        console.read_until("x + 1\r\n6\r\n" + PROMPT)
        assert console.execute("x + 2") == "7\n"
        served.terminal.read_until("x + 2\r\n7\r\n" + PROMPT)
    # And the serial line is as it was.
    assert served.terminal.execute("x + 3") == "8\n"
    assert served.terminal.execute("import os; os.dupterm(None)") == ""


@PATHS
def test_ctrl_c_interrupts_the_program(served, path):
    with Console(served, path) as console:
        console.execute("1")
        for _ in range(5):
            console.send("while True: pass\r\r")
            console.read_until("while True: pass")
            time.sleep(0.2)
            assert served.get("/").text == "mine"
            console.send(CTRL_C)
            assert "KeyboardInterrupt" in console.read_until("\r\n" + PROMPT)
        assert console.execute("3 * 3") == "9\n"


def test_ctrl_c_behind_what_nobody_reads(served):
    with Console(served) as console:
        console.send("while True: pass\r\r")
        time.sleep(0.2)
        console.send("x" * 600)
        console.send(CTRL_C)
        assert "KeyboardInterrupt" in console.read_until("\r\n" + PROMPT)
        console.send(CTRL_C)
        console.read_until("\r\n" + PROMPT)
        assert console.execute("3 * 3") == "9\n"


def test_paste_mode(served):
    lines = [f"total = {n}" for n in range(60)] + ["for i in range(3):", "    print(i, total)"]
    with Console(served) as console:
        console.send(CTRL_E)
        console.read_until("=== ")
        console.send("\r".join(lines))
        console.send(CTRL_D)
        console.read_until("0 59\r\n1 59\r\n2 59\r\n" + PROMPT)


def test_history(served):
    with Console(served) as console:
        assert console.execute("5 * 5") == "25\n"
        console.send("\x1b[A\r")
        console.read_until("25\r\n" + PROMPT)


def test_ctrl_d_starts_anew(served):
    with Console(served) as console:
        console.execute("1")
        console.send(CTRL_D)
        with contextlib.suppress(ConnectionClosed):
            while True:
                console.ws.recv(20)
    served.terminal.read_until("soft reboot")
    served.terminal.read_until(PROMPT)
    assert "NameError" in served.terminal.execute("app")
    served.terminal.paste(BESIDE)
    with Console(served) as console:
        assert console.execute("2 * 3") == "6\n"


def test_much_output(served):
    """More than is kept: the program waits for the client as for the serial line."""
    with Console(served) as console:
        console.send("print('-' * 3000 + '1999')\r")
        assert "-" * 3000 in console.read_until("-1999\r\n" + PROMPT, 60)
        console.send("for n in range(500): print('line', n)\r\r")
        printed = console.read_until("line 499\r\n" + PROMPT, 60)
        assert re.findall(r"line (\d+)\r\n", printed) == [str(n) for n in range(500)]


def test_characters_are_not_cut(served):
    """What is printed leaves in pieces, each of which is text."""
    with Console(served) as console:
        for shift in range(4):
            text = "x" * shift + "€ü😀" * 60
            console.send(f"print('x' * {shift} + '\\u20ac\\xfc\\U0001f600' * 60)\r")
            assert text in console.read_until("😀\r\n" + PROMPT)
        # A character that comes byte by byte waits for its last one.
        code = "import sys, time\nfor c in b'<\\xf0\\x9f\\x98\\x80>':\n"
        served.terminal.paste(
            code + "    n = sys.stdout.buffer.write(bytes((c,)))\n    time.sleep_ms(50)\n"
        )
        assert "<😀>" in console.read_until("😀>")
        # The end of one alone is none.
        code = "for c in b'\\x80<':\n    n = sys.stdout.buffer.write(bytes((c,)))\n"
        served.terminal.paste(code + "    time.sleep_ms(50)\n")
        console.read_until("?<")
        # What is no UTF-8 is shown as far as it goes.
        served.terminal.paste("n = sys.stdout.buffer.write(b'<\\xff\\xfe\\x80>')\n")
        console.read_until("<???>")


def test_output_that_was_lost_is_told(served):
    """A client that takes nothing for a moment, and then goes on."""
    with Console(served) as console:
        assert console.execute("1 + 1") == "2\n"
        served.terminal.paste(
            """
            import measure
            for slot in app.slots:
                if slot.guest:
                    measure.lose(slot.peer[1])
            for n in range(300):
                print('many bytes for a client that reads nothing', n)
            measure.lose(0)
            """,
            60,
        )
        console.read_until("\r\n[Some output is missing here.]\r\n", 30)
        console.send("2 + 2\r")
        console.read_until("\r\n4\r\n" + PROMPT)


def test_somebody_takes_the_slot_of_a_client(served):
    """The client's end leaves it to him."""
    with Console(served) as console:
        assert console.execute("1 + 1") == "2\n"
        served.terminal.paste(MINE)
    deadline = time.monotonic() + 20
    while any(slot != "None" for slot in served.terminal.execute(GUESTS).split()):
        assert time.monotonic() < deadline
    assert served.terminal.execute("os.dupterm(None) is mine") == "True\n"


def test_while_a_program_runs_the_loop(password, board):
    """Its output is shown, Ctrl-C ends it, and the prompt comes while the pages stay."""
    board.terminal.start_paste(START + "print('started')\napp.run()\nprint('ended')")
    board.terminal.read_until("Ctrl-C")
    assert board.get("/").text == "mine"
    with Console(board) as console:
        assert board.get("/").text == "mine"
        console.send(CTRL_C)
        assert "KeyboardInterrupt" in console.read_until("\r\n" + PROMPT)
        assert console.execute("6 * 7") == "42\n"
        assert board.get("/").text == "mine"
        # And again.
        console.send("app.loop.run_forever()\r")
        time.sleep(0.5)
        assert board.get("/").text == "mine"
        console.send(CTRL_C)
        assert "KeyboardInterrupt" in console.read_until("\r\n" + PROMPT)
    assert board.get("/").text == "mine"


LOOPS = {
    "a task raised": (
        "async def main():\n"
        "    await asyncio.sleep_ms(50)\n"
        "    raise ValueError('mine')\n"
        "asyncio.run(main())",
        "ValueError: mine",
    ),
    "SystemExit": (
        "async def other():\n"
        "    raise GeneratorExit\n"
        "asyncio.create_task(other())\n"
        "asyncio.get_event_loop().run_forever()",
        "GeneratorExit",
    ),
    "Ctrl-C": ("asyncio.get_event_loop().run_forever()", "KeyboardInterrupt"),
    "Ctrl-C in a task": (
        "async def main():\n    while True: pass\nasyncio.run(main())",
        "KeyboardInterrupt",
    ),
}


@pytest.mark.parametrize("how", LOOPS)
def test_tasks_run_again_after_a_loop_was_left(served, how):
    program, error = LOOPS[how]
    terminal = served.terminal
    for _ in range(2):
        terminal.start_paste("import asyncio\n" + program)
        if "Ctrl-C" in how:
            time.sleep(0.3)
            terminal.send(CTRL_C)
        assert error in terminal.read_until(PROMPT)
        assert served.get("/").text == "mine"


def test_a_task_that_raises_in_a_turn(served):
    terminal = served.terminal
    terminal.paste(
        "import asyncio\nasync def other():\n    raise GeneratorExit\nasyncio.create_task(other())"
    )
    assert "GeneratorExit" in terminal.read_for(1)
    for _ in range(3):
        assert served.get("/").text == "mine"
    assert terminal.execute("6 * 7") == "42\n"


def test_client_that_reads_nothing(served):
    """It holds the program up for a second, and is dropped; the prompt is the next one's."""
    terminal = served.terminal
    with Console(served) as console:
        assert console.execute("1 + 1") == "2\n"
        terminal.read_for(0.5)
        # From now on it takes nothing.
        terminal.paste(
            """
            import measure, time
            for slot in app.slots:
                if slot.guest:
                    measure.lose(slot.peer[1])
            def work():
                start = time.ticks_ms()
                for n in range(500):
                    print('many bytes for a client that reads nothing', n)
                return time.ticks_diff(time.ticks_ms(), start)
            """
        )
        printed = terminal.execute("work()", 60)
        assert "nothing 499\n" in printed
        assert 1000 <= int(printed.split()[-1]) < 5000
        # send_timeout of the server: 10 s
        terminal.execute("import os")
        deadline = time.monotonic() + 20
        while "terminal" in terminal.execute("x = os.dupterm(None); os.dupterm(x); x"):
            assert time.monotonic() < deadline
            time.sleep(0.5)
        with Console(served) as other:
            assert other.execute("7 * 7") == "49\n"
        terminal.execute("measure.lose(0)")


def test_one_client_at_a_time(served):
    with Console(served) as console:
        assert console.execute("1 + 1") == "2\n"
        with pytest.raises(InvalidStatus) as refused:
            Console(served)
        assert refused.value.response.status_code == 409
        assert b"another client" in refused.value.response.body
        assert console.execute("2 + 2") == "4\n"
    with Console(served) as console:
        assert console.execute("1 + 1") == "2\n"


def test_slot_that_somebody_else_has(served):
    served.terminal.paste(MINE)
    with pytest.raises(InvalidStatus) as refused:
        Console(served)
    assert refused.value.response.status_code == 409
    with Console(served, "/webrepl") as console:
        console.send("1\r")
        console.read_until("The prompt has another client.")
    assert served.terminal.execute("os.dupterm(None) is mine") == "True\n"


def refusal(board, headers):
    with pytest.raises(InvalidStatus) as refused:
        Console(board, additional_headers=headers)
    return refused.value.response.status_code


def test_who_gets_in(served):
    assert refusal(served, {}) == 401
    wrong = base64.b64encode(b":wrong").decode()
    assert refusal(served, {"Authorization": f"Basic {wrong}"}) == 401
    assert refusal(served, {"Authorization": BASIC, "Origin": "http://evil.example"}) == 403
    own = {"Authorization": BASIC, "Origin": served.url()}
    with Console(served, additional_headers=own) as console:
        assert console.execute("1 + 1") == "2\n"
    found = requests.get(served.url() + "/cp/serial/", auth=("", PASSWORD), timeout=20)
    assert found.status_code == 426


def test_without_a_password(password, board):
    board.terminal.paste(BESIDE.replace("enable(app)", "enable(app, '/nowhere')"))
    assert refusal(board, {"Authorization": BASIC}) == 403


def test_mpremote_while_there_is_a_console(served, tmp_path):
    """The cable's programs do what they do without it."""
    (tmp_path / "data.bin").write_bytes(bytes(range(256)) * 20)
    with Console(served) as console:
        console.execute("1")
        served.close()

        def mpremote(*command):
            done = subprocess.run(
                [sys.executable, "-m", "mpremote", "connect", served.port, "resume", *command],
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
                cwd=tmp_path,
            )
            return done.stdout.replace("\r\n", "\n")

        assert mpremote("exec", "print(6 * 7)") == "42\n"
        mpremote("fs", "cp", "data.bin", ":data.bin")
        mpremote("fs", "cp", ":data.bin", "copy.bin")
        mpremote("fs", "rm", ":data.bin")
    assert (tmp_path / "copy.bin").read_bytes() == (tmp_path / "data.bin").read_bytes()
    assert served.get("/").text == "mine"

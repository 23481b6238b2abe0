# SPDX-License-Identifier: MIT
"""Thonny's back end for WebREPL, as it comes from PyPI, without its window."""

import os
import subprocess
import sys
import threading
from collections import defaultdict

import pytest
from board.conftest import BESIDE, PASSWORD

from bench.peers import fetch
from support.simulator import TOP

pytestmark = pytest.mark.usefixtures("emulated")

# Its package's __init__ is the window, which needs tkinter; the modules beside it do not.
LAUNCH = """
import runpy, sys, types
import thonny.plugins
package = types.ModuleType("thonny.plugins.micropython")
package.__path__ = [thonny.plugins.__path__[0] + "/micropython"]
sys.modules[package.__name__] = package
runpy.run_module("thonny.plugins.micropython.bare_metal_backend", run_name="__main__")
"""
MESSAGE = "\x02"
SECONDS = 60
PROGRAM = "for i in range(3):\n    print('ü', i, i * i)\n"


class Names(defaultdict):
    """The classes of the back end's messages, which are told from each other by their fields."""

    def __init__(self):
        super().__init__(lambda: dict)


class Thonny:
    """The back end, which the editor starts as a process that reads and writes messages.

    url: of the board's WebREPL. home: the folder in which it has its log.
    """

    def __init__(self, url, home):
        options = {"port": "webrepl", "url": url, "password": PASSWORD, "clean": False}
        # What the editor has by default: Ctrl-C first, and it sets the board's clock.
        options.update(interrupt_on_connect=True, sync_time=True, local_rtc=True)
        folder = fetch("thonny", TOP / "tests" / "requirements.txt")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", LAUNCH, repr(options)],
            env={
                **os.environ,
                "PYTHONPATH": str(folder),
                "THONNY_USER_DIR": str(home),
                "NO_PROXY": "*",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._timer = threading.Timer(4 * SECONDS, self._process.kill)
        self._timer.start()
        self.printed = ""

    def __enter__(self):
        try:
            # It is at the prompt, and has defined what it needs on the board.
            self._until(lambda message: "cwd" in message)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def _until(self, wanted):
        said = ""
        for line in self._process.stdout:
            if not line.startswith(MESSAGE):
                said += line
                continue
            message = eval(line.split(" ", 1)[1], {"__builtins__": {}}, Names())
            if message.get("event_type") == "ProgramOutput":
                self.printed += message["data"]
            if wanted(message):
                return message
        raise AssertionError(f"Thonny's back end has ended: {said}{self.printed}")

    def command(self, kind, name, **fields):
        """Sends a command, and returns what is answered, a dict. kind: its class."""
        words = ", ".join(f"{key}={value!a}" for key, value in fields.items())
        self._process.stdin.write(f"{MESSAGE}1 {kind}({name!a}, id=1, {words})\n")
        self._process.stdin.flush()
        answer = self._until(lambda message: message.get("command_name") == name)
        assert "error" not in answer, answer
        return answer

    def names(self, folder):
        """What is in a folder of the board: {name: what it is and its size}."""
        found = self.command(
            "InlineCommand",
            "get_dirs_children_info",
            paths=[folder],
            include_hidden=True,
            node_id="",
        )
        return found["data"][folder]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("path", ["/webrepl", "/"])
def test_files_and_the_prompt(served, tmp_path, path):
    """An editor's work: a file is listed, written, read and run, and taken away."""
    url = served.url().replace("http", "ws") + path
    content = bytes(range(256)) * 20 + PROGRAM.encode()
    with Thonny(url, tmp_path) as thonny:
        assert "device.json" in thonny.names("/")
        for name, data in (("/program.py", PROGRAM.encode()), ("/data.bin", content)):
            thonny.command(
                "InlineCommand",
                "write_file",
                path=name,
                content_bytes=data,
                make_shebang_scripts_executable=False,
            )
            read = thonny.command("InlineCommand", "read_file", path=name)
            assert read["content_bytes"] == data
        found = thonny.names("/")
        assert (found["data.bin"]["kind"], found["data.bin"]["size"]) == ("file", len(content))
        thonny.printed = ""
        thonny.command("ToplevelCommand", "run", source=PROGRAM)
        assert thonny.printed.replace("\r\n", "\n") == "ü 0 0\nü 1 1\nü 2 4\n"
        thonny.command("ToplevelCommand", "execute_source", source="__import__('program')")
        thonny.command("InlineCommand", "delete", paths=["/program.py", "/data.bin"])
        assert "program.py" not in thonny.names("/")
        # The application goes on meanwhile.
        assert served.get("/").text == "mine"


@pytest.fixture
def main(password, board):
    """The board, whose main.py serves the device's pages."""
    board.terminal.execute(f"with open('main.py', 'w') as file: file.write({BESIDE!r})\r")
    board.terminal.soft_reset()
    yield board
    board.open().execute("import os; os.remove('main.py')")


@pytest.mark.timeout(400)
def test_run_after_a_restart(main, tmp_path):
    """What F5 does by default: the device starts anew, and the editor comes back."""
    with Thonny(main.url().replace("http", "ws") + "/webrepl", tmp_path) as thonny:
        thonny.command("ToplevelCommand", "Run", source="kept = 1\n" + PROGRAM)
        assert thonny.printed.replace("\r\n", "\n").endswith("ü 0 0\nü 1 1\nü 2 4\n")
        thonny.printed = ""
        thonny.command("ToplevelCommand", "execute_source", source="print(kept)")
        assert thonny.printed == "1\r\n"
        assert main.get("/").text == "mine"

# SPDX-License-Identifier: MIT
"""mpremote, the tool that most people upload files with."""

import subprocess
import sys

import pytest


class Mpremote:
    """Runs mpremote on the board's serial port, which nobody else has open then."""

    def __init__(self, board):
        self._board = board

    def __call__(self, *command, timeout=60, check=True):
        self._board.close()
        done = subprocess.run(
            [sys.executable, "-m", "mpremote", "connect", self._board.port, *map(str, command)],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"mpremote {command}:\n{done.stdout}\n{done.stderr}")
        return done.stdout.replace("\r\n", "\n")


@pytest.fixture
def mpremote(board):
    return Mpremote(board)


def test_exec(mpremote):
    assert mpremote("exec", "print(6 * 7)") == "42\n"


def test_eval(mpremote):
    assert mpremote("eval", "[1, 'two', b'3']") == "[1, 'two', b'3']\n"


def test_exception_ends_with_an_error(mpremote):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        mpremote("exec", "1 / 0")


def test_run_a_file(mpremote, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import sys\nfor i in range(3):\n    print(sys.implementation.name, i)\n")
    assert mpremote("run", program) == "micropython 0\nmicropython 1\nmicropython 2\n"


def test_files_there_and_back(mpremote, tmp_path):
    """Bytes of all values, more than a few blocks of them."""
    data = bytes(range(256)) * 80
    source = tmp_path / "data.bin"
    source.write_bytes(data)
    mpremote("fs", "cp", source, ":data.bin")
    assert "20480 data.bin" in mpremote("fs", "ls")
    copy = tmp_path / "copy.bin"
    mpremote("fs", "cp", ":data.bin", copy)
    assert copy.read_bytes() == data
    mpremote("fs", "rm", ":data.bin")
    assert "data.bin" not in mpremote("fs", "ls")


def test_folders(mpremote, tmp_path):
    folder = tmp_path / "static"
    (folder / "css").mkdir(parents=True)
    (folder / "index.html").write_text("<p>hello</p>\n")
    (folder / "css" / "style.css").write_text("p { color: red }\n")
    mpremote("fs", "cp", "-r", folder, ":")
    assert mpremote("fs", "cat", ":static/index.html") == "<p>hello</p>\n"
    assert mpremote("fs", "cat", ":static/css/style.css") == "p { color: red }\n"
    mpremote("fs", "rm", "-r", ":static")


def test_mount(mpremote, tmp_path):
    (tmp_path / "local_module.py").write_text("print('imported from this computer')\n")
    output = mpremote("mount", tmp_path, "exec", "import local_module")
    assert "imported from this computer" in output


def test_set_clock(mpremote):
    mpremote("rtc", "--set")
    year = mpremote("eval", "__import__('time').localtime()[0]")
    assert int(year) >= 2026


def test_reset(mpremote, board):
    mpremote("exec", "import machine; machine.RTC().memory(b'kept')")
    mpremote("reset")
    board.open()
    assert board.terminal.execute("import machine; machine.RTC().memory()") == "b'kept'\n"


PROGRAM = """
import tinyweb
app = tinyweb.webserver()

@app.route('/<name>')
async def page(request, response, name):
    await response.send_file(name)
"""


def test_uploaded_page_is_served(mpremote, board, tmp_path):
    html = "".join(f"<p>line {n}</p>\n" for n in range(1000))
    page = tmp_path / "page.html"
    page.write_text(html)
    program = tmp_path / "pages.py"
    program.write_text(PROGRAM)
    mpremote("fs", "cp", page, program, ":")
    terminal = board.open()
    terminal.soft_reset()
    terminal.send("import pages; pages.app.run(host='0.0.0.0', port=8081)\r")
    terminal.read_until("\r\n")
    response = board.get("/page.html")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.text == html
    terminal.interrupt()
    terminal.execute("import os; os.remove('page.html'); os.remove('pages.py')")

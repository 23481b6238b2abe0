# SPDX-License-Identifier: MIT
"""`make emulate`: a prompt in the terminal and a page in the browser, at the same time."""

import concurrent.futures
import os
import subprocess
import threading
import time

import pytest
import requests
from board.emulator import TOP, Emulator
from board.terminal import CTRL_C, Terminal

from support.repl import PROMPT, Repl
from support.simulator import free_port

pytestmark = pytest.mark.usefixtures("emulated")


def test_prompt_and_demo(tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {**os.environ, "FLASH": str(tmp_path / "flash.img")}
    with Repl([TOP / "ci" / "emulate", str(port)], env) as repl:
        text = repl.read_until(PROMPT, timeout=100)
        assert f"{url} " in text
        assert "The demo runs on port 8081." in text
        index = TOP / "demo" / "www" / "index.html"
        assert requests.get(url, timeout=10).content == index.read_bytes()
        for name in ("/app.js", "/style.css", "/board.svg"):
            source = TOP / "demo" / "www" / name.strip("/")
            assert requests.get(url + name, timeout=10).content == source.read_bytes()
        assert repl.execute("6 * 7").strip() == "42"
        status = requests.get(url + "/api/status", timeout=10).json()
        assert status["network"]["ip"] == "10.0.2.15"
        # The prompt and the page see the same program.
        repl.execute("demo.settings['name'] = 'Renamed at the prompt'")
        status = requests.get(url + "/api/status", timeout=10).json()
        assert status["settings"]["name"] == "Renamed at the prompt"
        repl.send("\x01x")
        assert repl.process.wait(10) == 0


@pytest.fixture
def demo_board(tmp_path):
    """The emulated board with the demo in its flash; its terminal is at the prompt."""
    flash = tmp_path / "flash.img"
    files = ["ports/qemu-lx106/flash/main.py", "demo/main.py:demo.py", "demo/www"]
    subprocess.run([TOP / "ci" / "make-flash", flash, *files], cwd=TOP, check=True)
    with Emulator("--flash", flash, paused=True) as board, Terminal(board.port) as terminal:
        board.start()
        terminal.read_until(PROMPT, timeout=20)
        yield board, terminal


def test_page_while_a_program_works(demo_board):
    board, terminal = demo_board
    terminal.start_paste("while True: pass")
    assert requests.get(board.urls[8081], timeout=10).status_code == 200
    terminal.send(CTRL_C)
    assert "KeyboardInterrupt" in terminal.read_until(PROMPT)


def test_ctrl_c_reaches_the_program_not_the_server(demo_board):
    """Programs are interrupted while clients keep the server busy; no request fails."""
    board, terminal = demo_board
    ended = threading.Event()

    def visit():
        count = 0
        while not ended.is_set():
            assert requests.get(board.urls[8081], timeout=20).status_code == 200
            count += 1
        return count

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        visitor = pool.submit(visit)
        try:
            for _ in range(15):
                terminal.start_paste("while True: pass")
                time.sleep(0.02)
                terminal.send(CTRL_C)
                answer = terminal.read_until(PROMPT)
                assert answer.count("KeyboardInterrupt") == 1
                assert "background" not in answer
        finally:
            ended.set()
        assert visitor.result() > 20


def test_stopping_the_demo_frees_its_port(demo_board):
    board, terminal = demo_board
    terminal.execute("demo.app.shutdown()")
    terminal.send("import examples.hello_world as hello\r")
    terminal.read_until(PROMPT)
    terminal.send("hello.run()\r")
    deadline = time.monotonic() + 10
    while True:
        try:
            assert "Hello, world!" in requests.get(board.urls[8081], timeout=10).text
            break
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    terminal.interrupt()


def test_background_stop(board):
    """Without turns of the loop a server is silent, and it answers again with them."""
    terminal = board.terminal
    terminal.paste(
        """
        import background, tinyweb
        app = tinyweb.webserver()
        @app.route('/')
        async def index(request, response):
            await response.send('background')
        app.run(host='0.0.0.0', port=8081, loop_forever=False)
        background.start()
        """
    )
    assert board.get("/").text == "background"
    terminal.execute("background.stop()")
    with pytest.raises(requests.Timeout):
        requests.get(board.url(), timeout=1)
    terminal.execute("background.start()")
    assert board.get("/").text == "background"


def test_make_flash_names_what_is_missing(tmp_path):
    done = subprocess.run(
        [TOP / "ci" / "make-flash", tmp_path / "flash.img", "nowhere"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "there is no nowhere" in done.stderr
    assert not (tmp_path / "flash.img").exists()

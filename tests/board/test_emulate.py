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
        for name in ("/common.js", "/app.js", "/style.css", "/board.svg"):
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
    files = ["ports/qemu-lx106/flash/main.py", "demo/main.py:demo.py"]
    files += ["demo/features", "demo/www"]
    subprocess.run([TOP / "ci" / "make-flash", flash, *files], cwd=TOP, check=True)
    with Emulator("--flash", flash, paused=True) as board, Terminal(board.port) as terminal:
        board.start()
        terminal.read_until(PROMPT, timeout=20)
        yield board, terminal


def test_every_feature_of_the_demo(demo_board):
    """In turn, twice: a board with 38 KiB drops some for others."""
    board, _ = demo_board
    url = board.urls[8081]
    content = bytes(range(256)) * 100
    admin = {"user": "admin", "password": "secret"}
    page = {"Accept": "text/html"}
    with requests.Session() as client:

        def answer(method, path, status=200, **options):
            found = client.request(method, url + path, timeout=30, **options)
            assert found.status_code == status, (path, found.text)
            return found

        for _ in range(2):
            with answer("GET", "/live/values", stream=True) as events:
                lines = events.iter_lines()
                assert next(lines) == b"retry: 1000"
                assert b'"uptime"' in next(lines)
            assert answer("GET", "/chat/here").json() == {"here": 0}
            answer("GET", "/files/list")
            answer("PUT", "/files/data/a.bin", 204, data=content)
            stored = answer("GET", "/files/data/a.bin")
            assert stored.content == content
            tag = {"If-None-Match": stored.headers["ETag"]}
            answer("GET", "/files/data/a.bin", 304, headers=tag)
            book = answer("POST", "/guests/book", data={"name": "Ann", "text": "<b>Hello</b>"})
            assert "&lt;b&gt;Hello&lt;/b&gt;" in book.text
            form = answer("GET", "/login/page", headers=page)
            assert form.url.endswith("/login/form?next=/login/page")
            answer("POST", "/login/form", 403, data={"user": "admin", "password": "wrong"})
            form = "/login/form?next=/login/page"
            assert "Log out" in answer("POST", form, data=admin, headers=page).text
            assert "Who are you?" in answer("POST", "/login/out", headers=page).text
            assert answer("GET", "/api/status").json()["version"]


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
        import tinyweb
        from tinyweb import background
        app = tinyweb.webserver()
        @app.route('/')
        async def index(request, response):
            await response.send('background')
        app.run(host='0.0.0.0', port=8081, loop_forever=False)
        background.start()
        """
    )
    assert board.get("/").text == "background"
    assert terminal.execute("background.is_on()") == "True\n"
    terminal.execute("background.stop()")
    assert terminal.execute("background.is_on()") == "False\n"
    with pytest.raises(requests.Timeout):
        requests.get(board.url(), timeout=1)
    terminal.execute("import gc; gc.collect()")
    # Again and again: there is one timer.
    for _ in range(3):
        terminal.execute("background.start()")
        terminal.execute("gc.collect()")
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

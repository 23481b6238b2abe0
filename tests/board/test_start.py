# SPDX-License-Identifier: MIT
"""A broken main.py never costs the cable: its traceback on the pages, and the safe mode."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from board.started import PASSWORD, booted

pytestmark = pytest.mark.usefixtures("emulated")

HELLO = """
import tinyweb

app = tinyweb.webserver()

@app.route("/")
def index(req, resp):
    return "<h1>Hello</h1>"

app.run(port=80)
"""
RAISES = """
import tinyweb

def first():
    return 1 / 0

first()
tinyweb.webserver().run(port=80)
"""


def test_application_gets_the_pages_without_a_line_of_its_own():
    with booted() as board:
        board.start_with(HELLO)
        assert board.get("/").text == "<h1>Hello</h1>"
        state = board.state()
        assert (state["failure"], state["safe"]) == (None, False)
        board.prompt()
        assert board.run("print(app is not None, __name__)") == "True __main__\n"


def test_program_that_raises():
    with booted() as board:
        board.start_with(RAISES)
        state = board.state()
        assert 'File "main.py", line 7' in state["failure"]
        assert state["failure"].endswith("ZeroDivisionError: divide by zero\n")
        answer = board.get("/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/device/")
        # The traceback is at the prompt, too.
        board.prompt()
        assert 'File "main.py", line 5, in first' in board.terminal.transcript


def test_pages_lead_to_the_line(browser):
    with booted() as board:
        board.start_with(RAISES)
        board.state()
        context = browser.new_context(
            http_credentials={"username": "", "password": PASSWORD}, locale="en-GB"
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(board.url + "/device/")
        page.get_by_role("heading", name="main.py has ended with an error").wait_for()
        assert Axe().run(page).violations_count == 0
        page.get_by_role("link", name="Edit main.py, line 5").click()
        area = page.get_by_label("Text of /main.py")
        area.wait_for()
        selected = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
        assert area.evaluate(selected) == "    return 1 / 0"
        page.keyboard.type("    return 1")
        page.get_by_role("button", name="Save and restart").click()
        page.get_by_text("The device is back.").wait_for()
        page.get_by_role("navigation").get_by_role("link", name="Overview").click()
        page.get_by_role("heading", name="Free memory").wait_for()
        context.close()


def test_program_that_cannot_be_compiled():
    with booted() as board:
        board.start_with("x = 1\nif x\n")
        assert 'File "main.py", line 2' in board.state()["failure"]


def test_program_that_raises_on_a_device_without_a_password():
    """As ever: a traceback, and the prompt."""
    with booted(password=None) as board:
        board.start_with(RAISES)
        board.terminal.read_until("ZeroDivisionError: divide by zero", 30)
        board.terminal.read_until(">>> ", 10)


def test_program_that_raises_while_it_serves():
    """The pages come in its application's place, and have the traceback."""
    beside = HELLO.replace("port=80", "port=80, loop_forever=False")
    with booted() as board:
        board.start_with("from tinyweb import background\nbackground.start()" + beside + "1 / 0\n")
        answer = board.get("/")
        while answer.status_code == 200:  # Its own, for a moment.
            answer = board.get("/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/device/")
        assert "ZeroDivisionError" in board.state()["failure"]


def test_settings_that_cannot_be_read():
    """main.py is run, as without settings. Where it fails, there is the prompt."""
    with booted(password=None) as board:
        board.run("with open('device.json', 'w') as f: f.write('{')\n")
        board.start_with("print('main', 'runs')\n1 / 0\n")
        board.terminal.read_until("main runs", 30)
        board.terminal.read_until("ZeroDivisionError: divide by zero", 30)
        board.terminal.read_until(">>> ", 10)
        assert board.run("from tinyweb import device\nprint(device.application())") == "None\n"


def test_device_that_is_switched_off():
    """The setting `enabled` says no: without a program there is the prompt, and no page."""
    with booted(password=None) as board:
        settings = '{"enabled": false, "networks": [{"ssid": "home"}]}'
        board.run(f"with open('device.json', 'w') as f: f.write({settings!r})\n")
        board.terminal.send("import machine\r")
        board.terminal.send("machine.reset()\r")
        board.terminal.read_until("MicroPython", 30)
        board.terminal.read_until(">>> ", 10)
        assert board.run("from tinyweb import device\nprint(device.application())") == "None\n"


def test_program_that_restarts_again_and_again():
    with booted() as board:
        board.start_with("import machine\nprint('again')\nmachine.reset()\n")
        for _ in range(3):
            board.terminal.read_until("again", 30)
        board.terminal.read_until("Safe mode: main.py was left out", 30)
        state = board.state()
        assert state["safe"] and state["log"].startswith("Safe mode: main.py was left out")
        # Its main.py is changed over the network, and is run at the next start.
        board.session.put(board.url + "/fs/main.py", data=HELLO, timeout=20)
        assert board.session.post(board.url + "/device/api/restart", timeout=20).status_code == 202
        end = time.monotonic() + 30
        while board.get("/").text != "<h1>Hello</h1>":
            assert time.monotonic() < end
        assert not board.state()["safe"]


def test_safe_mode_on_demand():
    with booted() as board:
        board.start_with(HELLO)
        assert board.get("/").text == "<h1>Hello</h1>"
        url = board.url + "/device/api/restart?safe"
        assert board.session.post(url, timeout=20).status_code == 202
        board.terminal.read_until("Safe mode: main.py was left out", 30)
        assert board.state()["safe"]


def test_what_ends_or_is_ended_does_not_count():
    with booted() as board:
        board.run("with open('main.py', 'w') as f: f.write('print(\"once\")\\n')\n")
        count = "from tinyweb.device import start\nprint(start.starts())"
        for _ in range(5):
            board.terminal.send("\x04")
            board.terminal.read_until("once", 30)
            board.terminal.read_until(">>> ", 30)
            assert board.run(count) == "0\n"
        board.start_with("while True: pass")
        time.sleep(2)
        board.prompt()
        assert board.run(count) == "0\n"


def test_program_that_lasts_does_not_count():
    with booted() as board:
        printed = board.run(
            """
            import time
            from tinyweb.device import start

            start.starts(2)
            start._watch(200)
            print(start.starts())
            time.sleep(1)
            print(start.starts(), start._timer)
            """
        )
        assert printed == "2\n0 None\n"


HELD = """
import machine
machine.mem32[0x600003fc] = 1 << 4
"""
LETS_GO = """
import machine
machine.Timer(-1).init(mode=machine.Timer.ONE_SHOT, period={}, callback=lambda t: go())
def go():
    machine.mem32[0x600003fc] = 0
"""
WAITS = """
import machine, time
from tinyweb.device import reset_pin

def held(ms, window):
    # Whether it is, where it is pressed after so many ms; and how long that takes to know.
    def press(_):
        machine.mem32[0x600003fc] = 1 << 4
    machine.mem32[0x600003fc] = 0
    machine.Timer(-1).init(mode=machine.Timer.ONE_SHOT, period=ms, callback=press)
    begin = time.ticks_ms()
    print(reset_pin.is_held(4, window), time.ticks_diff(time.ticks_ms(), begin) // 100 / 10)
    time.sleep_ms(ms)

held(300, 0)
held(900, 500)
held(300, 500)
"""


def restarted(board, boot, how="reset()"):
    """The settings after a start with this boot.py, whose pin is held at its beginning."""
    for name, text in (("boot", boot), ("main", "print('main', 'goes on')\n")):
        board.run(f"with open('{name}.py', 'w') as f: f.write({text!r})\n")
    board.run(HELD)
    board.terminal.send(f"import machine\rmachine.{how}\r")
    board.terminal.read_until("main goes on", 30)
    board.prompt()
    return board.run("from tinyweb.device import settings\nprint(sorted(settings.read()))")


def test_factory_reset_by_a_pin():
    """docs/boards.md: the emulated board names pin 4."""
    with booted() as board:
        board.run("import os\nwith open('kept', 'w') as f: f.write('x')\n")
        # Let go after 3 s of the 5.
        assert restarted(board, LETS_GO.format(3000)) == "['password']\n"
        # A device that measures and sleeps again is not delayed.
        assert restarted(board, LETS_GO.format(7000), "deepsleep(10)") == "['password']\n"
        assert "Factory reset" not in board.terminal.transcript
        assert restarted(board, LETS_GO.format(7000)) == "[]\n"
        assert "Factory reset" in board.terminal.transcript
        assert "kept" in board.run("import os\nprint(os.listdir())")


def test_pin_that_is_pressed_after_the_reset():
    with booted() as board:
        printed = [line.split() for line in board.run(WAITS).splitlines()]
    assert [held for held, _ in printed] == ["False", "False", "True"]
    waited = [float(seconds) for _, seconds in printed]
    assert waited[0] < 0.3 and 0.5 <= waited[1] < 0.9 and 5.3 <= waited[2] < 5.9

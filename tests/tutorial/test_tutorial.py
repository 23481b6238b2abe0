# SPDX-License-Identifier: MIT
"""The tutorial, followed from top to bottom by copying what it says.

A reader with a terminal, a folder and Chromium does on each page what is written there, with the
simulator as the board. Two things differ from a person's way: `git clone` is left out, for these
sources, and app.run() takes a port that is free.
"""

import difflib
import os
import re
import time

import httpx
import pytest
from playwright.sync_api import expect
from tutorial import steps

from support.repl import PROMPT, Repl
from support.simulator import TOP, free_port

USER, PASSWORD = "ada", "a long sentence is best"
WIDE, PHONE = {"width": 1100, "height": 900}, {"width": 360, "height": 740}
# Long enough for a loaded machine, in seconds: the simulator is built already.
LONG = 100
SHELL = "reader$ "


class Reader:
    """Somebody who follows the tutorial: a home folder, a terminal, a browser."""

    def __init__(self, home, terminal, browser):
        self.home, self.terminal = home, terminal
        self.folder = home / "thermostat"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.running = False
        self.page = browser.new_page(viewport=WIDE)
        self.page.set_default_timeout(1000 * LONG)
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def read(self, page):
        """Do what is written on a page. Yields wherever a program of the reader was started."""
        for block in steps.blocks(page):
            if block.language == "pycon":
                self.type_python(block.text)
            elif block.language == "sh":
                if steps.SIMULATOR not in block.where:
                    continue
                for line in block.text.splitlines():
                    if self.type(line):
                        yield
            elif block.language == "text":
                expected = block.text.strip().replace("8081", str(self.port))
                assert expected in self.terminal.transcript
            elif not block.is_alternative and block.change != "the last line":
                steps.save(block, self.folder)
                if block.file == "main.py":
                    self.take_own_port()

    def take_own_port(self):
        main = self.folder / "main.py"
        text = main.read_text(encoding="utf-8")
        assert text.endswith("\napp.run()\n")
        main.write_text(text[: -len(")\n")] + f"port={self.port})\n", encoding="utf-8")

    def type(self, line):
        """Type a line. True if that has started a program of the reader's."""
        if line.startswith("git clone"):
            return False
        if self.running:
            self.terminal.send("\x03")
            self.terminal.read_until(SHELL, LONG)
            self.running = False
        self.terminal.send(line + "\r")
        if line == "make repl":
            self.terminal.read_until(PROMPT, LONG)
        elif line.startswith("make start") and line.endswith("main.py"):
            self.terminal.read_until("Ctrl-C stops it", LONG)
            self.running = True
        elif line.startswith("make start"):
            self.answer("User: ", USER)
            self.answer("Password: ", PASSWORD)
            self.terminal.read_until("Saved in users.json", LONG)
            self.terminal.read_until(SHELL, LONG)
        else:
            self.terminal.read_until(SHELL, LONG)
        return self.running

    def answer(self, prompt, text):
        """Type an answer to input(), which drops what comes before its terminal is set up."""
        self.terminal.read_until(prompt, LONG)
        end = time.monotonic() + LONG
        while self.terminal.has_lines() and time.monotonic() < end:
            time.sleep(0.01)
        self.terminal.send(text + "\r")

    def type_python(self, text):
        """Type what is behind >>>, and look for what is below it; then leave the prompt."""
        for line, printed in re.findall(r"^>>> (.*)\n((?:(?!>>>).*\n)*)", text, re.M):
            assert self.terminal.execute(line, LONG) == printed
        self.terminal.send("\x04")
        self.terminal.read_until(SHELL, LONG)


def first_page(reader):
    assert httpx.get(reader.url, trust_env=False).text == "<h1>Thermostat</h1>"
    reader.page.goto(reader.url)
    expect(reader.page.get_by_role("heading")).to_have_text("Thermostat")


def control(reader):
    pattern = re.compile(r"<h1>([\d.]+) °C</h1><p>The heater is (on|off)\.")
    seen = set()
    # It gets warmer, from 18 degrees to 20.2, and the heater goes off.
    while True:
        degrees, heater = pattern.fullmatch(httpx.get(reader.url, trust_env=False).text).groups()
        seen.add(degrees)
        if float(degrees) >= 18.5:
            break
        reader.page.wait_for_timeout(200)
    assert len(seen) > 1 and heater == "on"


def form(reader):
    page = reader.page
    page.goto(reader.url)
    page.get_by_label("Target").fill("25")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_label("Target")).to_have_value("25.0")
    expect(page.locator("#heating")).to_have_text("on")
    for value in ("31", "nan", "warm"):
        answer = httpx.post(f"{reader.url}/target", data={"target": value}, trust_env=False)
        assert answer.status_code == 400
    assert httpx.post(f"{reader.url}/target", trust_env=False).status_code == 400
    expect_no_scrolling(page)


def expect_no_scrolling(page):
    """On a phone nothing is wider than the screen; the style has come."""
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator(".now").evaluate("e => getComputedStyle(e).fontSize") == "48px"
    page.set_viewport_size(WIDE)


def chart(reader, wait_for_points=3):
    page = reader.page
    page.goto(reader.url)
    count = "document.getElementById('line').getAttribute('points')?.split(' ').length"
    page.wait_for_function(f"{count} >= {wait_for_points}")
    before = page.evaluate(count)
    page.wait_for_function(f"{count} > {before}")
    assert re.fullmatch(r"1\d°|2\d°", page.locator("#top").text_content())
    assert page.locator("#bottom").text_content() == "17°"
    expect(page.locator("#heating")).to_have_text("on")
    expect_no_scrolling(page)


def log_in(reader):
    page = reader.page
    assert httpx.get(f"{reader.url}/values", trust_env=False).status_code == 401
    page.goto(reader.url)
    expect(page).to_have_title("Log in")
    page.get_by_label("User").fill(USER)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("User").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("Thermostat")
    chart(reader)
    page.get_by_label("Target").fill("22.5")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_label("Target")).to_have_value("22.5")
    page.get_by_role("button", name=f"Log {USER} out").click()
    expect(page).to_have_title("Log in")


# What the reader sees once the program of a page runs.
SEEN = {
    "first-page": first_page,
    "control": control,
    "form": form,
    "chart": chart,
    "login": log_in,
}


@pytest.mark.timeout(600)
def test_from_top_to_bottom(browser, tmp_path):
    (tmp_path / "tinyweb").symlink_to(TOP)
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    env = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": cache}
    shell = f"cd {tmp_path}; PS1='{SHELL}' exec bash --norc --noprofile --noediting"
    with Repl(["bash", "-c", shell], env) as terminal:
        terminal.read_until(SHELL, LONG)
        reader = Reader(tmp_path, terminal, browser)
        started = []
        for page in steps.pages():
            for _ in reader.read(page):
                SEEN[page](reader)
                started.append(page)
        assert started == list(SEEN)
        assert reader.problems == []


def test_every_step_says_where_commands_are_typed():
    for page in steps.pages():
        for block in steps.blocks(page):
            if block.language == "sh":
                assert block.where, (page, block.text)


def test_new_lines_are_marked():
    """Where a file replaces an older one, hl_lines are the lines that are new."""
    before = {}
    for page in steps.pages():
        for block in steps.blocks(page):
            if not block.file or block.change:
                continue
            old, new = before.get(block.file), block.text.splitlines()
            before[block.file] = new
            assert block.options.get("hl_lines", "") == marks(old, new), (page, block.file)


def marks(old, new):
    """The numbers of lines that are in `new` only, such as "1 3-5"; "" without an old one."""
    if old is None:
        return ""
    ranges = []
    for tag, _, _, first, last in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if tag in ("insert", "replace"):
            ranges.append(f"{first + 1}-{last}" if last - first > 1 else str(last))
    return " ".join(ranges)


@pytest.mark.parametrize("page", ["first-page", "control", "form", "chart", "login"])
def test_program_fits_the_small_chip(serve, run_mpy, tmp_path, page):
    """The program of each page, from its source, in the heap of an ESP8266."""
    for name in steps.pages()[: steps.pages().index(page) + 1]:
        for block in steps.blocks(name):
            if block.file and not block.is_alternative and block.change != "the last line":
                steps.save(block, tmp_path)
    main = tmp_path / "main.py"
    main.write_text(
        main.read_text().replace("app.run()", "import sys\napp.run(port=int(sys.argv[1]))")
    )
    if page == "login":
        hashed = run_mpy(
            f"from tinyweb.passwords import hash_password\nprint(hash_password({PASSWORD!r}))"
        ).stdout.strip()
        (tmp_path / "users.json").write_text(f'{{"{USER}": "{hashed}"}}')
    server = serve(main, bits=32, heap="38k", cwd=tmp_path)
    with httpx.Client(base_url=server.url, timeout=LONG, trust_env=False) as client:
        if page == "login":
            accept = {"Accept": "text/html"}
            assert "Log in" in client.get("/", headers=accept, follow_redirects=True).text
            form = {"user": USER, "password": PASSWORD}
            assert client.post("/login", data=form).status_code == 303
        for _ in range(3):
            assert client.get("/").status_code == 200
        if page in ("chart", "login"):
            assert client.get("/static/chart.js").status_code == 200
            with client.stream("GET", "/values") as stream:
                lines = (line for line in stream.iter_lines() if line.startswith("data: "))
                assert '"history"' in next(lines)
                assert '"temperature"' in next(lines)
                assert client.get("/static/style.css").status_code == 200
                assert client.post("/target", data={"target": "21"}).status_code == 302

# SPDX-License-Identifier: MIT
"""cpremote, circup and a client of webrepl_cli.py's kind on the emulated board.

What each of them can do is tested in the simulator: tests/remote/test_clients.py, test_webrepl.py.
"""

import os
import urllib.parse

import pytest
import requests
import webrepl
from board import emulator
from board.terminal import OPEN_SECONDS, Terminal

from support.web_workflow import bundle, run

pytestmark = pytest.mark.usefixtures("emulated")

PASSWORD = "passw0rd"
# Hello world, beside the device's pages
PROGRAM = """
import tinyweb
from tinyweb import background, device
device.set_password({!r})
app = tinyweb.webserver()
@app.route("/")
def index(req, resp):
    return "hello"
app.run(port=80, loop_forever=False)
background.start()
"""


@pytest.fixture(scope="module")
def lamp():
    """The URL of a board that runs hello world."""
    with (
        emulator.Emulator(forward=(80,)) as board,
        Terminal(board.port) as terminal,
    ):
        terminal.interrupt(10 + OPEN_SECONDS)
        assert terminal.raw(PROGRAM.format(PASSWORD), timeout=60)[1] == ""
        yield board.urls[80]
        assert requests.get(board.urls[80], timeout=30).text == "hello"


@pytest.fixture
def file(lamp):
    """``file(path)``: what the board has there, bytes."""

    def get(path):
        answer = requests.get(f"{lamp}/fs/{path}", auth=("", PASSWORD), timeout=30)
        assert answer.status_code == 200
        return answer.content

    return get


def test_cpremote(lamp, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.txt").write_text("prefer ü\n", encoding="utf-8")
    options = ("--host", lamp, "--password", PASSWORD, "--units", "b")
    expected = {
        ("mkdir", "mine"): "Directory created",
        ("put", "main.txt"): "File created and saved",
        ("put", "main.txt", "mine/a.txt"): "File created and saved",
        ("put", "main.txt", "/main.txt"): "File existed and overwritten",
        ("mv", "mine/a.txt", "mine/b.txt"): "File/directory renamed",
        ("get", "mine/b.txt", "copy.txt"): "File exists and file returned",
    }
    assert run("cpremote.cpremote", options, *expected, home=tmp_path) == list(expected.values())
    assert file("mine/b.txt").decode() == "prefer ü\n"
    assert (tmp_path / "copy.txt").read_text(encoding="utf-8") == "prefer ü\n"
    listing, *removed = run(
        "cpremote.cpremote",
        options,
        ["ls", "mine"],
        ["rm", "main.txt"],
        ["rm", "main.txt"],
        ["rmdir", "mine"],
        home=tmp_path,
    )
    assert "b.txt" in listing
    assert removed == [
        "File existed and deleted",
        "File not found",
        "Directory and its contents deleted",
    ]


def test_circup(lamp, file, tmp_path):
    bundle(tmp_path)
    host = urllib.parse.urlsplit(lamp)
    # This device is none of those whose compiled modules circup has: --py takes sources.
    options = ("--host", host.hostname, "--port", str(host.port), "--password", PASSWORD)
    options += ("--offline", "--cpy-version", "10.0.0", "--board-id", "tinyweb")
    requests.put(f"{lamp}/fs/lib/", auth=("", PASSWORD), timeout=30)
    single, parts, frozen = run(
        "circup",
        options,
        ["install", "--py", "single"],
        ["install", "--py", "parts"],
        ["freeze"],
        home=tmp_path,
    )
    assert "Installed 'single'" in single and "Installed 'parts'" in parts
    assert "single==1.2.3" in frozen and "parts==0.1.0" in frozen
    assert file("lib/parts/inner/more.py") == b"more = 1\n"
    (said,) = run("circup", options, ["uninstall", "parts"], home=tmp_path)
    assert "Uninstalled 'parts'" in said


def test_webrepl(lamp, file, tmp_path):
    data = os.urandom(20_001)
    (tmp_path / "data.bin").write_bytes(data)
    host = urllib.parse.urlsplit(lamp)
    client = webrepl.Webrepl(host=host.hostname, port=host.port, password=PASSWORD)
    try:
        assert client.connected
        client.put_file(tmp_path / "data.bin", "/data.bin")
        assert file("data.bin") == data
        assert client.get_file_content("/data.bin") == data
    finally:
        client.disconnect()

# SPDX-License-Identifier: MIT
"""ROMFS over the network: an image is written, checked, and used in place."""

import contextlib
import hashlib
import json
import socket
import subprocess

import build_romfs
import make_flash
import pytest
from axe_playwright_python.sync_playwright import Axe
from board import emulator
from board.power import Failing
from board.started import PASSWORD, Board
from board.terminal import Terminal
from playwright.sync_api import expect
from remote.conftest import stored

from support.simulator import TOP
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("emulated")

ROOM = 128 * 1024
MAIN = """
import tinyweb

app = tinyweb.webserver()
app.static("/", "/rom/www")

@app.route("/level")
def level(req, resp):
    import lamp
    return str(lamp.LEVEL)

app.run(port=80)
"""
# One that needs no image.
PLAIN = MAIN.replace('app.static("/", "/rom/www")\n', "")
LAMP = "LEVEL = {}\ndef work():\n    return 'a text of the module that stays in flash ' * 2\n"
PAGE = "<!DOCTYPE html><title>Lamp</title>" + "<p>a line of the page</p>" * 30
# What gzip makes no smaller by a tenth.
NOISE = "".join(
    chr(33 + byte % 94) for i in range(40) for byte in hashlib.sha256(b"%d" % i).digest()
)


@pytest.fixture(scope="module")
def mpy_cross():
    subprocess.run([TOP / "ci" / "build-mpy-cross", "2"], check=True, capture_output=True)
    return TOP / "build" / "mpy-cross" / "mpy-cross"


@pytest.fixture
def image(mpy_cross, tmp_path):
    """``image(files)``: one of these files, {name: text}, as `make romfs` makes it."""

    def make(files):
        folder = tmp_path / "rom"
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return build_romfs.image(build_romfs.contents(mpy_cross, folder, ["www"]))

    return make


def flash_with(folder, files, rom=b"", **settings):
    """A flash with `files`, {name: text}, a device's settings and an image; its path."""
    files = {**files, "device.json": json.dumps({"password": stored(PASSWORD), **settings})}
    sources = []
    for name, text in files.items():
        source = folder / "flash" / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
        sources.append(f"{source}:{name}")
    flash = folder / "flash.img"
    assert make_flash.main([str(flash), *sources]) == 0
    data = bytearray(flash.read_bytes())
    data[-ROOM : len(data) - ROOM + len(rom)] = rom
    flash.write_bytes(data)
    return flash


@contextlib.contextmanager
def booted(flash):
    with (
        emulator.Emulator("--flash", flash, forward=(80,)) as board,
        Terminal(board.port) as terminal,
    ):
        yield Board(board, terminal)


def put(board, data):
    return board.until_answered("PUT", "/device/api/romfs", data=data)


def rom(board):
    return board.get("/device/api/apps").json()["romfs"]


def test_image_is_used_in_place_at_once_and_replaced_after_a_stop(tmp_path, image):
    zeroth = image({"www/index.html": "old"})
    with booted(flash_with(tmp_path, {"main.py": MAIN}, zeroth)) as board:
        assert rom(board) == [len(zeroth), ROOM]
        assert board.get("/").text == "old"
        first = image({"lamp.py": LAMP.format(1), "www/index.html": PAGE})
        assert put(board, first).status_code == 204
        assert rom(board) == [len(first), ROOM]
        page = board.get("/")
        assert (page.text, page.headers["Content-Encoding"]) == (PAGE, "gzip")
        # Nothing of it has been imported: it can be replaced at once.
        assert put(board, image({"lamp.py": LAMP.format(2)})).status_code == 204
        assert board.get("/level").text == "2"
        # Now its bytecode is in use.
        third = image({"lamp.py": LAMP.format(3)})
        answer = put(board, third)
        assert answer.status_code == 409 and "POST /device/api/restart?safe" in answer.text
        assert board.session.delete(board.url + "/device/api/romfs").status_code == 409
        board.restart("?safe")
        assert put(board, third).status_code == 204
        board.restart()
        assert board.get("/level").text == "3"
        board.restart("?safe")
        assert board.session.delete(board.url + "/device/api/romfs").status_code == 204
        assert rom(board) == [0, ROOM]


def test_program_in_romfs_starts_with_the_device(tmp_path, image):
    program = "import lamp\n" + PLAIN.replace("    import lamp\n", "")
    data = image({"main.py": program, "lamp.py": LAMP.format(4)})
    with booted(flash_with(tmp_path, {}, data, main="rom")) as board:
        assert board.get("/level").text == "4"
        told = board.get("/device/api/apps").json()
        assert (told["apps"], told["main"], told["running"]) == (["rom"], "rom", "rom")
        assert put(board, data).status_code == 409


def test_setting_that_names_nothing_leaves_the_pages(tmp_path):
    with booted(flash_with(tmp_path, {}, main="apps/lamp")) as board:
        state = board.state()
        assert state["failure"] == (
            "There is no program apps/lamp, which the setting main names.\n"
        )
    with booted(flash_with(tmp_path, {"main.py": "1 / 0\n"}, main="")) as board:
        state = board.state()
        assert (state["failure"], state["main"]) == (None, "")


def refusals(image):
    whole = image({"lamp.py": LAMP.format(1)})
    yield "larger than the partition", b"\xd2\xcd\x31" + bytes(ROOM), 413
    yield "something else", b"GIF89a" + bytes(600), 400
    yield "cut off", whole[:-2], 400
    yield "longer than it says", whole + b"\0\0", 400
    yield "nothing", b"", 400


def test_what_is_no_image_is_refused_before_the_old_one_is_touched(tmp_path, image):
    old = image({"lamp.py": LAMP.format(1), "www/index.html": PAGE})
    with booted(flash_with(tmp_path, {"main.py": MAIN}, old)) as board:
        board.state()
        for why, data, status in refusals(image):
            answer = put(board, data)
            assert answer.status_code == status, why
            assert answer.text.startswith(("This is no image", "The image has ")), why
            assert rom(board) == [len(old), ROOM], why
        answer = board.until_answered(
            "PUT", "/device/api/romfs", data=old, headers={"Content-Range": "bytes 0-1/2"}
        )
        assert answer.status_code == 400
        assert board.get("/").text == PAGE


@pytest.mark.parametrize(
    "records",
    [
        b"\x04\x7f\x01a",  # a folder that ends behind the image
        b"\x05\x05\x01a\x02\x7fx",  # a file whose content does
        b"\x05\x06\x01a\x03\x02\x01\x7f",  # and one that leads there
        b"\x00\x02ab",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x04\x7f" * 20,
    ],
    ids=bytes.hex,
)
def test_image_that_leads_out_of_itself_is_no_image(tmp_path, image, records):
    """It could be mounted, and what reads it at the start would read whatever is behind it."""
    records += b"\x01\x00" if len(records) % 2 else b""
    with booted(flash_with(tmp_path, {"main.py": PLAIN})) as board:
        answer = put(board, b"\xd2\xcd\x31" + bytes([len(records)]) + records)
        assert answer.status_code == 400
        assert rom(board) == [0, ROOM]


def test_client_that_goes_away(tmp_path, image):
    old = image({"lamp.py": LAMP.format(1)})
    with booted(flash_with(tmp_path, {"main.py": PLAIN}, old)) as board:
        board.state()
        host, port = board.url.removeprefix("http://").split(":")
        data = image({"lamp.py": LAMP.format(2), "www/data.bin": NOISE * 4})
        with socket.create_connection((host, int(port))) as sock:
            head = f"PUT /device/api/romfs HTTP/1.1\r\nHost: {host}\r\n"
            head += "Authorization: Basic OnBhc3N3MHJk\r\n"
            sock.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data[:700])
        # The board is at it: first it looks whether the password is right.
        eventually(lambda: rom(board) == [0, ROOM])
        assert put(board, data).status_code == 204
        assert rom(board) == [len(data), ROOM]


def test_mpremote_deploys(tmp_path, image):
    data = image({"lamp.py": LAMP.format(7)})
    (tmp_path / "lamp.romfs").write_bytes(data)
    with booted(flash_with(tmp_path, {})) as board:
        port = board.terminal.serial.port
        board.terminal.serial.close()
        command = [TOP / ".venv" / "bin" / "python", "-m", "mpremote", "connect", port]
        command += ["romfs", "deploy", tmp_path / "lamp.romfs", "soft-reset", "exec"]
        command += ["import lamp; print(lamp.LEVEL)"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.stdout.strip().endswith("7"), done.stdout + done.stderr


def test_power_is_cut_at_every_write(tmp_path, image):
    """The old image before the first one, the new one after the last, and none in between."""
    old = image({"lamp.py": LAMP.format(1)})
    new = image({"lamp.py": LAMP.format(2), "www/data.bin": NOISE})
    assert len(new) > 1024
    fresh = flash_with(tmp_path, {"main.py": PLAIN}, old).read_bytes()
    flash = tmp_path / "cut.img"
    seen = []
    for left in range(100):
        flash.write_bytes(fresh)
        with Failing(flash) as failing, Terminal(failing.board.port) as terminal:
            board = Board(failing.board, terminal)
            board.state()

            def write(board=board):
                # Without power nobody answers, until it gives up.
                with contextlib.suppress(AssertionError):
                    put(board, new)

            cut = failing.cut(left, write)
        with booted(flash) as board:
            used = rom(board)[0]
            level = board.get("/level")
            seen.append({len(old): 1, len(new): 2, 0: None}[used])
            assert level.status_code == 200 if used else level.status_code == 500
            assert level.text == str(seen[-1]) or not used
        if not cut:
            break
    # Clearing, erasing, three blocks and more, the first word.
    assert len(seen) >= 7
    assert seen[0] == 1 and seen[-1] == 2 and set(seen[1:-1]) == {None}


def choose(page, name, data):
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def test_person_installs_starts_and_replaces_an_application(tmp_path, image, browser):
    """On the page, from a device without any program."""
    program = "import lamp\n" + PLAIN.replace("    import lamp\n", "")
    with booted(flash_with(tmp_path, {"main.py": PLAIN})) as board:
        board.state()
        context = browser.new_context(
            http_credentials={"username": "", "password": PASSWORD}, locale="en-GB"
        )
        page = context.new_page()
        page.set_default_timeout(40_000)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(board.url + "/device/#apps/")
        status = page.get_by_role("status")
        choose(page, "lamp.romfs", image({"main.py": program, "lamp.py": LAMP.format(5)}))
        page.get_by_text("Installed: lamp.romfs").wait_for()
        assert Axe().run(page).violations_count == 0
        page.get_by_role("button", name="Start: rom").click()
        page.get_by_role("button", name="Stop: rom").wait_for()
        assert board.get("/level").text == "5"
        # It runs: the page stops it before it writes the next one.
        choose(page, "lamp.romfs", image({"main.py": program, "lamp.py": LAMP.format(6)}))
        page.get_by_text("Installed: lamp.romfs").wait_for()
        page.get_by_role("button", name="Start: rom").click()
        page.get_by_role("button", name="Stop: rom").wait_for()
        assert board.get("/level").text == "6"
        page.get_by_role("button", name="Stop: rom").click()
        page.get_by_role("button", name="Start: rom").wait_for()
        assert board.state()["safe"]
        expect(status).not_to_contain_text("does not answer")
        context.close()

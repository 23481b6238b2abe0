# SPDX-License-Identifier: MIT
"""The program in flash, replaced over the network: taken, on trial, confirmed, taken back.

The chip is a model: esp32.Partition over files, and the boot loader's choice (support/ota.py). The
server, its requests and what is written are the firmware's own.
"""

import hashlib
import json
import subprocess

import httpx
import pytest
import trustme
from playwright.sync_api import expect

from support import ota
from support.simulator import build, program_file, start_server
from support.waiting import eventually

from .conftest import PASSWORD, PROGRAM, stored

RESET = 77
TEXT = "text/plain; charset=utf-8"


class Chip:
    """A device on a Flash: start() boots it and runs the program of the conftest."""

    def __init__(self, folder, first=None, sectors=4, program=PROGRAM, patched=False):
        self.patched = patched
        self.folder = folder
        self.flash = ota.Flash(folder / "flash", first or ota.image("0.1.0"), sectors)
        self.files = folder / "files"
        self.files.mkdir()
        (self.files / "device.json").write_text(json.dumps({"password": stored(PASSWORD)}))
        self.program = program
        self.server = None

    def start(self, port=None):
        self.server = start_server(
            self.program,
            folder=self.folder,
            cwd=self.files,
            env=self.flash.environment,
            port=port,
            patched=self.patched,
        )
        return httpx.Client(
            base_url=self.server.url, auth=("", PASSWORD), trust_env=False, timeout=30
        )

    def reset(self):
        """Wait until the device resets itself, and boot; the partition that runs then."""
        assert self.server.process.wait(timeout=30) == RESET, self.server.log()
        return self.boot()

    def boot(self):
        if self.server is not None and self.server.process.poll() is None:
            self.server.process.kill()
            self.server.process.wait()
        return self.flash.boot()

    def running(self):
        return (self.flash.folder / "running").read_text()


@pytest.fixture
def chip(tmp_path):
    made = []

    def make(**options):
        made.append(Chip(tmp_path / f"chip{len(made)}", **options))
        return made[-1]

    yield make
    for one in made:
        one.boot()


def upload(client, data, **options):
    return client.put("/device/api/update", content=data, **options)


def test_update_that_works(chip):
    device = chip()
    client = device.start()
    state = client.get("/device/api/update").json()
    assert state["room"] == 4 * ota.SECTOR
    assert (state["pending"], state["taken_back"]) == (False, None)
    new = ota.image("0.2.0", size=9000)
    assert upload(client, new).status_code == 202
    assert device.flash.file("ota_1").read_bytes() == new + b"\xff" * (4 * ota.SECTOR - len(new))
    assert device.reset() == "ota_1"
    assert device.flash.entries() == {0: (2, ota.PENDING)}
    client = device.start()
    eventually(lambda: device.flash.entries() == {0: (2, ota.VALID)})
    assert client.get("/device/api/update").json()["pending"] is False
    assert device.boot() == "ota_1"
    # And back, into the other place.
    client = device.start()
    assert upload(client, ota.image("0.3.0")).status_code == 202
    assert device.reset() == "ota_0"
    device.start()
    eventually(lambda: device.flash.entries() == {0: (2, ota.VALID), 1: (3, ota.VALID)})


def test_update_that_does_not_answer(chip):
    """The new one reaches no network: it is restarted, and the old one runs again."""
    device = chip(
        program=PROGRAM.replace("device.enable(app)", "device.enable(app); WATCH").replace(
            "WATCH", "from tinyweb.device import update; update.watch()"
        )
    )
    assert upload(device.start(), ota.image("0.2.0")).status_code == 202
    assert device.reset() == "ota_1"
    offline = device.flash.folder / "offline"
    offline.write_text("")
    client = device.start()
    assert client.get("/device/api/update").json()["pending"] is True
    # As long as it is on trial the old one is not given up.
    answer = upload(client, ota.image("0.3.0"))
    assert answer.status_code == 400
    assert answer.text == "an update is on its way already: try again later\n"
    assert device.reset() == "ota_0"
    assert device.flash.entries() == {0: (2, ota.ABORTED)}
    offline.unlink()
    client = device.start()
    state = client.get("/device/api/update").json()
    assert (state["taken_back"], state["pending"]) == ("0.2.0", False)
    assert "The last update did not answer" in client.get("/device/api/state").json()["log"]
    # Another one is taken.
    assert upload(client, ota.image("0.2.1")).status_code == 202
    assert device.reset() == "ota_1"
    client = device.start()
    eventually(lambda: not client.get("/device/api/update").json()["pending"])


def test_update_that_is_restarted_on_trial(chip):
    device = chip()
    assert upload(device.start(), ota.image("0.2.0")).status_code == 202
    assert device.reset() == "ota_1"
    (device.flash.folder / "offline").write_text("")
    device.start()
    assert device.boot() == "ota_0"


@pytest.mark.parametrize("station", [False, True])
def test_board_with_ethernet(chip, station):
    """Without Wi-Fi an address by cable will do, once the program has set that up."""
    before = "device.enable(app)"
    wired = "import network; lan = network.LAN(phy_addr=0); lan.active(True)"
    if station:
        # It is in no Wi-Fi network, and opens no access point.
        wired += "; device.connect(app).stop()"
    device = chip(program=PROGRAM.replace(before, f"{before}; {wired}"))
    (device.flash.folder / "offline").write_text("")
    device.flash.write("ota_1", ota.image("0.2.0"))
    device.flash.tell(0, 2, ota.NEW)
    assert device.boot() == "ota_1"
    client = device.start()
    for _ in range(3):
        # As long as the cable is out.
        assert client.get("/device/api/update").json()["pending"] is True
    (device.flash.folder / "cable").write_text("")
    eventually(lambda: device.flash.entries() == {0: (2, ota.VALID)})


def test_pages_that_do_not_answer(chip):
    """It is in the network, and answers, but not with what its pages have to."""
    device = chip(
        program=PROGRAM.replace(
            "device.enable(app)",
            "device.enable(app); device.disable();"
            "from tinyweb.device import update; update.watch()",
        )
    )
    device.flash.write("ota_1", ota.image("0.2.0"))
    device.flash.tell(0, 2, ota.NEW)
    assert device.boot() == "ota_1"
    device.start()
    assert device.reset() == "ota_0"


REFUSED = {
    "no image": (b"x" * 5000, "this is no image of a program"),
    "for another chip": (ota.image(chip="esp32s3"), "the image is for another chip"),
    "cut off": (ota.image()[:-1], "the image is cut off"),
    "too large": (ota.image(size=5 * ota.SECTOR), "the image is larger than its place"),
    "damaged": (ota.image()[:-1] + b"\0", "the image's SHA-256 is wrong"),
    "empty": (b"", "the image is cut off"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_update(chip, what):
    device = chip()
    client = device.start()
    data, sentence = REFUSED[what]
    answer = upload(client, data)
    assert answer.status_code == 400 and answer.text.startswith(sentence)
    assert answer.headers["content-type"] == TEXT
    # In pieces of which nobody says how many there are.
    answer = upload(client, iter([data[:100], data[100:]]) if data else data)
    assert answer.status_code == 400 and answer.text.startswith(sentence)
    assert device.flash.entries() == {}
    assert client.get("/").text == "mine"
    assert device.boot() == "ota_0"


def test_requests_that_are_none(chip):
    client = chip().start()
    # No release file is set that it could look at.
    assert client.post("/device/api/update").status_code == 404
    assert client.delete("/device/api/update").status_code == 405
    answer = upload(client, ota.image(), headers={"Content-Range": "bytes 0-1/2"})
    assert answer.status_code == 400


def test_client_that_goes_away(chip):
    device = chip()
    client = device.start()

    def parts():
        yield ota.image(size=9000)[:6000]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        upload(client, parts())
    # The place is free again.
    eventually(lambda: upload(client, ota.image("0.2.0")).status_code == 202)
    assert device.reset() == "ota_1"


def test_one_place_for_a_program(device):
    server = device()
    with httpx.Client(base_url=server.url, auth=("", PASSWORD), trust_env=False) as client:
        state = client.get("/device/api/update").json()
        assert state["room"] is None and state["pending"] is False
        answer = upload(client, ota.image())
        assert answer.status_code == 400
        assert answer.text.startswith("there is one place for a program only")


INSTALL = """
import asyncio, os, sys
from tinyweb.device import update

class Source:
    def __init__(self, path):
        self.file = open(path, "rb")

    async def readinto(self, buf):
        return self.file.readinto(buf)

print(asyncio.run(update.install(Source(sys.argv[1]))))
"""


def killed_in_the_dark(flash, process):
    """Wait until the power has failed, or the program has ended; whether it was the power."""
    dark = flash.folder / "dark"
    eventually(lambda: dark.exists() or process.poll() is not None)
    process.kill()
    process.wait()
    return dark.exists()


def test_power_is_cut_at_every_step(tmp_path):
    """Half of each erasing and writing is done, then the process is killed: old or new boots."""
    new = tmp_path / "new-app.bin"
    new.write_bytes(ota.image("0.2.0", size=9000))
    program = program_file(INSTALL, tmp_path)
    seen = []
    for step in range(100):
        flash = ota.Flash(tmp_path / f"cut{step}", ota.image("0.1.0"))
        # What a former update has left.
        flash.write("ota_1", ota.image("0.0.9", size=12000))
        (flash.folder / "cut").write_text(str(step))
        process = subprocess.Popen(
            build(64).command(program, (new,)), env=flash.environment, stdout=subprocess.PIPE
        )
        dark = killed_in_the_dark(flash, process)
        label = flash.boot()
        seen.append(label)
        if not dark:
            break
        assert label in ("ota_0", "ota_1"), step
        # It can be done again, unless it was done.
        if label == "ota_0":
            (flash.folder / "cut").unlink()
            subprocess.run(
                build(64).command(program, (new,)),
                env=flash.environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            assert flash.boot() == "ota_1"
    # Sectors are erased and written; otadata is, too.
    assert len(seen) > 8
    assert seen == sorted(seen) and seen[0] == "ota_0" and seen[-1] == "ota_1"


def test_power_is_cut_while_it_is_confirmed(tmp_path):
    for step in range(3):
        flash = ota.Flash(tmp_path / f"cut{step}", ota.image("0.1.0"))
        flash.write("ota_1", ota.image("0.2.0"))
        flash.tell(0, 1, ota.VALID)
        flash.tell(1, 2, ota.NEW)
        assert flash.boot() == "ota_1"
        (flash.folder / "cut").write_text(str(step))
        program = program_file(
            "from esp32 import Partition\nPartition.mark_app_valid_cancel_rollback()", tmp_path
        )
        process = subprocess.Popen(build(64).command(program), env=flash.environment)
        dark = killed_in_the_dark(flash, process)
        assert flash.boot() in ("ota_0", "ota_1")
        assert (step < 2) == dark


def test_https(chip):
    """The device asks itself by TLS where its pages are behind it."""
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1")
    device = chip(
        program=PROGRAM.replace(
            "app.run(sys.argv[2], int(sys.argv[1]))",
            "from tinyweb import tls\n"
            "    app.run(sys.argv[2], int(sys.argv[1]), ssl=tls.context('cert', 'key'))",
        )
    )
    leaf.cert_chain_pems[0].write_to_path(device.files / "cert")
    leaf.private_key_pem.write_to_path(device.files / "key")
    device.flash.write("ota_1", ota.image("0.2.0"))
    device.flash.tell(0, 2, ota.NEW)
    assert device.boot() == "ota_1"
    device.start()
    eventually(lambda: device.flash.entries() == {0: (2, ota.VALID)})


def test_page(chip, browser, tmp_path):
    device = chip()
    device.start()
    port = device.server.port
    context = browser.new_context(
        http_credentials={"username": "", "password": PASSWORD}, locale="en-GB"
    )
    page = context.new_page()
    page.goto(f"{device.server.url}/device/#update/")
    expect(page.get_by_role("main")).to_contain_text("TinyWeb ")
    choose = page.get_by_label("File of the new firmware")
    go = page.get_by_role("main").get_by_role("button", name="Update", exact=True)
    choose.set_input_files(
        {"name": "lamp-app.bin", "mimeType": "application/octet-stream", "buffer": b"x" * 500}
    )
    go.click()
    expect(page.get_by_role("status")).to_contain_text("lamp-app.bin: this is no image")
    for version, label in (("0.2.0", "ota_1"), ("0.3.0", "ota_0")):
        choose.set_input_files(
            {
                "name": "lamp-app.bin",
                "mimeType": "application/octet-stream",
                "buffer": ota.image(version),
            }
        )
        go.click()
        expect(page.get_by_text("The new firmware is on trial")).to_be_visible()
        assert device.reset() == label
        if version == "0.3.0":
            # It does not even start, and the power is switched off and on.
            assert device.boot() == "ota_1"
        device.start(port)
        if version == "0.2.0":
            expect(page.get_by_role("status")).to_contain_text("Updated to ", timeout=15_000)
    expect(page.get_by_role("alert")).to_have_text(
        "The update to 0.3.0 did not answer. The firmware before it runs again.", timeout=15_000
    )
    context.close()


TOLD = """
from tinyweb.device import update

print([place.info()[4] for place in update.places() or ()])
print(update.version(), update.is_pending(), update.taken_back())
"""


def only(*names):
    def change(flash):
        for name in ("ota_0", "ota_1"):
            if name not in names:
                flash.file(name).rename(flash.file("factory"))
                (flash.folder / "running").write_text(names[0] if names else "factory")

    return change


def damaged(flash):
    flash.tell(0, 2, ota.PENDING)
    data = bytearray(flash.file("otadata").read_bytes())
    data[28] ^= 1
    flash.file("otadata").write_bytes(data)


def aborted(flash):
    flash.write("ota_1", ota.image("0.2.0"))
    flash.tell(0, 2, ota.ABORTED)


def erased(flash):
    aborted(flash)
    flash.file("ota_1").write_bytes(b"\xff" * 4 * ota.SECTOR)


BOTH = "['ota_0', 'ota_1']"
STATES = {
    "as it was flashed": (lambda flash: None, BOTH, "0.1.0 False None"),
    "one place, and none for updates": (only(), "[]", None),
    "one place that updates would be written over": (only("ota_0"), "[]", None),
    "what the boot loader keeps is damaged": (damaged, BOTH, "0.1.0 False None"),
    # Before the restart.
    "installed": (lambda flash: flash.tell(0, 2, ota.NEW), BOTH, "0.1.0 False None"),
    "taken back": (aborted, BOTH, "0.1.0 False 0.2.0"),
    "taken back, and its place is erased": (erased, BOTH, "0.1.0 False "),
}


@pytest.mark.parametrize("what", STATES)
def test_what_is_told(run_mpy, tmp_path, what):
    change, places, told = STATES[what]
    flash = ota.Flash(tmp_path / "flash", ota.image("0.1.0"))
    change(flash)
    lines = run_mpy(TOLD, env=flash.environment).stdout.splitlines()
    own = run_mpy("import tinyweb; print(tinyweb.__version__)").stdout.strip()
    assert lines == [places, told or f"{own} False None"]


ANNOUNCED = (
    INSTALL[: INSTALL.index("print(")]
    + """
wanted = {}
for argument in sys.argv[2:]:
    key, value = argument.split("=")
    wanted[key] = int(value) if value.isdigit() and key == "size" else value
try:
    print(asyncio.run(update.install(Source(sys.argv[1]), **wanted)))
except ValueError as exc:
    print(exc)
"""
)
NEW = ota.image("0.2.0")
SUM = hashlib.sha256(NEW).hexdigest()


@pytest.mark.parametrize(
    "wanted, told, boots",
    [
        ({"size": len(NEW), "digest": SUM, "version": "0.2.0"}, "0.2.0", "ota_1"),
        ({"size": 4 * ota.SECTOR + 1}, "the image is larger than its place", "ota_0"),
        ({"size": 500}, f"the image is {len(NEW)} bytes, not 500", "ota_0"),
        ({"digest": SUM[:-1] + "g"}, "the image's SHA-256 is not what was announced", "ota_0"),
        ({"version": "0.3.0"}, "the image is 0.2.0, not 0.3.0", "ota_0"),
    ],
)
def test_what_was_announced(run_mpy, tmp_path, wanted, told, boots):
    flash = ota.Flash(tmp_path / "flash", ota.image("0.1.0"))
    (tmp_path / "new-app.bin").write_bytes(NEW)
    args = [tmp_path / "new-app.bin", *(f"{key}={value}" for key, value in wanted.items())]
    assert run_mpy(ANNOUNCED, env=flash.environment, args=args).stdout == told + "\n"
    assert flash.boot() == boots


def test_flash_that_is_worn_out(run_mpy, tmp_path):
    """The chip reads the image once more before it takes it: the beginning is erased then."""
    flash = ota.Flash(tmp_path / "flash", ota.image("0.1.0"))
    (flash.folder / "worn").write_text("")
    (tmp_path / "new-app.bin").write_bytes(NEW)
    args = [tmp_path / "new-app.bin"]
    told = run_mpy(ANNOUNCED, env=flash.environment, args=args).stdout
    assert told.startswith("the chip refuses the image: ")
    assert flash.boot() == "ota_0"


def test_program_that_does_not_say_what_it_is(run_mpy, tmp_path):
    """Nobody could tell whether an image is for this device."""
    flash = ota.Flash(tmp_path / "flash", ota.image(described=False))
    (tmp_path / "new-app.bin").write_bytes(NEW)
    args = [tmp_path / "new-app.bin"]
    told = run_mpy(ANNOUNCED, env=flash.environment, args=args).stdout
    assert told == "the program that runs does not say what it is\n"
    assert flash.boot() == "ota_0"


@pytest.mark.parametrize(
    "settings, watched",
    [
        ({}, False),
        ({"password": stored(PASSWORD), "enabled": False}, False),
        ({"password": stored(PASSWORD)}, True),
        ("{", True),
    ],
    ids=["no password", "disabled", "pages", "broken"],
)
def test_who_is_watched(run_mpy, tmp_path, settings, watched):
    """A program on trial, unless a program of the user's own has to confirm it: once."""
    flash = ota.Flash(tmp_path / "flash", ota.image("0.1.0"))
    text = settings if isinstance(settings, str) else json.dumps(settings)
    (tmp_path / "device.json").write_text(text)
    program = """
        from tinyweb.device import update
        update.watch()
        first = update._timer
        update.watch()
        print(first is not None, update._timer is first)
    """
    told = run_mpy(program, env=flash.environment, cwd=tmp_path).stdout
    assert told == "False True\n"
    flash.write("ota_1", NEW)
    flash.tell(0, 2, ota.NEW)
    assert flash.boot() == "ota_1"
    told = run_mpy(program, env=flash.environment, cwd=tmp_path).stdout
    assert told == f"{watched} True\n"


def test_server_that_starts_later(chip):
    """It is confirmed once it listens, on whatever address: the device asks at its own."""
    device = chip(
        program=PROGRAM.replace(
            "app.run(sys.argv[2],",
            "import asyncio\n"
            "    async def wait(): await asyncio.sleep_ms(50)\n"
            "    asyncio.get_event_loop().run_until_complete(wait())\n"
            "    print(update.is_pending())\n"
            "    app.run('0.0.0.0',",
        ).replace("import sys,", "from tinyweb.device import update\n    import sys,")
    )
    device.flash.write("ota_1", NEW)
    device.flash.tell(0, 2, ota.NEW)
    assert device.boot() == "ota_1"
    device.start()
    assert device.server.log().startswith("True\n")
    eventually(lambda: device.flash.entries() == {0: (2, ota.VALID)})

# SPDX-License-Identifier: MIT
"""Many devices, updated and configured from a web server that has files only: docs/fleets.md.

Each device is a simulator of its own with a small heap, and a model of a chip (support/ota.py).
There are a dozen; FLEET=100 in the environment makes a hundred.
"""

import json
import os
import subprocess
import time

import pytest

from support import ota
from support.simulator import TOP, build, environment, free_port, program_file

from .conftest import PASSWORD, stored
from .test_release import Site

COUNT = int(os.environ.get("FLEET", "12"))
HEAP = "128k"
EVERY = 10
PROGRAM = """
    import asyncio, sys, tinyweb
    from tinyweb import device

    app = tinyweb.webserver(max_concurrency=2, buffer_size=512)
    device.enable(app)
    app.run("127.0.0.1", int(sys.argv[1]))
"""


class Fleet:
    def __init__(self, folder, site, count):
        self.site = site
        self.log = folder / "access.log"
        self.program = program_file(PROGRAM, folder)
        self.folders = [folder / f"device{number}" for number in range(count)]
        self.flashes = []
        self.processes = {}
        self.ports = {}
        for folder in self.folders:
            self.flashes.append(ota.Flash(folder / "flash", ota.image("0.1.0")))
            (folder / "files").mkdir()
            values = {
                "name": folder.name,
                "password": stored(PASSWORD),
                "updates": f"{site.url}/release.json",
                "updates_every": EVERY,
            }
            (folder / "files" / "device.json").write_text(json.dumps(values))
        for number in range(count):
            self.start(number)

    def start(self, number):
        folder, flash = self.folders[number], self.flashes[number]
        flash.boot()
        self.ports[number] = free_port()
        with open(folder / "log", "ab") as log:
            self.processes[number] = subprocess.Popen(
                build(64).command(self.program, (self.ports[number],), HEAP),
                cwd=folder / "files",
                env=environment({**flash.environment, "DEVICE": folder.name}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def until(self, condition):
        """Let them run, and boot those that restart, until it holds."""
        deadline = time.monotonic() + 20 * EVERY
        while not condition():
            assert time.monotonic() < deadline, self.site.lines[-30:]
            for number, process in list(self.processes.items()):
                if process.poll() is not None:
                    text = (self.folders[number] / "log").read_text()
                    assert process.returncode == 77, text[-2000:]
                    self.start(number)
            time.sleep(0.1)

    def asked(self, times=1):
        """Wait until each of them has looked at the release file, so many times from now on."""
        before = len(self.site.lines)

        def done():
            lines = self.site.lines[before:]
            return all(
                sum(f"device={folder.name}&" in line for line in lines) >= times
                for folder in self.folders
            )

        self.until(done)

    def fleet(self, command, *args):
        self.log.write_text("".join(f"{line}\n" for line in self.site.lines))
        words = [self.site.folder] + ([self.log] if command == "watch" else [])
        return subprocess.run(
            [TOP / "ci" / "fleet", command, *words, *args], capture_output=True, text=True
        )

    def having(self, text):
        paths = [folder / "files" / "lamp.txt" for folder in self.folders]
        return sum(path.exists() and path.read_text() == text for path in paths)

    def stop(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


@pytest.mark.timeout(600)
def test_fleet(tmp_path):
    site = Site(tmp_path / "site")
    fleet = Fleet(tmp_path, site, COUNT)
    try:
        # Files and settings, to half of them and then to all.
        site.put("files/lamp.txt", b"one")
        (site.folder / "settings.json").write_text('{"timezone": "CET-1"}')
        told = fleet.fleet("publish", "--percent", "50")
        assert told.stdout == "release 1 is offered to 50 % of the devices\n"
        fleet.asked(2)
        some = fleet.having("one")
        assert 0 < some < COUNT
        # That none asks much more often than another is what spreads them.
        told = fleet.fleet("watch", "--percent", "100")
        assert told.returncode == 0
        assert f"release 1: {COUNT} devices, {some} have it, 0 failed\n" in told.stdout
        fleet.until(lambda: fleet.having("one") == COUNT)
        for folder in fleet.folders:
            values = json.loads((folder / "files" / "device.json").read_text())
            assert values["timezone"] == "CET-1" and values["name"] == folder.name
        # Another image, which all confirm.
        (site.folder / "SIMULATOR-app.bin").write_bytes(ota.image("0.2.0", size=6000))
        fleet.fleet("publish")
        fleet.until(
            lambda: all(flash.entries().get(0, (0, 0))[1] == ota.VALID for flash in fleet.flashes)
        )
        # A release that is broken is halted when the first few have failed.
        site.put("files/lamp.txt", b"two")
        fleet.fleet("publish", "--percent", "50")
        site.put("files/lamp.txt", b"damaged")
        fleet.asked(3)
        told = fleet.fleet("watch", "--percent", "100")
        assert told.returncode == 1 and "halted" in told.stdout
        assert told.stdout.count("failed: device") == some
        fleet.asked(2)
        assert fleet.having("one") == COUNT
        # The next one reaches all.
        fleet.fleet("publish")
        fleet.until(lambda: fleet.having("damaged") == COUNT)
        fleet.asked()
        told = fleet.fleet("watch")
        assert f"release 4: {COUNT} devices, {COUNT} have it, 0 failed\n" in told.stdout
    finally:
        fleet.stop()
        site.server.shutdown()
        site.server.server_close()

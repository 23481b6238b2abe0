# SPDX-License-Identifier: MIT
"""The emulated board as tests use it: build the image, boot it, end it."""

import functools
import os
import pathlib
import signal
import subprocess
import tempfile
import urllib.parse

from .flash_watch import FlashWatch

TOP = pathlib.Path(__file__).resolve().parents[2]


@functools.cache
def build():
    """Builds the image once in a test run and returns its path."""
    done = subprocess.run(
        [TOP / "ci" / "build-emulator"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"ci/build-emulator failed:\n{done.stderr[-4000:]}")
    return pathlib.Path(done.stdout.splitlines()[-1])


class Emulator:
    """A board that ``ci/run-emulator`` has booted; a context manager that ends it.

    port: path of the serial port. urls: {port of the board: URL on this computer}, where a port
    may be "ADDRESS:PORT", too; those of `access_point` and `access_point_udp`, ports of the board
    as a client of its access point reaches them, are in a dict each of that name.
    process: the launcher's subprocess.Popen. A store to flash stops the board; the end says so.
    watch: gdb's side of the board, a FlashWatch unless `debugger` is another one; None for none.
    """

    def __init__(
        self,
        *options,
        forward=(8081,),
        access_point=(),
        access_point_udp=(),
        paused=False,
        image=None,
        debugger=FlashWatch,
    ):
        image = image or build()
        self._folder = tempfile.TemporaryDirectory(prefix="board-")
        gdb = pathlib.Path(self._folder.name) / "gdb"
        command = [TOP / "ci" / "run-emulator", image, *map(str, options)]
        if debugger:
            command += ["--gdb", gdb]
        ports = {
            "--forward": forward,
            "--access-point": access_point,
            "--access-point-udp": access_point_udp,
        }
        for option, numbers in ports.items():
            for number in numbers:
                command += [option, str(number)]
        if paused:
            command.append("--paused")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = self.process.stdout.readline().strip()
        self.urls, self.access_point, self.access_point_udp = (
            {number: self.process.stdout.readline().strip() for number in numbers}
            for numbers in ports.values()
        )
        lines = [*self.urls.values(), *self.access_point.values(), *self.access_point_udp.values()]
        if not self.port.startswith("/dev/") or not all(lines):
            raise AssertionError(f"no board: {self.port!r}, {lines}")
        self.watch = debugger(gdb, image, paused) if debugger else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Lets a board that was started paused run."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def address(self, port=8081):
        """(host, port) to connect to for a port of the board."""
        parts = urllib.parse.urlsplit(self.urls[port])
        return parts.hostname, parts.port

    def stop(self, timeout=10):
        """Ends the board as a user would and returns the launcher's exit status.

        AssertionError: it has stored to flash.
        """
        store, watch, self.watch = self.watch and self.watch.store(), self.watch, None
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.stdin.close()
        self.process.stdout.close()
        if watch:
            watch.close()
        self._folder.cleanup()
        assert not store, f"{store} has stored to flash, which faults on the chip"
        return self.process.wait()

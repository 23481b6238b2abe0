# SPDX-License-Identifier: MIT
"""The programs under measurement, and how one of them is started in the simulator."""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from bench import BUILD, FOLDER, TOP, peers
from bench.messages import CLOSE, KEEP_ALIVE
from tests.support.simulator import environment, free_port, listens

APPS = FOLDER / "apps"
HOST = "127.0.0.1"


@dataclasses.dataclass(frozen=True)
class Program:
    """One server under measurement.

    apps: the file in bench/apps for each mode that it can serve. module: what an
    application imports, None for the bare loops. folders: where its modules are found.
    """

    key: str
    title: str
    apps: dict
    module: str | None = None
    folders: tuple = ()
    frozen: bool = True

    def search_path(self):
        """MICROPYPATH for the program in a simulator without its modules."""
        return ":".join(map(str, [*self.folders, ".frozen", APPS, APPS / "shims"]))

    def as_frozen(self):
        """The program for a simulator into which its modules are frozen."""
        return dataclasses.replace(self, folders=()) if self.frozen else self


CEILING = "bare"
OURS = "tinyweb"


PEERS = {"microdot": "Microdot", "picoweb": "picoweb"}


def programs(wanted=None, original=None):
    """The programs to measure, the ceiling first and always among them.

    wanted: their keys, or None for all. original: a checkout of the tinyweb that this
    project's API comes from, or None. Raises RuntimeError when a peer cannot be downloaded.
    """
    tinyweb = {CLOSE: "tinyweb_app.py", KEEP_ALIVE: "tinyweb_app.py"}
    found = [
        Program(
            CEILING,
            "bare loop",
            {CLOSE: "bare_close.py", KEEP_ALIVE: "bare_keepalive.py"},
        ),
        Program(OURS, "tinyweb", tinyweb, "tinyweb"),
    ]
    for name, title in PEERS.items():
        if wanted is not None and name not in wanted:
            continue
        folder = peers.fetch(name)
        title = f"{title} {peers.version(name)}"
        found.append(Program(name, title, {CLOSE: f"{name}_app.py"}, name, (folder,)))
    if original is not None:
        found.append(
            Program(
                "original",
                "original tinyweb",
                {CLOSE: "original_app.py"},
                "original_tinyweb",
                (original_module(original),),
                frozen=False,
            )
        )
    if wanted is None:
        return found
    return [program for program in found if program.key in {CEILING, *wanted}]


def original_module(checkout):
    """Copies server.py of `checkout` to where it does not hide this project's tinyweb."""
    folder = BUILD / "original"
    folder.mkdir(parents=True, exist_ok=True)
    source = pathlib.Path(checkout) / "tinyweb" / "server.py"
    shutil.copyfile(source, folder / "original_tinyweb.py")
    return folder


def build(bits, manifest=None, rom=True):
    """Builds the simulator and returns its path.

    rom: whether packages are in ROM, as docs/rom.md says.

    manifest: a manifest file instead of the simulator's own; such a simulator gets a
    folder of its own in build/bench.
    """
    env = dict(os.environ)
    if not rom:
        env["ROM"] = "0"
    if manifest is not None:
        env["FROZEN_MANIFEST"] = str(manifest)
        env["SIMULATOR_OUT"] = str(BUILD / f"simulator-{bits}-{manifest.stem}")
    done = subprocess.run(
        [TOP / "ci" / "build-simulator", str(bits)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return pathlib.Path(done.stdout.splitlines()[-1])


class Ended(Exception):
    """The program ended by itself; the text is its output."""


class Running:
    """A started program: host, port, pid."""

    def __init__(self, process, port, output):
        self.process = process
        self.host = HOST
        self.port = port
        self.pid = process.pid
        self._output = output

    def output(self):
        """What the program has written so far."""
        return pathlib.Path(self._output.name).read_text(encoding="utf-8", errors="replace")

    def cpu_seconds(self):
        """Processor time of the program so far, to the nanosecond, of all its threads."""
        text = pathlib.Path(f"/proc/{self.pid}/schedstat").read_text(encoding="ascii")
        return int(text.split()[0]) / 1e9

    def interrupt(self, timeout=10):
        """Ends the program as Ctrl-C does and returns its output."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout)
        return self.output()


@contextlib.contextmanager
def running(simulator, program, mode, *, heap=None, probe=None, wrapper=(), timeout=30):
    """Runs `program` until the with block ends.

    heap: -X heapsize=, in bytes, or None for the port's own. probe: a file in
    bench/probes that imports the application, which then has one connection at a time.
    wrapper: a command put before the
    simulator's. Raises Ended when the program does not come to listen.
    """
    app = APPS / program.apps[mode]
    port = free_port(HOST)
    command = [*wrapper, simulator]
    if heap is not None:
        command += ["-X", f"heapsize={heap}"]
    command += [app if probe is None else FOLDER / "probes" / probe, str(port), HOST]
    if probe is not None:
        command += [app.stem, "1"]
    with tempfile.NamedTemporaryFile(prefix="bench-") as output:
        process = subprocess.Popen(
            command,
            env=environment({"MICROPYPATH": program.search_path()}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        running = Running(process, port, output)
        try:
            deadline = time.monotonic() + timeout
            while not listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Ended(running.output())
                time.sleep(0.005)
            yield running
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def runs(simulator, program):
    """Whether the program's module is in this simulator; the bare loops always are."""
    if program.module is None:
        return True
    done = subprocess.run(
        [simulator, "-c", f"import {program.module}"],
        env=environment({"MICROPYPATH": program.search_path()}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0

# SPDX-License-Identifier: MIT
"""The simulator as tests use it: build it, run a program in it, serve from it."""

import dataclasses
import functools
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import textwrap
import time

from . import chip

TOP = pathlib.Path(__file__).resolve().parents[2]

# Modules for programs in the simulator, which search_path() lets them import
SIMULATOR_MODULES = TOP / "tests" / "support" / "simulator_modules"
# Whether programs count what they execute: ci/coverage.
COUNTS = os.environ.get("COVERAGE") == "1"
# Long enough for a loaded machine; a test that needs less waits less.
DEFAULT_TIMEOUT = 30


@dataclasses.dataclass(frozen=True)
class Simulator:
    """A built simulator; usable wherever a path is (``subprocess``, ``open``)."""

    path: pathlib.Path
    bits: int

    def __fspath__(self):
        return str(self.path)

    def __str__(self):
        return str(self.path)

    def command(self, program, args=(), heap=None):
        """The argument list that runs `program` (a path) with `args`.

        heap: size of the garbage-collected heap as ``-X heapsize=`` takes it, in
        bytes or with a suffix ("38k"), beside modules that are not in ROM; None is the
        port's own default.
        """
        command = [str(self.path)]
        if heap is not None:
            command += ["-X", f"heapsize={chip.beside_modules(heap)}"]
        return [*command, str(program), *map(str, args)]


def made(bits, **environment):
    """What ci/build-simulator makes with this in its environment; a Simulator."""
    done = subprocess.run(
        [TOP / "ci" / "build-simulator", str(bits)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"ci/build-simulator {bits} failed:\n{done.stderr[-4000:]}")
    return Simulator(pathlib.Path(done.stdout.splitlines()[-1]), bits)


@functools.cache
def build(bits=64, patched=False):
    """Builds the simulator once in a test run and returns it.

    patched: one without modules in ROM, for programs that replace names of modules.
    """
    return made(bits, **({"ROM": "0"} if patched else {}))


@functools.cache
def linkable(bits=64):
    """The simulator without sanitizers, whose objects a test links with more.

    With COVERAGE=1 it is the one that counts.
    """
    return made(bits, SANITIZE="0")


@functools.cache
def sanitized(bits=32):
    """The simulator with gcc's sanitizers, which know the objects in the heap: see heap.c.

    It runs its program RESTARTS times: see restarts.c. With COVERAGE=1 it is the one that counts.
    """
    return made(bits, SANITIZE="0" if COUNTS else "1")


# What gcc's sanitizers write before they end a program, as MicroPython's assertions do.
FOUND = re.compile(r"ERROR: AddressSanitizer|runtime error: |Assertion `.*' failed")


def no_finding(output):
    """Fails the test when a sanitizer or an assertion has ended the program that wrote this."""
    found = FOUND.search(output)
    assert not found, output[found.start() :][:8000]


def search_path(*folders):
    """The environment of a program that imports from `folders`, too: first of all."""
    return {"MICROPYPATH": ":".join([*map(str, folders), ".frozen"])}


def environment(extra=None):
    """The environment for a program: only frozen modules, no user's own ones."""
    return {**os.environ, **search_path(), **(extra or {})}


def program_file(program, folder):
    """Returns a path to `program`: a path as it is, source text written to `folder`."""
    if isinstance(program, os.PathLike):
        return pathlib.Path(program)
    file = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "program.py"
    file.write_text(textwrap.dedent(program), encoding="utf-8")
    return file


def run(
    program,
    *,
    folder,
    bits=64,
    heap=None,
    args=(),
    cwd=None,
    env=None,
    timeout=DEFAULT_TIMEOUT,
    check=True,
    patched=False,
):
    """Runs a MicroPython program to its end and returns the CompletedProcess (text).

    program: source text, or a path object. folder: where text is written.
    args: follow in ``sys.argv[1:]``. env: added to the environment. patched: see build().
    Fails the test on a timeout (seconds), and on a non-zero exit unless `check` is false.
    """
    command = build(bits, patched).command(program_file(program, folder), args, heap)
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise AssertionError(
            f"the program did not end within {timeout} s\n"
            f"stdout: {error.stdout!r}\nstderr: {error.stderr!r}"
        ) from None
    no_finding(done.stderr)
    if check and done.returncode != 0:
        raise AssertionError(
            f"the program ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
    return done


def free_port(host="127.0.0.1"):
    """A TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def listens(port):
    """Whether some process listens on the IPv4 TCP port, without connecting to it.

    A probing connection would take one of the server's few slots.
    """
    with open("/proc/net/tcp", encoding="ascii") as table:
        next(table)
        for line in table:
            _, local, _, state = line.split()[:4]
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                return True
    return False


class Server:
    """A MicroPython program that listens; ``serve`` starts it and ends it.

    host, port, url: where it listens. process: the subprocess.Popen.
    """

    def __init__(self, process, host, port, log_file):
        self.process = process
        self.host = host
        self.port = port
        self.url = f"http://{host}:{port}"
        self._log_file = log_file

    def log(self):
        """What the program has written to stdout and stderr so far."""
        return self._log_file.read_text(encoding="utf-8", errors="replace")

    def stop(self, timeout=5):
        """Ends the program as Ctrl-C does, by force after `timeout` seconds.

        Returns its exit status; fails the test when a sanitizer has found something. May be called
        again.
        """
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        status = self.process.wait()
        no_finding(self.log())
        return status


def start_server(
    program,
    *,
    folder,
    bits=64,
    heap=None,
    args=(),
    cwd=None,
    env=None,
    host="127.0.0.1",
    port=None,
    timeout=DEFAULT_TIMEOUT,
    simulator=None,
    patched=False,
):
    """Starts a program that listens on ``int(sys.argv[1])`` and returns it as a Server.

    The host is `sys.argv[2]`, `args` follow. port: by default one that is free.
    simulator: another one than `bits` names. patched: see build().
    Returns as soon as the port is listened
    on; fails the test with the program's output if it ends or stays silent.
    """
    file = program_file(program, folder)
    simulator = simulator or build(bits, patched)
    given = port
    for attempt in (1, 2, 3):
        port = given or free_port(host)
        log_file = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "log"
        with open(log_file, "wb") as log:
            process = subprocess.Popen(
                simulator.command(file, (port, host, *args), heap),
                cwd=cwd,
                env=environment(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        server = Server(process, host, port, log_file)
        deadline = time.monotonic() + timeout
        while process.poll() is None and time.monotonic() < deadline:
            if listens(port):
                return server
            time.sleep(0.01)
        ended = process.poll()
        server.stop()
        # Somebody else may have taken the port between the question and its use.
        if ended is not None and "EADDRINUSE" in server.log() and attempt < 3:
            continue
        reason = "did not listen in time" if ended is None else f"ended with {ended}"
        raise AssertionError(f"the server {reason}:\n{server.log()}")

# SPDX-License-Identifier: MIT
"""Fixtures for all tests. What is under test is always the built firmware."""

import argparse
import collections
import functools
import os

import pytest

from support import chip
from support import simulator as support
from support.chromium import browser, launch, playwright  # noqa: F401
from support.wire import Wire


def address(text):
    """Parse [PORT=]HOST:PORT: ``(port of the board, 8081 if not given, (host, port))``."""
    board, _, here = text.rpartition("=")
    host, _, port = here.rpartition(":")
    if not host or not all(number.isdecimal() for number in (board or "8081", port)):
        raise argparse.ArgumentTypeError(f"{text} is not [PORT=]HOST:PORT")
    return int(board or 8081), (host, int(port))


def pytest_addoption(parser):
    parser.addoption(
        "--device",
        metavar="PORT",
        help="run tests/board or tests/device on the board at this port, not on the emulated one",
    )
    parser.addoption(
        "--address",
        metavar="[PORT=]HOST:PORT",
        type=address,
        action="append",
        default=[],
        help="where a port (8081) of the board on --device is reached, if not at its own address",
    )
    parser.addoption(
        "--all-cases",
        action="store_true",
        help="run all of tests/conformance and tests/http on the board too, not one case in four",
    )


class FailuresAtOnce:
    """Prints each failure when it comes: a run that is stopped for its time has no summary."""

    def __init__(self, terminal):
        self._terminal = terminal

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self._terminal.write_line(f"\n{report.nodeid}: {report.when}\n{report.longreprtext}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if chip.MODULES:
        # Of the emulated board, for ci/build-emulator.
        os.environ["HEAP_SIZE"] = str(chip.HEAP + chip.MODULES)
    terminal = config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None:  # The workers of xdist have none.
        config.pluginmanager.register(FailuresAtOnce(terminal))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Files that build a firmware come first, then those with many tests.

    With several workers the last file decides when all is done. A file that builds is known by
    its marker `timeout`.
    """
    for item in items:
        if os.environ.get("SANITIZE") == "1" and item.get_closest_marker("heap"):
            item.add_marker(pytest.mark.skip(reason="the heap is larger: tests/support/heap.c"))
    seconds, count = collections.Counter(), collections.Counter()
    for item in items:
        marker = item.get_closest_marker("timeout")
        seconds[item.path] = max(seconds[item.path], marker.args[0] if marker else 0)
        count[item.path] += 1
    items.sort(key=lambda item: (-seconds[item.path], -count[item.path], item.path))


@pytest.fixture
def simulator():
    """The 64-bit simulator."""
    return support.build(64)


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def simulator_any(request):
    """Each simulator in turn; 32-bit has the object size of the chips."""
    return support.build(request.param)


@pytest.fixture
def run_mpy(tmp_path):
    """``run_mpy(code, *, bits=64, heap=None, args=(), ...)``: see support.simulator.run."""
    return functools.partial(support.run, folder=tmp_path)


@pytest.fixture
def serve(tmp_path):
    """``serve(program, *, bits=64, heap=None, ...)``: see support.simulator.start_server.

    Servers that the test leaves running are ended with it.
    """
    servers = []

    def start(program, **options):
        server = support.start_server(program, folder=tmp_path, **options)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def wire(app):
    """``wire()`` opens a raw connection to the program of the folder's fixture `app`."""

    def connect(**options):
        return Wire(app.host, app.port, **options)

    return connect

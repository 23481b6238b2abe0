# SPDX-License-Identifier: MIT
"""The programs in apps/, served once for each module."""

import pathlib

import pytest

from support import frames
from support.simulator import start_server

APPS = pathlib.Path(__file__).parent / "apps"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("websocket")


def _serve(name, **options):
    server = start_server(APPS / name, **options)
    yield server
    alive = server.process.poll() is None
    server.stop()
    # Ctrl-C itself is the only thing that may have been reported.
    assert alive and server.log().count("Traceback") <= 1, server.log()


SETTINGS = [(64, None, 400000, 10), (32, "38k", 4096, 3)]


@pytest.fixture(scope="module", params=SETTINGS, ids=["64-bit", "32-bit-38k"])
def echo(request, folder):
    """apps/echo.py, also in the heap of an ESP8266 with as many slots."""
    bits, heap, *args = request.param
    yield from _serve("echo.py", folder=folder, bits=bits, heap=heap, args=args)


@pytest.fixture(scope="module")
def large(folder):
    """apps/echo.py with a heap for large messages."""
    yield from _serve("echo.py", folder=folder, args=(400000, 10))


def _ends(bits, tmp_path, send_timeout):
    server = start_server(APPS / "ends.py", folder=tmp_path, bits=bits, args=(send_timeout,))
    yield server
    # 0 where a test has stopped it.
    assert server.process.poll() in (None, 0), server.log()
    server.stop()


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def ends(request, tmp_path):
    """apps/ends.py for clients that answer in time."""
    yield from _ends(request.param, tmp_path, 1)


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def hasty(request, tmp_path):
    """apps/ends.py for clients that never answer."""
    yield from _ends(request.param, tmp_path, 0.2)


@pytest.fixture
def connect():
    """``connect(server, path, ...)``: see support.frames.connect(); closed with the test."""
    peers = []

    def start(*args, **options):
        peers.append(frames.connect(*args, **options))
        return peers[-1]

    yield start
    for peer in peers:
        peer.sock.close()

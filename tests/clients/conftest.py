# SPDX-License-Identifier: MIT
"""One server for each module, checked for lost slots and descriptors after each test."""

import os
import pathlib

import pytest

from support.health import TOGETHER, Health
from support.simulator import start_server

SLOTS = 4  # max_concurrency of app.py
FILE_SIZE = 300000


@pytest.fixture(scope="session")
def content():
    """What /file serves."""
    return os.urandom(FILE_SIZE)


@pytest.fixture(scope="module")
def health(request, tmp_path_factory, content):
    """The server and its state when it was fresh; the module says in BITS which simulator."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "file.bin").write_bytes(content)
    program = folder / "app.py"
    text = (pathlib.Path(__file__).parent / "app.py").read_text()
    program.write_text(text.replace("# together\n", TOGETHER))
    server = start_server(program, folder=folder, cwd=folder, bits=request.module.BITS)
    yield Health(server, SLOTS)
    server.stop()


@pytest.fixture
def server(health):
    """The server; after the test it must be as good as new."""
    before = len(health.server.log())
    yield health.server
    health.check()
    log = health.server.log()[before:]
    assert "Task exception" not in log and "MemoryError" not in log, log

# SPDX-License-Identifier: MIT
"""Each module of this folder names a program in APP; it is served once for each simulator.

PATCHED says that it replaces names of modules.
"""

import pathlib

import httpx
import pytest

from support.simulator import start_server

APPS = pathlib.Path(__file__).parent / "apps"


@pytest.fixture(scope="module", params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def app(request, tmp_path_factory):
    """The module's program, being served from a folder of its own; 32-bit with a chip's heap."""
    bits, heap = request.param
    folder = tmp_path_factory.mktemp("app")
    program = APPS / request.module.APP
    patched = getattr(request.module, "PATCHED", False)
    server = start_server(
        program, folder=folder, bits=bits, heap=heap, cwd=folder, patched=patched
    )
    server.folder = folder
    yield server
    server.stop()
    # Ctrl-C itself is the only thing that may have been reported.
    assert server.log().count("Traceback") <= 1, server.log()


@pytest.fixture
def client(app):
    """A new httpx.Client for the module's program, which asks for pages as browsers do."""
    accept = {"Accept": "text/html,*/*;q=0.8"}
    with httpx.Client(base_url=app.url, timeout=20, trust_env=False, headers=accept) as session:
        yield session

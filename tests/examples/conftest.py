# SPDX-License-Identifier: MIT
from pathlib import Path

import httpx
import pytest

from support.simulator import TOP, search_path

NODEMCU = Path(__file__).parent / "nodemcu"

# The ports of the chips set such a threshold before anything else runs.
PROGRAM = """\
import gc, sys
gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
import {0} as example
example.run(host="127.0.0.1", port=int(sys.argv[1]))
"""


@pytest.fixture(params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def run_module(request, serve, tmp_path):
    """``run_module(name, folder=None)``: a Server of the module, which may be in that folder.

    The 32-bit run has the heap of an ESP8266.
    """
    bits, heap = request.param

    def start(name, folder=None):
        env = None if folder is None else search_path(folder)
        return serve(PROGRAM.format(name), bits=bits, heap=heap, cwd=tmp_path, env=env)

    return start


@pytest.fixture
def frozen(run_module):
    """``frozen(name, nodemcu=False)``: an HTTP client of an example that is part of the image.

    With `nodemcu`, the pins and the Wi-Fi of a board are there.
    """
    clients = []

    def start(name, nodemcu=False):
        server = run_module(f"examples.{name}", NODEMCU if nodemcu else None)
        clients.append(httpx.Client(base_url=server.url, timeout=10))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


@pytest.fixture
def example(run_module):
    """``example(name)``: a Server of that file in frozen/examples/.

    As on a chip, it is compiled from its source there.
    """
    return lambda name: run_module(name, TOP / "frozen" / "examples")


@pytest.fixture
def client(request, example):
    """An HTTP client of the example that the module names in EXAMPLE."""
    with httpx.Client(base_url=example(request.module.EXAMPLE).url, timeout=20) as client:
        yield client

# SPDX-License-Identifier: MIT
from pathlib import Path

import httpx
import pytest

NODEMCU = Path(__file__).parent / "nodemcu"

# The ports of the chips set such a threshold before anything else runs.
PROGRAM = """\
import gc, sys
gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
import examples.{0} as {0}
{0}.run(host="127.0.0.1", port=int(sys.argv[1]))
"""


@pytest.fixture(params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def example(request, serve, tmp_path):
    """Return a function that serves an example and returns an HTTP client for it.

    `example(name, nodemcu=False)`: with `nodemcu`, the pins and the Wi-Fi of a board are there.
    The 32-bit run has the heap of an ESP8266.
    """
    bits, heap = request.param
    clients = []

    def start(name, nodemcu=False):
        env = {"MICROPYPATH": f"{NODEMCU}:.frozen"} if nodemcu else None
        server = serve(PROGRAM.format(name), bits=bits, heap=heap, cwd=tmp_path, env=env)
        client = httpx.Client(base_url=server.url, timeout=10)
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.close()

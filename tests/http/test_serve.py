# SPDX-License-Identifier: MIT
"""serve(): the server as a coroutine, in a program that has a loop of its own."""

import re

import httpx
import pytest

from support.simulator import TOP, free_port

PROGRAM = """
import asyncio
import tinyweb

app = tinyweb.webserver()

@app.route("/")
async def index(req, resp):
    return "hello"

async def ask():
    reader, writer = await asyncio.open_connection("127.0.0.1", {port})
    writer.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
    await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer[-5:]

async def main():
    for _ in range(2):
        server = asyncio.create_task(app.serve("127.0.0.1", {port}))
        await asyncio.sleep(0)
        print(await ask())
        {end}
        try:
            print(await server)
        except asyncio.CancelledError:
            print("cancelled")

asyncio.run(main())
print(app.slots)
"""


@pytest.mark.parametrize(
    ("end", "says"),
    [
        ("app.shutdown()", "None"),
        ("await app.stop()", "None"),
        ("server.cancel()", "cancelled"),
    ],
)
def test_served_until(run_mpy, end, says):
    """Twice at the same port, so the first one has closed it."""
    done = run_mpy(PROGRAM.format(port=free_port(), end=end))
    assert done.stdout.splitlines() == ["b'hello'", says] * 2 + ["[]"]


def test_an_address_that_cannot_be_used(run_mpy):
    done = run_mpy(
        """
        import asyncio
        import tinyweb

        try:
            asyncio.run(tinyweb.webserver().serve("192.0.2.1"))
        except OSError as exc:
            print(exc)
        """
    )
    assert done.stdout == "(99, 'cannot listen on 192.0.2.1:8081')\n"


PAGE = (TOP / "docs" / "tasks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [0, 1])
def test_programs_of_the_page(serve, tmp_path, number):
    """As they are, but for host and port."""
    program = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)[number]
    text, n = re.subn(
        r'host="0.0.0.0", port=8081', "host=sys.argv[2], port=int(sys.argv[1])", program
    )
    assert n == 1
    server = serve("import sys\n" + text, cwd=tmp_path)
    answer = httpx.get(server.url, trust_env=False, timeout=20)
    assert answer.text in ("On for 0 minutes", '{"readings": [0]}', '{"readings": [0, 1]}')

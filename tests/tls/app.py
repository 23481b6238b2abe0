# SPDX-License-Identifier: MIT
# HTTPS: usage app.py PORT HOST CERTIFICATE KEY
import asyncio
import sys

import tinyweb
from tinyweb import tls

port, host, certificate, key = sys.argv[1:5]
app = tinyweb.webserver(request_timeout=2, max_concurrency=3)
turns = 0


@app.route("/")
async def hello(req, resp):
    await resp.start_html()
    await resp.send("hello")


@app.route("/bytes/<count>")
async def some_bytes(req, resp, count):
    part = bytes(range(256)) * 4
    await resp.start_html()
    for _ in range(int(count) // 1024):
        await resp.send(part)


@app.route("/upload", methods=["POST"], max_body_size=2_000_000)
async def upload(req, resp):
    count = 0
    buf = bytearray(1000)
    while True:
        n = await req.readinto(buf)
        if not n:
            break
        count += n
    await resp.send(str(count))


@app.route("/free")
async def free_slots(req, resp):
    # This request has one.
    await resp.send(str(sum(slot.sock is None for slot in app.slots)))


@app.route("/turns")
async def get_turns(req, resp):
    await resp.send(str(turns))


async def count_turns():
    global turns
    while True:
        turns += 1
        await asyncio.sleep(0)


async def main():
    asyncio.create_task(count_turns())
    app.run(host, int(port), loop_forever=False, ssl=tls.context(certificate, key))
    await asyncio.Event().wait()


asyncio.run(main())

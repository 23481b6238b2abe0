# SPDX-License-Identifier: MIT
"""Live values by server-sent events: a page shows the device's clock and free memory.

No image has it. To copy it to a board and start it:

    mpremote cp frozen/examples/live_values.py : + exec "import live_values; live_values.run()"
"""

import asyncio
import gc
import time

import tinyweb
from tinyweb.sse import with_sse

app = tinyweb.webserver()

PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Live values</title><h1>Live values</h1>
<p>Running for <output id="uptime">?</output> s, <output id="free">?</output> bytes are free.
<script>
new EventSource("/values").onmessage = e => {
  const values = JSON.parse(e.data);
  for (const name in values) document.getElementById(name).textContent = values[name];
};
</script>
"""


@app.route("/")
async def index(req, resp):
    await resp.start_html()
    await resp.send(PAGE)


@app.route("/values")
@with_sse
async def values(req, events):
    start = time.ticks_ms()
    while True:
        uptime = time.ticks_diff(time.ticks_ms(), start) // 1000
        await events.send({"uptime": uptime, "free": gc.mem_free()})
        await asyncio.sleep(1)


def run(host="0.0.0.0", port=8081):
    app.run(host, port)


if __name__ == "__main__":
    run()

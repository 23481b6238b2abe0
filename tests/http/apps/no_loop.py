# SPDX-License-Identifier: MIT
# run(loop_forever=False) beside the application's own task; two servers in one process would
# need a second port, so the task proves that the loop is the application's.
import asyncio
import sys

import tinyweb

app = tinyweb.webserver()
ticks = 0


@app.route("/ticks")
async def show(request, response):
    await response.start_html()
    await response.send(str(ticks))


async def ticker():
    global ticks
    while True:
        ticks += 1
        await asyncio.sleep_ms(10)


result = app.run(host="127.0.0.1", port=int(sys.argv[1]), loop_forever=False)
print("returned")
loop = asyncio.get_event_loop()
loop.create_task(ticker())
loop.run_forever()

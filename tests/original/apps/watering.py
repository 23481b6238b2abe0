# SPDX-License-Identifier: MIT
# A watering can with a main loop of its own, which lets the server run for a moment in each round;
# its loop is what run() returned.
import sys

import tinyweb

app = tinyweb.webserver()
rounds = 0


@app.route("/", method="GET")
async def index(request, response):
    await response.start_html()
    await response.send("round {}".format(rounds))


@app.route("/pour", methods=["POST"], method="POST", cache=True)
async def pour(request, response):
    await response.start_html()
    await response.send("poured")


async def leave():
    loop.stop()


loop = app.run(host=sys.argv[2], port=int(sys.argv[1]), loop_forever=False)
while True:
    rounds += 1
    loop.create_task(leave())
    loop.run_forever()

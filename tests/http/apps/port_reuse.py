# SPDX-License-Identifier: MIT
# Each SIGINT shuts one server down as documented; the next one opens the same port in the same
# process. Before each round the process reports its tasks and its open descriptors.
import asyncio
import gc
import os
import sys

import tinyweb

PORT = int(sys.argv[1])
ROUNDS = 3


async def all_shutdown():
    await asyncio.sleep_ms(100)


def serve(number):
    web = tinyweb.webserver(max_concurrency=4)

    @web.route("/")
    async def index(request, response):
        await response.start_html()
        await response.send("round {}".format(number))

    @web.route("/hang")
    async def hang(request, response):
        await response.start_html()
        await response.send("hanging")
        try:
            await asyncio.sleep(60)
        finally:
            print("handler ended")

    try:
        web.run(host="127.0.0.1", port=PORT)
    except KeyboardInterrupt:
        web.shutdown()
        asyncio.get_event_loop().run_until_complete(all_shutdown())


for number in range(ROUNDS):
    serve(number)
    gc.collect()
    print("descriptors", len(list(os.ilistdir("/proc/self/fd"))))
print("finished")

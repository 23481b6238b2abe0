# SPDX-License-Identifier: MIT
# The documentation's shutdown example, word for word between the marks; CTRL+C arrives as SIGINT.
import onport  # noqa: F401

import asyncio

import tinyweb
import uasyncio


# fmt: off
# ---- as documented
async def all_shutdown():
    await asyncio.sleep_ms(100)

try:
    web = tinyweb.webserver()
    web.run()
except KeyboardInterrupt as e:
    print(' CTRL+C pressed - terminating...')
    web.shutdown()
    uasyncio.get_event_loop().run_until_complete(all_shutdown())
# ---- as documented
# fmt: on

print("finished")

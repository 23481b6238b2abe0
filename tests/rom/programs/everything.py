# SPDX-License-Identifier: MIT
# Imports all modules that sys.argv names, uses some of them, and collects at every turn.
import gc
import sys

gc.collect()
gc.threshold(2000)
NAMES = sys.argv[1:]
modules = []
for name in NAMES:
    module = __import__(name)
    for part in name.split(".")[1:]:
        module = getattr(module, part)
    modules.append(module)
    gc.collect()
    # Every object of the module, and every attribute of its classes
    for attribute in dir(module):
        value = getattr(module, attribute, None)
        if isinstance(value, type):
            for inner in dir(value):
                getattr(value, inner, None)
gc.collect()
print(len(modules))

import asyncio

import tinyweb
from tinyweb import broadcast, csrf, login, sessions, template
from tinyweb.testing import TestClient

app = tinyweb.webserver()
members = sessions.Sessions()


class Teapot(tinyweb.HTTPException):
    def __init__(self):
        super().__init__(418)


@app.route("/")
async def index(req, resp):
    gc.collect()
    return {"path": req.path.decode()}


@app.route("/teapot")
async def teapot(req, resp):
    raise Teapot()


@app.route("/form", methods=["POST"])
async def form(req, resp):
    data = await req.read_parse_form_data()
    gc.collect()
    return data


@app.resource("/rest/<number>")
def rest(data, number):
    return {"number": number}


client = TestClient(app)
for i in range(20):
    print(client.get("/").json(), client.get("/nothing").status, client.get("/teapot").status)
    print(client.post("/form", form={"a": str(i)}).text, client.get("/rest/%d" % i).text)
    gc.collect()


async def main():
    lock = asyncio.Lock()
    event = asyncio.Event()

    async def wait():
        async with lock:
            await event.wait()
            gc.collect()

    async def event_of_nobody():
        await asyncio.Event().wait()

    tasks = [asyncio.create_task(wait()) for _ in range(3)]
    await asyncio.sleep_ms(1)
    event.set()
    answers = await asyncio.gather(client.get("/"), client.get("/rest/1"), *tasks)
    print([x.status for x in answers[:2]])
    try:
        await asyncio.wait_for(event_of_nobody(), 0.01)
    except asyncio.TimeoutError:
        print("late")


asyncio.run(main())
asyncio.new_event_loop()
gc.collect()
print(sys.modules["tinyweb"] is tinyweb)

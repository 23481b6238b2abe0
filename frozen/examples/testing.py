# SPDX-License-Identifier: MIT
"""A counter and its tests, which need no network: they run in the simulator and on the device.

No image has it. On the computer, and on a board:

    make start APP=frozen/examples/testing.py
    mpremote run frozen/examples/testing.py
"""

import tinyweb
from tinyweb.testing import TestClient

app = tinyweb.webserver()
counts = {}


@app.route("/counts/<name>", methods=("GET",))
def show(req, resp, name):
    if name not in counts:
        raise tinyweb.HTTPException(404)
    return {"count": counts[name]}


@app.route("/counts/<name>", methods=("POST",))
async def add(req, resp, name):
    data = await req.read_parse_form_data()
    try:
        counts[name] = counts.get(name, 0) + int(data.get("by", 1))
    except ValueError:
        raise tinyweb.HTTPException(400) from None
    return {"count": counts[name]}


def test_counting(client):
    assert client.get("/counts/visits").status == 404
    assert client.post("/counts/visits").json() == {"count": 1}
    assert client.post("/counts/visits", {"by": 5}).json() == {"count": 6}
    assert client.get("/counts/visits").json() == {"count": 6}


def test_what_is_no_number(client):
    assert client.post("/counts/visits", form={"by": "many"}).status == 400


def run():
    for test in (test_counting, test_what_is_no_number):
        counts.clear()
        test(TestClient(app))
        print(test.__name__, "passed")


if __name__ == "__main__":
    run()

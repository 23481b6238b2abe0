# SPDX-License-Identifier: MIT
"""A JSON API of lamps: typed parameters, hooks, error handlers, a mounted part, and CORS.

No image has it. To copy it to a board and start it:

    mpremote cp frozen/examples/routing.py : + exec "import routing; routing.run()"

`curl http://BOARD:8081/api/lamps` lists the lamps, and
`curl -X PUT http://BOARD:8081/api/lamps/1/level/70` dims one.
"""

import time

import tinyweb
from tinyweb.cors import CORS
from tinyweb.values import redirect

app = tinyweb.webserver(buffer_size=512)
api = tinyweb.webserver()

# Pages of any origin may show and dim the lamps.
CORS(api, max_age=3600)

lamps = {1: {"name": "Desk", "level": 0}, 2: {"name": "Shelf", "level": 30}}


def percent(value):
    number = int(value)
    if not 0 <= number <= 100:
        raise ValueError
    return number


api.converters["percent"] = percent


@api.before_request
def start_clock(request, response):
    request.started = time.ticks_us()


@api.after_request
def stop_clock(request, response):
    # A body that is too large is refused before any hook runs.
    started = getattr(request, "started", None)
    if started is not None:
        took = time.ticks_diff(time.ticks_us(), started)
        response.headers["Server-Timing"] = f"handler;dur={took / 1000}"


@api.route("/lamps", methods=["GET"])
def all_lamps(request, response):
    return {api_url(number): lamp for number, lamp in lamps.items()}


@api.route("/lamps/<int:number>", methods=["GET"])
def one_lamp(request, response, number):
    return lamps[number]


@api.route("/lamps/<int:number>/level/<percent:level>", methods=["PUT"])
def dim(request, response, number, level):
    lamps[number]["level"] = level
    return redirect(api_url(number), 303)


@api.errorhandler(KeyError)
def no_lamp(request, response, error):
    return {"error": "no such lamp"}, 404


def api_url(number):
    return app.url_for(one_lamp, number)


app.mount(api, "/api")


@app.route("/levels.csv")
def levels(request, response):
    response.headers["Content-Type"] = "text/csv"
    for number in sorted(lamps):
        yield "{name},{level}\n".format(**lamps[number])


@app.errorhandler(404)
def not_found(request, response, error):
    return {"error": "nothing at " + request.path.decode()}


def run(host="0.0.0.0", port=8081):
    app.run(host=host, port=port)


if __name__ == "__main__":
    run()

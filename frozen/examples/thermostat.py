# SPDX-License-Identifier: MIT
"""A thermostat: log-in, a page with live values, a REST resource, an event stream, a WebSocket.

    >>> import examples.thermostat as thermostat
    >>> thermostat.run()

The user is admin, the password is secret. Where there is neither sensor nor relay, read() and
switch() stand in for them: a room that cools down to 15 degrees, and a heater in it.
"""

import asyncio
import gc

import tinyweb
from tinyweb.broadcast import Broadcast
from tinyweb.csrf import Csrf
from tinyweb.login import Login
from tinyweb.sessions import Sessions
from tinyweb.sse import with_sse
from tinyweb.template import Template
from tinyweb.websocket import with_websocket

USERS = {
    "admin": "pbkdf2-sha256$1000$NkjS-47YGX2qIl8z$O5AmDZIxwaKXrIWYX5QL8TaYiielkBsMAfH2p-aokEg",
}

app = tinyweb.webserver(buffer_size=512)
login = Login(Sessions(), USERS)
csrf = Csrf()
room = Broadcast(drop=True)
# What the page shows, in degrees Celsius.
state = {"temperature": 18.0, "target": 20.0, "heating": False}

FORM = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Log in</title><h1>Thermostat</h1>
<form method="post">
<p><label>User <input name="user" autocomplete="username" required></label>
<p><label>Password
<input name="password" type="password" autocomplete="current-password" required></label>
<p><button>Log in</button>
</form>
"""
PAGE = Template(
    """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Thermostat</title><h1>Thermostat</h1>
<p><output id="temperature">{{ state.temperature }}</output> °C,
the heater is <output id="heating">{% if state.heating %}on{% else %}off{% endif %}</output>.
<p><label>Target <input id="target" type="number" min="5" max="30" step="0.5"
 value="{{ state.target }}"></label> °C
<form method="post" action="/logout"><button>{{ user }}: log out</button></form>
<script>
const $ = id => document.getElementById(id);
const show = state => {
  $("temperature").textContent = state.temperature.toFixed(1);
  $("heating").textContent = state.heating ? "on" : "off";
};
new EventSource("/values").onmessage = event => show(JSON.parse(event.data));
let control;
const connect = () => {
  control = new WebSocket("ws://" + location.host + "/control");
  control.onmessage = event => { $("target").value = event.data; };
  control.onclose = () => setTimeout(connect, 3000);
};
connect();
$("target").onchange = () => control.send($("target").value);
</script>
"""
)


def read(heating, temperature):
    """The temperature in degrees: that of the room a second after it was `temperature`."""
    return temperature + (0.05 if heating else 0) - (temperature - 15) / 200


def switch(on):
    """Switch the heater."""
    state["heating"] = on


def set_target(value):
    """Set the target to `value`, degrees as a number or str; ValueError where it is none."""
    value = float(value)
    if not 5 <= value <= 30:
        raise ValueError("5 to 30 degrees")
    state["target"] = value


async def control():
    """Measure and switch once a second, and tell the pages."""
    while True:
        state["temperature"] = read(state["heating"], state["temperature"])
        if abs(state["temperature"] - state["target"]) > 0.2:
            switch(state["temperature"] < state["target"])
        room.send(state)
        await asyncio.sleep(1)


@app.route("/login")
@csrf
@login.form
async def login_page(req, resp):
    await resp.start_html()
    await resp.send(FORM)
    if req.failed:
        await resp.send("<p role=alert>That is not the right user and password.\n")


@app.route("/logout", methods=["POST"])
@csrf
@login.logout
async def logout(req, resp):
    await resp.redirect("/login")


@app.route("/")
@login
async def index(req, resp):
    resp.add_header("Cache-Control", "no-store")
    return PAGE.render(state=state, user=req.user)


@csrf
@login
def guard(req, resp):
    """Before the resource: for users only, and from our own pages."""


class Thermostat:
    """The REST resource: GET tells the state, PUT sets the target."""

    def get(self, data):
        return state

    def put(self, data):
        try:
            set_target(data["target"])
        except (KeyError, TypeError, ValueError) as exc:
            return {"error": str(exc)}, 400
        return state


app.add_resource(Thermostat, "/state", before=guard)


@app.route("/values")
@login
@with_sse
async def values(req, events):
    room.add(events)
    await events.send(state)
    while True:
        await asyncio.sleep(60)


@app.route("/control")
@login
@with_websocket
async def targets(req, ws):
    await ws.send(str(state["target"]))
    async for message in ws:
        try:
            set_target(message)
        except ValueError:
            pass
        await ws.send(str(state["target"]))


def run(host="0.0.0.0", port=8081):
    """Serve until interrupted."""
    # Collected early, the heap keeps what lives long together, and the rest in one piece.
    gc.threshold((gc.mem_free() + gc.mem_alloc()) // 24)
    asyncio.create_task(control())
    app.run(host, port)


if __name__ == "__main__":
    run()

# SPDX-License-Identifier: MIT
"""A chat by WebSocket: what one page sends, all pages show.

No image has it. To copy it to a board and start it:

    mpremote cp frozen/examples/chat.py : + exec "import chat; chat.run()"
"""

import tinyweb
from tinyweb.broadcast import Broadcast
from tinyweb.websocket import with_websocket

app = tinyweb.webserver()
room = Broadcast()

PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Chat</title><h1>Chat</h1>
<form><input id="text" aria-label="Message" autocomplete="off" maxlength="200" autofocus>
<button>Send</button></form>
<p id="state" role="status">Connecting</p><ol id="log"></ol>
<script>
const $ = id => document.getElementById(id);
let ws;
function connect() {
  ws = new WebSocket("ws://" + location.host + "/ws");
  ws.onopen = () => $("state").textContent = "Connected";
  ws.onclose = () => { $("state").textContent = "Connecting"; setTimeout(connect, 2000); };
  ws.onmessage = e => $("log").append(Object.assign(document.createElement("li"),
    {textContent: e.data}));
}
document.forms[0].onsubmit = e => {
  e.preventDefault();
  ws.send($("text").value);
  $("text").value = "";
};
connect();
</script>
"""


@app.route("/")
async def index(req, resp):
    await resp.start_html()
    await resp.send(PAGE)


@app.route("/ws")
@with_websocket
async def chat(req, ws):
    room.add(ws)
    room.send(f"{len(room)} are here")
    async for message in ws:
        if isinstance(message, str):
            room.send(message)


def run(host="0.0.0.0", port=8081):
    app.run(host, port)


if __name__ == "__main__":
    run()

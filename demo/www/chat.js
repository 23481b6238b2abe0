// SPDX-License-Identifier: MIT
"use strict";

const SHOWN = 50;
const button = document.querySelector("#say button");
let socket;

async function connect() {
  try {
    // It loads this part of the demo; a WebSocket cannot be sent to it again.
    const answer = await fetch("chat/here", { cache: "no-store" });
    if (!answer.ok) throw answer;
    const url = new URL("chat/socket", location);
    url.protocol = url.protocol.replace("http", "ws");
    socket = new WebSocket(url);
    socket.onopen = () => connected(true);
    socket.onmessage = show;
    socket.onclose = lost;
  } catch {
    lost();
  }
}

function connected(on) {
  live(on);
  button.disabled = !on;
}

function lost() {
  connected(false);
  setTimeout(connect, 3000);
}

function show(event) {
  const message = JSON.parse(event.data);
  if ("here" in message) {
    $("here").textContent = message.here;
    return;
  }
  $("log").append(element("li", message.text));
  if ($("log").children.length > SHOWN) $("log").firstChild.remove();
  $("log").lastChild.scrollIntoView({ block: "nearest" });
}

$("say").onsubmit = (event) => {
  event.preventDefault();
  socket.send($("say").elements.text.value);
  $("say").reset();
};

connect();

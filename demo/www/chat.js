// SPDX-License-Identifier: MIT
"use strict";

const SHOWN = 50;
const button = document.querySelector("#say button");
let socket;
let timer;

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
  clearTimeout(timer);
  live(on);
  button.disabled = !on;
}

function lost() {
  connected(false);
  if (!document.hidden) timer = setTimeout(connect, 3000);
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

// A board has connections for two or three of them: a page that nobody sees leaves its own to others.
document.onvisibilitychange = () => {
  if (document.hidden) socket?.close();
  else if (socket?.readyState !== WebSocket.OPEN) connect();
};

$("say").onsubmit = (event) => {
  event.preventDefault();
  socket.send($("say").elements.text.value);
  $("say").reset();
};

connect();

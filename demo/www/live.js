// SPDX-License-Identifier: MIT
"use strict";

const free = [];
let count = 0;
let events = null;

function connect() {
  events?.close();
  events = new EventSource("live/values");
  events.onmessage = (event) => {
    const values = JSON.parse(event.data);
    const total = values.free + values.used;
    keep(free, values.free);
    live(true);
    $("uptime").textContent = duration(values.uptime);
    $("free").textContent = bytes(values.free);
    $("heap").textContent = "of a heap of " + bytes(total);
    $("count").textContent = ++count;
    chart("free-chart", free, total, bytes, 1);
  };
  events.onerror = () => {
    live(false);
    // A lost connection is tried again by itself; an answer that is no stream is the end of it.
    if (events.readyState === EventSource.CLOSED && !document.hidden) setTimeout(connect, 3000);
  };
}

// A board has connections for two or three streams: a page that nobody sees leaves its own to others.
document.onvisibilitychange = () => {
  if (document.hidden) events.close();
  else connect();
};

connect();

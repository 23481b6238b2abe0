// SPDX-License-Identifier: MIT
"use strict";

const free = [];
const rtt = [];
let interval = 2;
let revision = -1;
let timer;
let touched = false;

function send(method, path, data) {
  return fetch(path, {
    method,
    headers: data ? { "Content-Type": "application/json" } : {},
    body: data && JSON.stringify(data),
  });
}

function showSettings(s) {
  $("name").textContent = document.title = s.name;
  document.documentElement.dataset.accent = localStorage.accent = s.accent;
  interval = s.interval;
  // Not while somebody is filling it in.
  if (touched) return;
  const form = $("settings").elements;
  form.name.value = s.name;
  form.interval.value = s.interval;
  form.accent.value = s.accent;
}

function showWifi(w) {
  $("wifi").hidden = !w;
  if (!w) return;
  $("ssid").textContent = w.connected ? w.ssid : "Not connected";
  $("rssi").hidden = !w.connected;
  $("ip").textContent = w.connected ? w.ip + ", \u2212" + -w.rssi + "\u00a0dBm" : "";
  if (w.connected) $("rssi").value = w.rssi;
}

function showPins(pins) {
  $("pins").hidden = !pins;
  if (!pins) return;
  if (!$("pin-list").children.length) {
    $("pin-list").append(...pins.map(pinRow));
  }
  for (const p of pins) {
    const e = $("pin-" + p.name);
    if (p.output) e.checked = p.value;
    else e.textContent = p.value;
  }
}

function pinRow(p) {
  const row = document.createElement("li");
  const text = document.createElement("div");
  text.append(element("b", p.name), element("span", "GPIO" + p.gpio), element("p", p.note));
  text.lastChild.className = "muted";
  row.append(text);
  if (p.output) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    label.className = "switch";
    input.type = "checkbox";
    input.role = "switch";
    input.id = "pin-" + p.name;
    input.ariaLabel = p.name;
    input.onchange = () => change("PUT", "api/pins/" + p.name, { value: Number(input.checked) });
    label.append(input, document.createElement("span"));
    row.append(label);
  } else {
    row.append(element("b", ""));
    row.lastChild.id = "pin-" + p.name;
  }
  return row;
}

function show(s, ms) {
  const total = s.memory.free + s.memory.used;
  keep(free, s.memory.free);
  keep(rtt, ms);
  showSettings(s.settings);
  $("system").textContent = s.system;
  $("version").textContent = s.version;
  $("uptime").textContent = duration(s.uptime);
  $("free").textContent = bytes(s.memory.free);
  $("heap").textContent = "of a heap of " + bytes(total);
  chart("free-chart", free, total, bytes, interval);
  $("rtt").textContent = milliseconds(ms);
  $("rtt-note").textContent = "at most " + Math.max(...rtt).toFixed(1) + " ms lately";
  chart("rtt-chart", rtt, Math.max(...rtt) * 1.1, milliseconds, interval);
  showWifi(s.network);
  showPins(s.pins);
  $("led").checked = s.led;
  $("glow").hidden = !s.led;
  if (s.revision !== revision) return loadNotes();
}

// One request at a time: a small board has few connections to give.
async function poll() {
  clearTimeout(timer);
  try {
    const start = performance.now();
    const answer = await fetch("api/status", { cache: "no-store" });
    const s = await answer.json();
    await show(s, performance.now() - start);
    live(true);
  } catch {
    live(false);
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(poll, interval * 1000);
}

async function change(method, path, data) {
  try {
    await send(method, path, data);
  } finally {
    poll();
  }
}

async function loadNotes() {
  const answer = await (await fetch("api/notes", { cache: "no-store" })).json();
  revision = answer.revision;
  $("notes").replaceChildren(...answer.notes.map(noteRow));
  if (!answer.notes.length) $("notes").append(element("li", "Nothing to remember."));
}

function noteRow(note) {
  return row(element("span", note.text), note.text, async () => {
    await change("DELETE", "api/notes/" + note.id);
    $("add").elements.text.focus();
  });
}

$("led").onchange = () => change("PUT", "api/led", { on: $("led").checked });

$("add").onsubmit = async (event) => {
  event.preventDefault();
  const status = $("notes-status");
  status.textContent = "";
  try {
    const answer = await send("POST", "api/notes", { text: $("add").elements.text.value });
    if (answer.ok) $("add").reset();
    else status.textContent = (await answer.json()).message;
  } catch {
    status.textContent = "No answer from the board.";
  }
  poll();
};

$("settings").oninput = () => {
  touched = true;
  $("saved").textContent = "";
};

$("settings").onsubmit = async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData($("settings")));
  let text = "Not saved: no answer from the board.";
  try {
    // The board answers a saved form with a redirect to the page, which is here already.
    const answer = await fetch("settings", { method: "POST", body, redirect: "manual" });
    touched = answer.type !== "opaqueredirect";
    text = touched ? "Not saved: please check the values." : "Saved.";
  } catch {
    // The text says it.
  }
  $("saved").textContent = text;
  poll();
};

$("address").textContent = location.host;
document.onvisibilitychange = () => document.hidden || poll();
poll();

// SPDX-License-Identifier: MIT
// What all pages share: the navigation, the colour, and small helpers.
"use strict";

const PAGES = [
  ["/", "Board"],
  ["/live.html", "Live"],
  ["/chat.html", "Chat"],
  ["/files.html", "Files"],
  ["/guests/book", "Guests"],
  ["/login/page", "Login"],
  ["/cache.html", "Cache"],
];

const $ = (id) => document.getElementById(id);

function element(tag, text) {
  const e = document.createElement(tag);
  e.textContent = text;
  return e;
}

// A line of a list: a text or an element, and a button.
function row(content, label, act) {
  const item = document.createElement("li");
  const button = element("button", "Delete");
  button.ariaLabel = "Delete " + label;
  button.onclick = () => {
    button.disabled = true;
    act();
  };
  item.append(content, button);
  return item;
}

function bytes(n) {
  if (n >= 2 ** 30) return (n / 2 ** 30).toFixed(n < 10 * 2 ** 30 ? 2 : 1) + " GiB";
  if (n >= 2 ** 20) return (n / 2 ** 20).toFixed(2) + " MiB";
  return (n / 1024).toFixed(n < 10240 ? 2 : 1) + " KiB";
}

function milliseconds(n) {
  return n.toFixed(n < 10 ? 1 : 0) + " ms";
}

function duration(s) {
  const two = (n) => String(n).padStart(2, "0");
  const days = Math.floor(s / 86400);
  const clock = Math.floor(s / 3600) % 24 + ":" + two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
  return days ? days + " d " + clock : clock;
}

// Whether the board answers, in the line above the heading.
function live(on) {
  const text = on ? "Live" : "No connection";
  if ($("live").textContent !== text) $("live").textContent = text;
  $("live").className = "live " + (on ? "on" : "off");
}

// Draws the values from right to left, the newest at the right end.
const HISTORY = 40;

// unit: how a value is written. seconds: from one value to the next.
function chart(id, values, high, unit, seconds) {
  const x = (i) => 120 - (values.length - 1 - i) * 120 / (HISTORY - 1);
  const y = (v) => 40 - v / (high || 1) * 40;
  const line = values.map((v, i) => x(i).toFixed(1) + " " + y(v).toFixed(1)).join("L");
  const texts = { high: unit(high), low: unit(0), since: duration((HISTORY - 1) * seconds) + " ago" };
  for (const [name, text] of Object.entries(texts)) {
    $(id).querySelector("." + name).textContent = text;
  }
  const paths = $(id).querySelector("svg").children;
  paths[1].setAttribute("d", "M" + line);
  paths[0].setAttribute("d", "M" + x(0).toFixed(1) + " 40L" + line + "L120 40Z");
}

function keep(values, value) {
  values.push(value);
  if (values.length > HISTORY) values.shift();
}

// The dashboard knows the colour that was chosen; the other pages take what it was last.
document.documentElement.dataset.accent = localStorage.accent || "teal";

const nav = document.createElement("nav");
nav.ariaLabel = "Pages";
for (const [url, name] of PAGES) {
  const link = element("a", name);
  link.href = url;
  // The pages of a feature have the same first segment.
  if (url.split("/")[1] === location.pathname.split("/")[1]) link.ariaCurrent = "page";
  nav.append(link);
}
document.body.prepend(nav);

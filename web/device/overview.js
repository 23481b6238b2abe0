// SPDX-License-Identifier: MIT
// What the device is and how it goes, asked for every five seconds while the page is seen.
import { ask, button, h, restart, size, sleep, t, tried } from "./common.js";

const INTERVAL = 5000;
const MOST = 120;
const memory = [];
const flash = [];

function duration(seconds) {
  const parts = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24];
  parts.push(Math.floor(seconds / 60) % 60, seconds % 60);
  const units = ["d", "h", "min", "s"];
  const found = parts.findIndex((part) => part);
  const first = found < 0 ? 2 : Math.min(found, 2);
  return parts.slice(first, first + 2).map((part, i) => `${part} ${units[first + i]}`).join(" ");
}

function chart(values, most, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "chart");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  const step = 100 / Math.max(1, values.length - 1);
  const drawn = values.length < 2 ? [values[0], values[0]] : values;
  line.setAttribute(
    "points",
    drawn.map((value, i) => `${i * (values.length < 2 ? 100 : step)},${98 - (value / most) * 96}`).join(" "),
  );
  svg.append(line);
  return svg;
}

function keep(values, value) {
  values.push(value);
  if (values.length > MOST) values.shift();
}

function gauge(title, values, most) {
  return h(
    "section",
    { className: "card" },
    h("h2", {}, t(title)),
    h("p", { className: "small" }, t("of", size(values.at(-1)), size(most))),
    chart(values, most, t("history", t(title))),
  );
}

/** What is wrong with main.py, and the way to the line. */
function broken({ failure, main: program, safe }) {
  if (safe) {
    return h(
      "section",
      { className: "card bad" },
      h("h2", {}, t("safe")),
      h("p", {}, t("safe_what", program)),
      program.endsWith(".py")
        ? h("a", { className: "button", href: `#edit/${encodeURI(program)}` }, t("edit"))
        : null,
    );
  }
  // The last line that is in a file of the device: the others are the firmware's.
  const [, path, line] = [...failure.matchAll(/File "([^"]+)", line (\d+)/g)]
    .filter(([, name]) => !/^(tinyweb|asyncio)\//.test(name))
    .at(-1) || [null, null, 1];
  const file = path?.startsWith("/") ? path : `/${path}`;
  return h(
    "section",
    { className: "card bad" },
    h("h2", {}, t("failure", program)),
    h("pre", { tabIndex: 0 }, failure),
    // What is in ROMFS, or bytecode, cannot be changed here.
    path && file.endsWith(".py") && !file.startsWith("/rom/")
      ? h("p", {}, h("a", { className: "button", href: `#edit${encodeURI(file)}:${line}` }, t("edit_line", path, line)))
      : h("p", {}, h("a", { className: "button", href: "#apps/" }, t("apps"))),
  );
}

export default async function open(main) {
  let here = true;
  const cards = h("div", { className: "cards" });
  const log = h("pre", { tabIndex: 0 });
  const again = (safe) =>
    tried(async () => {
      if (confirm(t(safe ? "ask_safe" : "ask_restart"))) await restart(safe);
    });
  const trouble = h("div");
  main.replaceChildren(
    trouble,
    cards,
    h("section", { className: "card" }, h("h2", {}, t("log")), log),
    h(
      "div",
      { className: "row" },
      button(t("restart"), again(false), "danger"),
      button(t("restart_safe"), again(true), "danger"),
    ),
  );

  async function update() {
    const state = await (await ask("api/state")).json();
    if (!here) return;
    const disk = state.disk;
    keep(memory, state.heap[0]);
    keep(flash, disk.free * disk.block_size);
    const rows = {
      address: state.address,
      network: state.ssid,
      signal: state.signal && `${state.signal} dBm`,
      uptime: duration(state.uptime),
      cause: state.cause && t(state.cause),
      chip: state.board,
      version: state.version,
    };
    const list = h("dl");
    for (const [name, value] of Object.entries(rows)) {
      if (value) list.append(h("dt", {}, t(name)), h("dd", {}, value));
    }
    cards.replaceChildren(
      h("section", { className: "card" }, h("h2", {}, t("device")), list),
      gauge("memory", memory, state.heap[1]),
      gauge("flash", flash, disk.total * disk.block_size),
    );
    if (!trouble.firstChild && (state.failure || state.safe)) trouble.append(broken(state));
    log.textContent = state.log || t("no_log");
  }

  await update();
  (async () => {
    while (here) {
      await sleep(INTERVAL);
      if (here && !document.hidden) await tried(update)();
    }
  })();
  return (only) => {
    if (!only) here = false;
    return true;
  };
}

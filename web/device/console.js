// SPDX-License-Identifier: MIT
// The prompt: what the device prints, and the keys that it gets. It edits the line itself.
import { button, h, say, t } from "./common.js";

const LINES = 500;
const KEYS = {
  Enter: "\r",
  Backspace: "\x7f",
  Delete: "\x1b[3~",
  Tab: "\t",
  ArrowUp: "\x1b[A",
  ArrowDown: "\x1b[B",
  ArrowRight: "\x1b[C",
  ArrowLeft: "\x1b[D",
  Home: "\x1b[H",
  End: "\x1b[F",
};
const PASTE = "\x05";
const DONE = "\x04";

/** What a terminal shows of a text with the few sequences that the prompt sends. */
export class Screen {
  constructor() {
    this.lines = [""];
    this.column = 0;
    this.rest = "";
  }

  write(text) {
    text = this.rest + text;
    // A sequence may come in two messages.
    const cut = /\x1b(\[\d*)?$/.exec(text);
    this.rest = cut ? cut[0] : "";
    if (cut) text = text.slice(0, cut.index);
    for (const [part, count, command] of text.matchAll(/\x1b\[(\d*)([A-Za-z])|[^\x1b]/gu)) {
      const last = this.lines.length - 1;
      const line = [...this.lines[last]];
      if (command === "K") line.length = Math.min(line.length, this.column);
      else if (command === "D") this.column = Math.max(0, this.column - (count || 1));
      else if (command === "C") this.column += Number(count || 1);
      else if (command) continue;
      else if (part === "\r") this.column = 0;
      else if (part === "\b") this.column = Math.max(0, this.column - 1);
      else if (part === "\n") {
        this.lines.push("");
        this.column = 0;
        continue;
      } else {
        while (line.length < this.column) line.push(" ");
        line[this.column] = part;
        this.column += 1;
      }
      this.lines[last] = line.join("");
    }
    this.lines.splice(0, this.lines.length - LINES);
  }

  toString() {
    return this.lines.join("\n");
  }
}

export default function open(main) {
  const screen = new Screen();
  const shown = h("pre", { className: "terminal", tabIndex: 0, role: "log" });
  const keys = h("input", {
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: false,
    "aria-label": t("console_keys"),
  });
  let leaving = false;
  let free = false; // whether Tab leaves the keys
  let socket;

  const send = (text) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
  };
  const connect = () => {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/cp/serial/`);
    socket.onopen = () => send("\r");
    socket.onmessage = ({ data }) => {
      screen.write(data);
      shown.textContent = screen;
      shown.scrollTop = shown.scrollHeight;
    };
    socket.onclose = () => {
      if (!leaving) say(t("console_closed"));
    };
  };

  keys.onkeydown = (event) => {
    const tab = event.key === "Tab";
    if (event.key === "Escape") free = true;
    if ((tab && (free || event.shiftKey)) || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key !== "Escape") free = false;
    let text = KEYS[event.key];
    if (event.ctrlKey) text = /^[a-e]$/.test(event.key) && String.fromCharCode(event.key.charCodeAt(0) - 96);
    if (!text) return;
    event.preventDefault();
    send(text);
  };
  keys.oninput = (event) => {
    if (event.isComposing) return;
    send(keys.value);
    keys.value = "";
  };
  keys.addEventListener("compositionend", keys.oninput);
  keys.onpaste = (event) => {
    event.preventDefault();
    const text = event.clipboardData.getData("text").replace(/\r?\n/g, "\r");
    send(text.includes("\r") ? PASTE + text + DONE : text);
  };

  const key = (name, text) =>
    button(name, () => {
      send(text);
      keys.focus();
    });
  main.replaceChildren(
    h(
      "section",
      { className: "card" },
      h("h2", {}, t("console")),
      shown,
      keys,
      h("p", {}, t("console_what")),
      key("Ctrl-C", "\x03"),
      key("Ctrl-D", "\x04"),
      button(t("connect"), () => {
        socket.close();
        connect();
        keys.focus();
      }),
    ),
  );
  connect();
  keys.focus();
  return () => {
    leaving = true;
    socket.close();
    return true;
  };
}

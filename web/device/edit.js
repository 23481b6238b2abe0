// SPDX-License-Identifier: MIT
// The editor. The device's own compiler looks at a program before it replaces the old one.
import colour from "./colours.js";
import { ask, button, fs, h, restart, say, t, tried } from "./common.js";

const INDENT = "    ";

/** Show a line of a text area, and select it. */
function select(area, line) {
  const lines = area.value.split("\n");
  const before = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(before, before + (lines[line - 1] || "").length);
  const height = area.scrollHeight / lines.length;
  area.scrollTop = Math.max(0, (line - 5) * height);
}

export default async function open(main, place) {
  const [, path, line] = /^(.*?)(?::(\d+))?$/.exec(place);
  const answer = await ask(fs(path));
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await answer.arrayBuffer());
  } catch {
    throw new Error(t("no_text"));
  }
  const area = h("textarea", {
    value: text,
    spellcheck: false,
    autocapitalize: "off",
    autocomplete: "off",
    wrap: "off",
    "aria-label": t("editor", path),
  });
  const problem = h("div", { role: "alert" });
  // A text area has no ends of lines but \n.
  const opened = area.value;
  const end = /\r?\n/.exec(text)?.[0] ?? "\n";
  let saved = opened;
  let leaves = false;

  function put(more) {
    area.setRangeText(more, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
  }

  area.onkeydown = (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      store(false);
    } else if (event.key === "Tab" && !event.shiftKey && !leaves) {
      event.preventDefault();
      put(INDENT);
    } else if (event.key === "Enter") {
      const start = area.value.slice(0, area.selectionStart).split("\n").at(-1);
      const deeper = path.endsWith(".py") && /:\s*$/.test(start) ? INDENT : "";
      event.preventDefault();
      put(`\n${/^\s*/.exec(start)[0]}${deeper}`);
    }
    leaves = event.key === "Escape" || (leaves && event.key === "Shift");
  };

  /** Whether there is no error, or undefined if the program is too large to tell. */
  async function check() {
    problem.replaceChildren();
    if (!path.endsWith(".py")) return true;
    let found;
    try {
      found = await (await ask("api/check", { method: "POST", body: area.value })).json();
    } catch (error) {
      if (error.status === 413) return undefined;
      throw error;
    }
    if (!found.error) return true;
    problem.replaceChildren(
      h(
        "p",
        { className: "card bad" },
        t("error_at", found.line, found.error),
        " ",
        button(t("save_anyway"), () => store(false, true)),
      ),
    );
    if (found.line) select(area, found.line);
    return false;
  }

  const store = tried(async (runs, anyway) => {
    const right = anyway || (await check());
    if (right === false) return;
    problem.replaceChildren();
    const sent = area.value;
    const body = sent === opened ? text : sent.replaceAll("\n", end);
    await ask(fs(path), { method: "PUT", body });
    saved = sent;
    say(t(right ? "saved" : "unchecked"));
    if (runs) await restart();
  });

  main.replaceChildren(
    h("h2", {}, path),
    problem,
    h("div", { className: "editor" }, area),
    h("p", { className: "small" }, t("escape")),
    h(
      "div",
      { className: "row" },
      button(t("save"), () => store(false), "main"),
      button(t("save_restart"), () => store(true)),
      h("a", { href: `#files${encodeURI(path.replace(/[^/]+$/, ""))}` }, t("files")),
    ),
  );
  colour(area, path);
  if (line) select(area, line);
  return (only) => area.value === saved || (!only && confirm(t("unsaved")));
}

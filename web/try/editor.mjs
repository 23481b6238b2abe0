// SPDX-License-Identifier: MIT
// What a textarea lacks to be an editor for Python.

const INDENT = "    ";

// Types `text` in the place of the selection; the browser's undo knows it.
function type(area, text) {
  document.execCommand("insertText", false, text);
  area.dispatchEvent(new Event("input"));
}

/** Tab indents, Enter keeps the indentation; after Escape, Tab moves the focus as ever. */
export function makeEditor(area) {
  let leaves = false;
  area.addEventListener("focus", () => (leaves = false));
  area.addEventListener("keydown", (event) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (key === "Escape") {
      leaves = true;
    } else if (key === "Tab" && !leaves && !shiftKey) {
      event.preventDefault();
      type(area, INDENT);
    } else if (key === "Enter" && !ctrlKey && !metaKey && !altKey && !shiftKey) {
      const line = area.value.slice(0, area.selectionStart).split("\n").pop();
      event.preventDefault();
      type(area, `\n${line.match(/^ */)[0]}${/:\s*$/.test(line) ? INDENT : ""}`);
    }
  });
}

/** A prompt: `enter(text)` is called for what is complete; the arrow keys bring back what was. */
export function makePrompt(area, enter) {
  const history = [];
  let place = 0;
  const fit = () => (area.rows = area.value.split("\n").length);
  const show = (text) => {
    area.value = text;
    fit();
  };
  area.addEventListener("input", fit);
  area.addEventListener("keydown", (event) => {
    const text = area.value;
    if (event.key === "Enter" && !event.shiftKey) {
      const last = text.split("\n").pop();
      // A block ends with an empty line, as it does at the prompt of a board.
      if (/:\s*$/.test(text) || (text.includes("\n") && last.trim())) return;
      event.preventDefault();
      if (text.trim()) {
        place = history.push(text);
        show("");
        enter(text);
      }
    } else if (["ArrowUp", "ArrowDown"].includes(event.key)) {
      // Within a block they move from line to line.
      const up = event.key === "ArrowUp";
      const beyond = up ? text.slice(0, area.selectionStart) : text.slice(area.selectionEnd);
      const wanted = place + (up ? -1 : 1);
      if (beyond.includes("\n") || wanted < 0 || wanted > history.length) return;
      event.preventDefault();
      place = wanted;
      show(history[place] ?? "");
      const end = up ? area.value.split("\n")[0].length : area.value.length;
      area.setSelectionRange(end, end);
    }
  });
}

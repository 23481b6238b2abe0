// SPDX-License-Identifier: MIT
// Colours what somebody types into a text area. It stays what they type into: its text is
// transparent, and a layer that nobody can touch shows the same text above it.
import { h } from "./common.js";

// As much as a browser colours, and puts into lines, between two keys.
const LARGEST = 32768;
// Rules look from each character of a word, or of a gap, to its end.
const LONG = /\w{1000}|\s{1000}/;
const SLOW = 500;
const LANGUAGES = { py: "py", html: "html", htm: "html", css: "css", js: "js", mjs: "js", json: "json" };

/** Colour the text of a text area on the page by the language of a path, where there are rules. */
export default async function colour(area, path) {
  const name = LANGUAGES[/[^.]*$/.exec(path)[0].toLowerCase()];
  const rules = name && (await import("./highlight.js").catch(() => null));
  const language = rules?.[name];
  if (!language) return;
  const code = h("code", {}, "\n");
  const layer = h("pre", { className: "colours", "aria-hidden": "true" }, code);
  let shown = [];
  let frame = 0;
  let slow = false;
  area.after(layer);

  /** The text in parts, each with the name of its colour, which is "" for most. */
  function parts(text) {
    const found = [];
    const start = performance.now();
    const take = (part, type) => {
      const name = !type || type === "oper" ? "" : type;
      const last = found.at(-1);
      if (last?.name === name) last.part += part;
      else if (part) found.push({ part, name });
    };
    rules.tokenize(text, language, take, { languages: rules });
    slow = performance.now() - start > SLOW;
    return found;
  }

  function draw() {
    frame = 0;
    const text = area.value;
    layer.hidden = slow || text.length > LARGEST || LONG.test(text);
    area.classList.toggle("coloured", !layer.hidden);
    if (layer.hidden) return;
    const found = parts(text);
    // Only what is between the first and the last difference is made anew.
    const same = (a, b) => a && b && a.part === b.part && a.name === b.name;
    let first = 0;
    let last = 0;
    while (same(found[first], shown[first])) first++;
    const most = Math.min(found.length, shown.length) - first;
    while (last < most && same(found.at(-1 - last), shown.at(-1 - last))) last++;
    const old = [...code.childNodes].slice(first, shown.length - last);
    const place = code.childNodes[first + old.length];
    for (const node of old) node.remove();
    place.before(
      ...found
        .slice(first, found.length - last)
        .map(({ part, name }) => (name ? h("span", { className: name }, part) : part)),
    );
    shown = found;
    scroll();
  }

  function scroll() {
    layer.scrollTo(area.scrollLeft, area.scrollTop);
  }

  // The text area without its bars.
  new ResizeObserver(() => {
    layer.style.width = `${area.clientWidth}px`;
    layer.style.height = `${area.clientHeight}px`;
    scroll();
  }).observe(area);
  area.addEventListener("scroll", scroll);
  area.addEventListener("input", () => (frame ||= requestAnimationFrame(draw)));
  draw();
}

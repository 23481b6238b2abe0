// SPDX-License-Identifier: MIT
// The programs of the device: which are there, which runs, and new ones.
import { action, ask, button, fs, h, post, restart, say, send, size, t, tried } from "./common.js";

const FOLDER = "/apps/";
const BLOCK = 512;

/** How many segments all paths of a tar archive begin with that are no part of the program: 0 or 1. */
async function segments(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const field = (at, n) => new TextDecoder().decode(bytes.subarray(at, at + n)).replace(/\0.*/s, "");
  const tops = new Set();
  for (let at = 0; bytes[at]; ) {
    // Files and folders; other blocks are about those that follow.
    if ("05\0".includes(String.fromCharCode(bytes[at + 156]))) {
      const [top, rest] = field(at, 100).replace(/^(\.\/)+/, "").split(/\/(.*)/s);
      if (top && top !== ".") tops.add(rest === undefined ? null : top);
    }
    at += BLOCK * (1 + Math.ceil((parseInt(field(at + 124, 12), 8) || 0) / BLOCK));
  }
  return tops.size === 1 && !tops.has(null) ? 1 : 0;
}

export default async function open(main) {
  const found = await (await ask("api/apps")).json();
  const again = () => open(main);
  const progress = h("div");
  const input = h("input", { type: "file", accept: ".py,.mpy,.tar,.romfs,.img", hidden: true });

  const then = (work) =>
    tried(async (...values) => {
      try {
        await work(...values);
      } finally {
        progress.replaceChildren();
      }
      await again();
    });

  const choose = async (path) => await post("settings", { main: path });

  function program(path) {
    const runs = path === found.running;
    const starts = path === found.main;
    const told = [runs ? t("runs") : "", starts ? t("starts") : ""].filter((text) => text).join(", ");
    const start = then(async () => {
      await choose(path);
      await restart();
    });
    const remove = then(async () => {
      if (!confirm(t(/\.m?py$/.test(path) ? "ask_remove" : "ask_remove_all", path))) return;
      await ask(fs(`/${path}`) + (/\.m?py$/.test(path) ? "" : "/"), { method: "DELETE" });
    });
    return h(
      "li",
      {},
      path.endsWith(".py") && !path.startsWith("rom")
        ? h("a", { className: "what", href: `#edit/${encodeURI(path)}` }, path)
        : h("span", { className: "what" }, path),
      h("span", { className: "small" }, told),
      runs
        ? action("stop", path, then(() => restart(true)), "small")
        : action("start", path, start, "small"),
      path.startsWith("rom") ? null : action("remove", path, remove, "small danger"),
    );
  }

  async function image(file) {
    const put = () => send("api/romfs", file.name, file, progress);
    try {
      await put();
    } catch (error) {
      // A program of the old image runs.
      if (error.status !== 409 || !confirm(t("ask_stop"))) throw error;
      await restart(true);
      await put();
    }
  }

  async function install(file) {
    const name = file.name;
    if (/\.(romfs|img)$/i.test(name)) {
      await image(file);
    } else {
      await ask(fs(FOLDER), { method: "PUT" });
      const tar = /\.tar$/i.test(name);
      const path = fs(FOLDER + (tar ? name.slice(0, -4) : name));
      await send(tar ? `${path}/?tar=${await segments(file)}` : path, name, file, progress);
    }
    await again();
    say(t("installed", name));
  }
  input.onchange = tried(async () => {
    try {
      await install(input.files[0]);
    } finally {
      progress.replaceChildren();
    }
  });

  const rom = found.romfs;
  const empty = then(async () => {
    if (confirm(t("ask_empty"))) await ask("api/romfs", { method: "DELETE" });
  });
  const source = h("input", { name: "package", required: true, autocomplete: "off" });
  const library = h("input", { type: "checkbox", name: "library" });
  const mip = h(
    "form",
    { className: "card" },
    h("h2", {}, t("from_network")),
    h("p", {}, t("from_network_what")),
    h("label", {}, t("package"), source),
    h("label", {}, library, " ", t("library")),
    h("button", { className: "main" }, t("install")),
  );
  mip.onsubmit = tried(async (event) => {
    event.preventDefault();
    say(t("fetching"));
    await post("mip", { package: source.value, to: library.checked ? "lib" : "apps" });
    await again();
    say(t("installed", source.value));
  });

  main.replaceChildren(
    h("h2", {}, t("apps")),
    found.apps.length
      ? h("ul", { className: "list" }, ...found.apps.map(program))
      : h("p", {}, t("no_apps")),
    found.main ? h("p", {}, button(t("start_none"), then(() => choose("")))) : h("p", {}, t("starts_none")),
    h(
      "section",
      { className: "card" },
      h("h2", {}, t("install")),
      h("p", {}, t("install_what")),
      button(t("install_file"), () => input.click(), "main"),
      input,
      progress,
    ),
    rom
      ? h(
          "section",
          { className: "card" },
          h("h2", {}, "ROMFS"),
          h("p", {}, t("used", size(rom[0]), size(rom[1]))),
          rom[0] ? button(t("empty_rom"), empty, "danger") : null,
        )
      : "",
    mip,
  );
}

// SPDX-License-Identifier: MIT
// The files of a folder: what there is, and what can be done with it.
import { action, ask, button, fs, h, say, send, size, t, tried } from "./common.js";

const PICTURE = /\.(png|jpe?g|gif|svg|ico|webp|bmp)$/i;
const TEXT = /\.(py|html?|css|js|json|txt|md|toml|ini|csv|log|svg|xml)$/i;

/** Move a file or folder; an Error says that the place is taken. */
async function move(from, to) {
  try {
    await ask(fs(from), { method: "MOVE", headers: { "X-Destination": fs(to) } });
  } catch (error) {
    throw error.status === 412 ? new Error(t("exists")) : error;
  }
}

/** [path, File] of what was dropped, with what is in folders. */
async function* dropped(entry, path) {
  if (entry instanceof File) {
    yield [path + entry.name, entry];
    return;
  }
  if (entry.isFile) {
    yield [path + entry.name, await new Promise((done, no) => entry.file(done, no))];
    return;
  }
  yield [`${path}${entry.name}/`, null];
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, no) => reader.readEntries(done, no));
    if (!some.length) break;
    for (const inner of some) yield* dropped(inner, `${path}${entry.name}/`);
  }
}

export default async function open(main, folder) {
  const list = h("ul", { className: "list" });
  const free = h("p", { className: "small" });
  const progress = h("div");
  const preview = h("section", { className: "card", hidden: true, tabIndex: -1 });
  const input = h("input", { type: "file", multiple: true, hidden: true });

  async function update() {
    const found = await (await ask(fs(folder), { headers: { Accept: "application/json" } })).json();
    const block = found.block_size;
    free.textContent = t("free", size(found.free * block), size(found.total * block));
    found.files.sort((a, b) => b.directory - a.directory || (a.name < b.name ? -1 : 1));
    list.replaceChildren(...found.files.map(entry));
    if (!found.files.length) list.append(h("li", {}, t("empty")));
  }

  const then = (work) =>
    tried(async (...values) => {
      try {
        await work(...values);
      } finally {
        progress.replaceChildren();
        await update();
      }
    });

  function entry(file) {
    const path = folder + file.name;
    const label = (text) => ({ "aria-label": `${text}: ${file.name}` });
    const rename = then(async () => {
      const to = prompt(t("ask_path"), path);
      if (to && to !== path) await move(path, to.startsWith("/") ? to : folder + to);
    });
    const remove = then(async () => {
      if (confirm(t(file.directory ? "ask_remove_all" : "ask_remove", file.name))) {
        await ask(fs(path) + (file.directory ? "/" : ""), { method: "DELETE" });
      }
    });
    const link = h(
      "a",
      { href: file.directory ? `#files${encodeURI(path)}/` : `#edit${encodeURI(path)}`, className: "what" },
      file.directory ? `${file.name}/` : file.name,
    );
    if (file.directory || TEXT.test(file.name)) {
      // The name leads to it.
    } else {
      link.href = fs(path);
      link.download = file.name;
    }
    return h(
      "li",
      {},
      link,
      h("span", { className: "small" }, file.directory ? "" : size(file.file_size)),
      PICTURE.test(file.name) ? action("view", file.name, () => view(file.name, path)) : null,
      h(
        "a",
        {
          className: "button small",
          href: fs(path) + (file.directory ? "/?tar" : ""),
          download: file.directory ? `${file.name}.tar` : file.name,
          ...label(t("download")),
        },
        "↓",
      ),
      action("rename", file.name, rename, "small"),
      action("remove", file.name, remove, "small danger"),
    );
  }

  function view(name, path) {
    preview.replaceChildren(
      h("h2", {}, name),
      h("img", { className: "preview", src: fs(path), alt: name }),
    );
    preview.hidden = false;
    preview.focus();
  }

  const upload = then(async (files) => {
    let last = "";
    for await (const [path, file] of files) {
      if (file === null) await ask(fs(path), { method: "PUT" });
      else await send(fs(path), (last = path), file, progress);
    }
    say(t("uploaded", last));
  });
  input.onchange = () => upload([...input.files].map((file) => [folder + file.name, file]));

  const make = (end, text) =>
    then(async () => {
      const name = prompt(`${t(text)}. ${t("ask_name")}`);
      if (!name) return;
      const path = folder + name;
      const there = await fetch(fs(path) + end, { method: "HEAD" });
      if (there.ok) throw new Error(t("exists"));
      await ask(fs(path) + end, { method: "PUT" });
      if (!end) location.hash = `#edit${encodeURI(path)}`;
    });

  const drop = h(
    "div",
    { className: "drop" },
    h(
      "div",
      { className: "row" },
      button(t("upload"), () => input.click(), "main"),
      h("span", { className: "small" }, t("drop")),
    ),
    progress,
  );
  drop.ondragover = (event) => {
    event.preventDefault();
    drop.classList.add("over");
  };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const entries = [...event.dataTransfer.items]
      .map((item) => item.webkitGetAsEntry() || item.getAsFile())
      .filter((found) => found);
    upload(
      (async function* () {
        for (const found of entries) yield* dropped(found, folder);
      })(),
    );
  };

  const above = folder.replace(/[^/]+\/$/, "");
  main.replaceChildren(
    h("h2", {}, folder),
    folder === "/" ? "" : h("p", {}, h("a", { href: `#files${encodeURI(above)}` }, t("up"))),
    list,
    free,
    drop,
    h(
      "div",
      { className: "row" },
      button(t("new_file"), make("", "new_file")),
      button(t("new_folder"), make("/", "new_folder")),
    ),
    preview,
    input,
  );
  await update();
}

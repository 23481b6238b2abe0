// SPDX-License-Identifier: MIT
// Shows the page that the URL's fragment names: #files/lib/ is that of the folder /lib/.
import { ask, h, say, t } from "./common.js";

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const NAMES = ["overview", "files", "apps", "settings", "update"];

nav.setAttribute("aria-label", t("pages"));
nav.append(...NAMES.map((name) => h("a", { href: `#${name}/` }, t(name))));

let leave = null;
let shown = location.hash;

async function show() {
  // A page may want to keep what is not saved.
  if (leave && !leave()) {
    history.replaceState(null, "", shown);
    return;
  }
  const first = leave === null;
  shown = location.hash;
  leave = () => true;
  const [, name, path] = /^#(\w+)(.*)$/.exec(shown) || [null, "overview", "/"];
  const page = [...NAMES, "edit", "console"].includes(name) ? name : "overview";
  for (const link of nav.children) {
    const here = link.hash === `#${page === "edit" ? "files" : page}/`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  say("");
  try {
    const { default: open } = await import(`./${page}.js`);
    if (shown !== location.hash) return;
    leave = (await open(main, decodeURIComponent(path || "/"))) || leave;
  } catch (error) {
    main.replaceChildren(h("p", { className: "card bad", role: "alert" }, error.message));
  }
  if (!first && !main.contains(document.activeElement)) main.focus();
}

async function start() {
  try {
    const state = await (await ask("api/state")).json();
    document.title = document.getElementById("name").textContent = state.name;
    if (state.console) nav.append(h("a", { href: "#console/" }, t("console")));
  } catch (error) {
    if (error.status === 404 && shown.startsWith("#setup=")) {
      // There is no password yet, and nothing else is served.
      nav.hidden = true;
      (await import("./settings.js")).first(main);
      return;
    }
    main.replaceChildren(h("p", { className: "card bad", role: "alert" }, error.message));
    return;
  }
  addEventListener("hashchange", show);
  addEventListener("beforeunload", (event) => {
    if (leave && !leave(true)) event.preventDefault();
  });
  show();
}

start();

// SPDX-License-Identifier: MIT
// The page: an editor, the page of the program that is in it, and a prompt. A program runs when
// somebody presses Run, and never because it came with a link.
import { makeEditor, makePrompt } from "./editor.mjs";
import { Program } from "./program.mjs";

const $ = (id) => document.getElementById(id);
// What the output keeps, in characters.
const OUTPUT = 100_000;
// After how long a program that has not begun to serve is spoken of, in ms.
const PATIENCE = 3000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

let program;
let prefix;
let files = {};
let start = "/"; // the path that is shown first
let chosen = null; // name of the example in the editor
const edited = new Map(); // name of an example -> its text, where that was changed

function print(text) {
  const { scrollTop, scrollHeight, clientHeight } = $("output");
  const follows = scrollTop + clientHeight > scrollHeight - 20;
  $("output").append(text);
  if ($("output").textContent.length > OUTPUT) {
    $("output").textContent = $("output").textContent.slice(-OUTPUT / 2);
  }
  if (follows) $("output").scrollTop = $("output").scrollHeight;
}

function say(text) {
  $("state").textContent = text;
}

// Shows the program's page at `path`, or says why there is none.
function show({ ports, error }, path) {
  const serves = ports.length > 0;
  $("frame").hidden = $("open").hidden = !serves;
  if (serves) {
    $("host").textContent = `http://127.0.0.1:${ports[0]}`;
    go(path);
    say("");
  } else {
    $("frame").removeAttribute("src");
    say(
      error
        ? "The program has ended with an error: see the output below."
        : "The program does not serve anything. app.run() would.",
    );
  }
}

function go(path) {
  const url = prefix + (path.startsWith("/") ? path : `/${path}`);
  $("frame").src = url;
  $("open").href = url;
}

async function run() {
  $("run").disabled = true;
  $("output").textContent = "";
  say("Running …");
  const late = setTimeout(say, PATIENCE, "Still running, and not serving yet. Stop ends it.");
  const started = performance.now();
  const result = await program.run($("source").value, files);
  clearTimeout(late);
  $("run").disabled = false;
  if (result.ended) return;
  show(result, start);
  if (!result.error) {
    $("frame").addEventListener(
      "load",
      () => performance.measure("run-to-page", { start: started, end: performance.now() }),
      { once: true },
    );
  }
}

function stop() {
  program.stop();
  $("run").disabled = false;
  $("frame").hidden = $("open").hidden = true;
  $("frame").removeAttribute("src");
  say("Stopped. What the program had in memory is gone.");
}

// Programs in links: the bytes of the text in base64url. `files` has JSON of {path: text} in the same
// way, which only the documentation's links have.
function toLink(text) {
  const bytes = encoder.encode(text);
  const code = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return code.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromLink(code) {
  const text = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
  return decoder.decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

async function loadExample(name) {
  const answer = await fetch(`examples/${name}.json`);
  if (!answer.ok) throw new Error(`There is no example ${name}.`);
  const example = await answer.json();
  ({ files, path: start } = example);
  chosen = name;
  $("examples").value = name;
  $("source").value = edited.get(name) ?? example.source;
}

// Puts what the page's URL names into the editor.
async function loadFromUrl() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  try {
    if (wanted.has("program")) {
      $("source").value = fromLink(wanted.get("program"));
      $("examples").value = "";
      files = wanted.has("files") ? JSON.parse(fromLink(wanted.get("files"))) : {};
      start = wanted.get("path") ?? "/";
      chosen = null;
      say("This program came with a link. Read it, then press Run.");
    } else {
      await loadExample(wanted.get("example") ?? $("examples").options[1].value);
      say("Press Run to start the program.");
    }
  } catch (error) {
    say(`The link cannot be read: ${error.message}`);
  }
}

async function copyLink() {
  const unchanged = chosen && !edited.has(chosen);
  const code = unchanged ? `example=${chosen}` : `program=${toLink($("source").value)}`;
  history.replaceState(null, "", `#${code}`);
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is in the clipboard.");
  } catch {
    say("The link is in the address bar.");
  }
}

async function main() {
  if (!("serviceWorker" in navigator)) {
    say("Browsers allow this only on pages loaded by HTTPS or from this computer.");
    return;
  }
  const registration = await navigator.serviceWorker.register("sw.js");
  program = new Program();
  prefix = new URL(`app/${program.id}`, registration.scope).pathname;
  program.addEventListener("print", ({ detail }) => print(detail));
  program.addEventListener("broken", ({ detail }) => {
    $("run").disabled = false;
    $("frame").hidden = $("open").hidden = true;
    say(`Python has stopped: ${detail}. Run starts it anew.`);
  });

  const list = await (await fetch("examples/index.json")).json();
  $("examples").append(new Option("—", ""), ...list.map(({ name, title }) => new Option(title, name)));
  await loadFromUrl();
  addEventListener("hashchange", loadFromUrl);
  $("examples").onchange = () => {
    if ($("examples").value) location.hash = `example=${$("examples").value}`;
  };

  makeEditor($("source"));
  $("source").addEventListener("input", () => {
    if (chosen) edited.set(chosen, $("source").value);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !$("run").disabled) run();
  });
  makePrompt($("line"), async (line) => {
    print(`>>> ${line.trimEnd().replaceAll("\n", "\n... ")}\n`);
    const { ports, ended } = await program.prompt(line);
    if (!ended && ports.length && $("frame").hidden) show({ ports }, start);
  });

  $("run").onclick = run;
  $("stop").onclick = stop;
  $("link").onclick = copyLink;
  $("address").onsubmit = (event) => {
    event.preventDefault();
    go($("path").value);
  };
  $("frame").onload = () => {
    const { pathname, search } = $("frame").contentWindow.location;
    if (pathname.startsWith(prefix)) {
      $("path").value = pathname.slice(prefix.length) + search;
      $("open").href = pathname + search;
    }
  };
  await navigator.serviceWorker.ready;
  $("run").disabled = false;
}

main().catch((error) => say(`This page cannot work here: ${error.message}`));

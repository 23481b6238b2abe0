// SPDX-License-Identifier: MIT
"use strict";

const FILE = "files/data/greeting.txt";
const SCOPE = "cache";
let tag = "";

// With a condition of the script's own the browser's cache stays out of it, and 304 is seen here.
async function ask() {
  const answer = await fetch(FILE, { headers: tag ? { "If-None-Match": tag } : {} });
  // What the service worker calls an answer that it has kept.
  live(answer.statusText !== "Kept");
  const text = await answer.text();
  if (answer.status === 200) {
    tag = answer.headers.get("ETag");
    $("text").textContent = text;
    $("answer").textContent = "200, with the content";
  } else {
    $("answer").textContent = answer.status === 304 ? "304, not modified" : answer.status;
  }
  $("tag").textContent = tag;
}

async function write(text) {
  const answer = await fetch(FILE, { method: "PUT", body: text });
  if (!answer.ok) throw new Error(await answer.text());
}

// Browsers count what an answer took with its fields, and what its content takes.
function showFiles() {
  const entries = performance.getEntriesByType("navigation");
  for (const entry of performance.getEntriesByType("resource")) {
    if (/\.(css|js|svg)$/.test(entry.name)) entries.push(entry);
  }
  $("files").replaceChildren(...entries.map((entry) => {
    const sent = entry.encodedBodySize && entry.transferSize > entry.encodedBodySize;
    const item = document.createElement("li");
    item.append(
      element("span", new URL(entry.name).pathname.slice(1)),
      element("span", sent ? bytes(entry.encodedBodySize) : "not modified"),
    );
    return item;
  }));
}

async function run(act) {
  try {
    await act();
  } catch {
    live(false);
  }
}

async function showWorker() {
  const kept = await navigator.serviceWorker.getRegistration(SCOPE);
  $("kept").textContent = kept
    ? "This page is shown when the board does not answer, too, as it was last."
    : "Without the board, this page is not there.";
  $("keep").textContent = kept ? "Forget this page" : "Keep this page";
  $("keep").disabled = false;
  return kept;
}

$("again").onclick = () => run(ask);

$("change").onsubmit = (event) => {
  event.preventDefault();
  run(async () => {
    await write($("change").elements.text.value);
    $("change").reset();
    await ask();
  });
};

$("keep").onclick = async () => {
  $("keep").disabled = true;
  const kept = await navigator.serviceWorker.getRegistration(SCOPE);
  if (kept) {
    await kept.unregister();
    await caches.delete(SCOPE);
  } else {
    await navigator.serviceWorker.register("worker.js", { scope: SCOPE });
    await navigator.serviceWorker.ready;
  }
  await showWorker();
};

addEventListener("load", showFiles);
if (navigator.serviceWorker) showWorker();
run(async () => {
  const { files } = await (await fetch("files/list", { cache: "no-store" })).json();
  if (!files.some(([name]) => FILE.endsWith("/" + name))) await write("Hello!");
  await ask();
});

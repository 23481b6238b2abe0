// SPDX-License-Identifier: MIT
// The service worker of cache.html: its files come from the board, or else as they were last.
"use strict";

const NAME = "cache";
const FILES = ["cache.html", "style.css", "common.js", "cache.js", "board.svg", "files/list",
  "files/data/greeting.txt"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)));
});

addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(NAME);
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    response = await cache.match(request);
    if (!response) throw error;
    return new Response(response.body, { headers: response.headers, statusText: "Kept" });
  }
  if (response.status === 200) await cache.put(request, response.clone());
  return response;
}

// SPDX-License-Identifier: MIT
// The service worker: what a page in the frame asks for, it has from the Python program of the page
// around it. Each such page has an id, and its program's URLs are below app/ID/.
"use strict";

const scope = new URL(self.registration.scope);
const APP = `${scope.pathname}app/`;
const PAGES = [scope.pathname, `${scope.pathname}index.html`];
const SCRIPT = `${scope.pathname}frame.js`;
// How long the pages may take to say whose id it is, in ms; a page that sleeps does not answer.
const PATIENCE = 5000;

const owners = new Map(); // id -> id of the client that has the program
const documents = new Map(); // id of a client in a frame -> id of its program

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The id in a path below APP and the rest of it, or null.
function split(path) {
  const match = path.startsWith(APP) && path.slice(APP.length).match(/^([0-9a-z]+)(\/.*)$/);
  return match ? { id: match[1], path: match[2] } : null;
}

// Whether `client` says that the program `id` is its own.
function owns(client, id) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    client.postMessage({ type: "find", id }, [port2]);
  });
}

// The client whose program has the id, or null.
async function owner(id) {
  const known = owners.has(id) && (await self.clients.get(owners.get(id)));
  if (known) return known;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const pages = windows.filter((client) => PAGES.includes(new URL(client.url).pathname));
  const found = await Promise.race([
    new Promise((resolve) => setTimeout(resolve, PATIENCE, null)),
    Promise.any(
      pages.map(async (client) => {
        if (!(await owns(client, id))) throw new Error();
        return client;
      }),
    ).catch(() => null),
  ]);
  if (found) owners.set(id, found.id);
  return found;
}

function refusal(status, text) {
  const headers = { "Content-Type": "text/plain; charset=utf-8" };
  return new Response(text, { status, headers });
}

// The header fields of an answer as a browser needs them here.
function fields(headers, prefix) {
  const own = `${scope.protocol}//${scope.host}/`;
  return headers
    .filter(([name]) => name !== "set-cookie" && name !== "content-length")
    .map(([name, value]) => {
      if (name !== "location") return [name, value];
      const path = value.startsWith(own) ? value.slice(own.length - 1) : value;
      return [name, /^\/(?!\/)/.test(path) && !split(path) ? prefix + path : path];
    });
}

// `bytes`, the beginning of a page, with the script that keeps its links in the frame.
function withScript(bytes, prefix) {
  const script = `<script src="${SCRIPT}" data-prefix="${prefix}"></script>`;
  // As Latin-1 every byte stays what it is.
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const place = text.match(/<head(\s[^>]*)?>/i) ?? text.match(/<!doctype[^>]*>/i);
  const end = place ? place.index + place[0].length : 0;
  const whole = text.slice(0, end) + script + text.slice(end);
  return Uint8Array.from(whole, (character) => character.charCodeAt(0));
}

// A stream of what comes through `port`, each chunk when it is wanted.
function stream(port, change) {
  let wanted = null;
  return new ReadableStream(
    {
      start(controller) {
        port.onmessage = ({ data }) => {
          if (data.chunk) controller.enqueue(change(data.chunk));
          else if (data.end) controller.close();
          else controller.error(new Error(data.error));
          wanted?.();
        };
      },
      pull() {
        port.postMessage({ more: true });
        return new Promise((resolve) => (wanted = resolve));
      },
      cancel() {
        port.postMessage({ cancel: true });
      },
    },
    { highWaterMark: 0 },
  );
}

async function answer(request, id, target) {
  const client = await owner(id);
  if (!client) {
    return refusal(404, "The page of this program is not open any more.");
  }
  const prefix = `${APP}${id}`;
  const headers = [...request.headers];
  const from = request.referrer && new URL(request.referrer);
  if (from && from.origin === scope.origin) {
    const path = split(from.pathname)?.path ?? from.pathname;
    headers.push(["Referer", scope.origin + path + from.search]);
  }
  const body = ["GET", "HEAD"].includes(request.method)
    ? null
    : new Uint8Array(await request.arrayBuffer());
  const { port1: port, port2 } = new MessageChannel();
  const head = new Promise((resolve) => (port.onmessage = ({ data }) => resolve(data)));
  client.postMessage(
    { type: "request", request: { method: request.method, target, headers, body } },
    body ? [port2, body.buffer] : [port2],
  );
  request.signal.addEventListener("abort", () => port.postMessage({ cancel: true }));
  const answered = await head;
  if (answered.error) return refusal(503, answered.error);
  const { status, reason, headers: given } = answered.head;
  const options = { status, statusText: reason, headers: fields(given, prefix) };
  if (request.method === "HEAD" || [204, 205, 304].includes(status)) {
    port.postMessage({ cancel: true });
    return new Response(null, options);
  }
  const type = given.find(([name]) => name === "content-type")?.[1] ?? "";
  let begins = type.startsWith("text/html") && ["document", "iframe"].includes(request.destination);
  const change = (chunk) => {
    if (!begins) return chunk;
    begins = false;
    return withScript(chunk, prefix);
  };
  return new Response(stream(port, change), options);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== scope.origin) return;
  const asked = split(url.pathname);
  if (asked) {
    if (event.resultingClientId) documents.set(event.resultingClientId, asked.id);
    event.respondWith(answer(request, asked.id, asked.path + url.search));
    return;
  }
  // What a page of the program names from the root, such as /style.css, is the program's too.
  if (request.mode === "navigate" || url.pathname === SCRIPT) return;
  const from = request.referrer ? split(new URL(request.referrer).pathname) : null;
  const id = from?.id ?? documents.get(event.clientId);
  if (id) event.respondWith(answer(request, id, url.pathname + url.search));
});

// A WebSocket of a page in the frame, which goes on through the port without this worker.
self.addEventListener("message", (event) => {
  const { id, socket } = event.data;
  const [port] = event.ports;
  event.waitUntil(
    owner(id).then((client) => {
      if (client) client.postMessage({ type: "socket", socket }, [port]);
      else port.postMessage({ error: "The page of this program is not open any more." });
    }),
  );
});

// SPDX-License-Identifier: MIT
// The worker of a page: Python runs here, beside the page, which stays alive whatever a program does.
import "./micropython.mjs";
import { Server } from "./server.mjs";

let server = null;

function failed(error) {
  postMessage({ type: "broken", text: String(error?.message ?? error) });
}

addEventListener("error", (event) => failed(event.error ?? event.message));
addEventListener("unhandledrejection", (event) => failed(event.reason));

// Answers {head} or {error}; then {chunk}, {end} or {error} for each {more}, until {cancel}.
async function answer(request, port) {
  let body = null;
  let cancelled = false;
  port.onmessage = async ({ data }) => {
    if (data.cancel) {
      cancelled = true;
      port.close();
      body?.return();
    } else if (data.more) {
      try {
        const { value, done } = await body.next();
        if (done) port.postMessage({ end: true });
        else port.postMessage({ chunk: value }, [value.buffer]);
      } catch (error) {
        port.postMessage({ error: error.message });
      }
    }
  };
  try {
    const { body: parts, ...head } = await server.request(request);
    body = parts;
    if (cancelled) body.return();
    else port.postMessage({ head });
  } catch (error) {
    port.postMessage({ error: error.message });
  }
}

// Answers {open} or {error}; then {message} for each, and {closed}. Takes {send} and {close}.
async function open({ target, protocols }, port) {
  try {
    const socket = await server.webSocket(target, protocols);
    port.onmessage = ({ data }) => {
      if (data.close) socket.close(data.close.code, data.close.reason);
      else socket.send(data.send);
    };
    port.postMessage({ open: { protocol: socket.protocol } });
    const messages = socket.messages();
    for (;;) {
      const { value, done } = await messages.next();
      if (done) {
        port.postMessage({ closed: value });
        return;
      }
      port.postMessage({ message: value });
    }
  } catch (error) {
    port.postMessage({ error: error.message });
  }
}

const actions = {
  async boot({ host, origin }) {
    server = await Server.boot({
      load: globalThis.loadMicroPython,
      print: (text) => postMessage({ type: "print", text }),
      onBroken: failed,
      host,
      origin,
    });
    postMessage({ type: "booted" });
  },
  run({ source, files }) {
    server.write(files);
    const error = server.run(source);
    postMessage({ type: "ran", error, ports: server.ports });
  },
  prompt({ line }) {
    server.prompt(line);
    postMessage({ type: "prompted", ports: server.ports });
  },
  request: ({ request }, port) => answer(request, port),
  socket: ({ socket }, port) => open(socket, port),
};

addEventListener("message", ({ data, ports }) => actions[data.type](data, ports[0]));

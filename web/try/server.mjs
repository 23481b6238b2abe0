// SPDX-License-Identifier: MIT
// The Python program and its server, without a browser: workers and node run it.
import { Cookies } from "./cookies.mjs";
import { request } from "./http.mjs";
import { Network } from "./network.mjs";
import { WebSocketClient } from "./websocket.mjs";

const decoder = new TextDecoder();

// As Python runs until it returns, a task of the browser's own queue lets others run in between;
// timers of 0 ms would wait for 4.
const soon = globalThis.setImmediate ?? later();

function later() {
  const channel = new MessageChannel();
  const queue = [];
  channel.port1.onmessage = () => queue.shift()();
  return (task) => {
    queue.push(task);
    channel.port2.postMessage(null);
  };
}

// What the prompt runs; an expression's value is printed.
const PROMPT = `
def _page_prompt(text):
    import sys
    try:
        exec(compile(text, "<stdin>", "single"), globals())
    except SyntaxError:
        exec(text, globals())
`;

/** What has left Python without being an exception of it, after which it must not be called. */
export class Broken extends Error {}

export class Server {
  #python;
  #step;
  #network;
  #cookies = new Cookies();
  #timer = null;
  #queued = false;
  #output = [];
  #print;
  #onBroken;
  #broken = false;

  /**
   * Starts Python.
   *
   * load: loadMicroPython() of what ci/build-page has made.
   * print: function that is called with what the program prints, a string.
   * onBroken: function that is called with the error when Python cannot be used any more.
   * host, origin: what requests say of themselves, such as "localhost:8000".
   */
  static async boot({ load, url, print, onBroken, host = "localhost", origin }) {
    const server = new Server();
    server.#print = print;
    server.#onBroken = onBroken;
    server.host = host;
    server.origin = origin ?? `http://${host}`;
    const write = (bytes) => server.#write(bytes);
    const python = await load({
      url,
      heapsize: 1 << 20,
      pystack: 16 * 1024,
      linebuffer: false,
      stdout: write,
      stderr: write,
    });
    server.#python = python;
    server.#network = new Network(
      () => python._module.HEAPU8,
      () => server.#schedule(0),
    );
    python.registerJsModule("_page", {
      ...server.#network.python,
      schedule: (ms) => server.#schedule(ms),
    });
    server.#step = python.pyimport("asyncio").step;
    python.runPython(PROMPT);
    return server;
  }

  #write(bytes) {
    if (!this.#output.length) queueMicrotask(() => this.#flush());
    this.#output.push(...bytes);
  }

  #flush() {
    if (!this.#output.length) return;
    const text = decoder.decode(new Uint8Array(this.#output), { stream: true });
    this.#output = [];
    this.#print(text);
  }

  // Python is not called from within Python, so a step is always one of the browser's next tasks.
  #schedule(ms) {
    if (ms > 0) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#run(), ms);
    } else if (!this.#queued) {
      this.#queued = true;
      soon(() => {
        this.#queued = false;
        clearTimeout(this.#timer);
        this.#run();
      });
    }
  }

  #run() {
    if (this.#broken) return;
    try {
      this.#step();
    } catch (error) {
      this.#failed(error);
    }
  }

  // The text of an exception of Python; anything else leaves Python in the middle of a call.
  #failed(error) {
    if (error.name === "PythonError") return error.message;
    this.#broken = true;
    this.#onBroken?.(error);
    throw new Broken(`Python has stopped: ${error.message}`);
  }

  #call(run) {
    if (this.#broken) throw new Broken("Python has stopped.");
    try {
      run();
    } catch (error) {
      const text = this.#failed(error);
      if (!/^SystemExit/m.test(text)) this.#write(new TextEncoder().encode(text.trimEnd() + "\n"));
      return text;
    } finally {
      this.#flush();
    }
    return null;
  }

  /** Writes `files`, {path: Uint8Array or string}, with the folders that they need. */
  write(files) {
    const fs = this.#python.FS;
    for (const [path, content] of Object.entries(files)) {
      const parts = path.split("/").slice(0, -1);
      parts.forEach((_, i) => {
        const folder = "/" + parts.slice(0, i + 1).join("/");
        if (!fs.analyzePath(folder).exists) fs.mkdir(folder);
      });
      fs.writeFile("/" + path, content);
    }
  }

  /** Runs `source`, a program. Returns what it has raised, a string, or null. */
  run(source) {
    return this.#call(() => this.#python.runPython(source));
  }

  /** Runs `line` at the prompt. Returns what it has raised, a string, or null. */
  prompt(line) {
    return this.#call(() => this.#python.globals.get("_page_prompt")(line));
  }

  /** The ports that the program listens on. */
  get ports() {
    return this.#network.ports;
  }

  // The header fields that the browser does not tell a service worker.
  #fields(target, headers, tellsOrigin) {
    const names = new Set(headers.map(([name]) => name.toLowerCase()));
    const cookie = this.#cookies.get(target);
    return [
      ["Host", this.host],
      ...headers.filter(([name]) => !["host", "cookie"].includes(name.toLowerCase())),
      ...(tellsOrigin && !names.has("origin") ? [["Origin", this.origin]] : []),
      ...(names.has("sec-fetch-site") ? [] : [["Sec-Fetch-Site", "same-origin"]]),
      ...(cookie ? [["Cookie", cookie]] : []),
    ];
  }

  /**
   * Sends a request to the program; see request() of http.mjs. Rejects where nothing listens.
   *
   * method, target: strings. headers: list of [name, value]. body: Uint8Array or null.
   */
  async request({ method = "GET", target = "/", headers = [], body = null }) {
    const connection = this.#network.connect();
    if (!connection) throw new Error("The program does not listen on any port.");
    const fields = this.#fields(target, headers, !["GET", "HEAD"].includes(method));
    const answer = await request(connection, { method, target, headers: fields, body });
    for (const [name, value] of answer.headers) {
      if (name === "set-cookie") this.#cookies.set(value, target);
    }
    return answer;
  }

  /** Opens a WebSocket to the program; see WebSocketClient. */
  async webSocket(target, protocols) {
    const connection = this.#network.connect();
    if (!connection) throw new Error("The program does not listen on any port.");
    return WebSocketClient.open(connection, target, this.#fields(target, [], true), protocols);
  }
}

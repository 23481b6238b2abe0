// SPDX-License-Identifier: MIT
// The page's end of a program: its worker, and the requests that the service worker brings for it.

const STOPPED = "The program was stopped, or started anew.";

// What goes between one port of the service worker's and the worker. The page keeps both ends, so that
// whoever has asked gets an answer when the worker is ended.
class Exchange {
  #outside;
  #inside;
  #ended;

  constructor(outside, inside, ended) {
    this.#outside = outside;
    this.#inside = inside;
    this.#ended = ended;
    outside.onmessage = ({ data }) => {
      inside.postMessage(data);
      if (data.cancel) this.#end();
    };
    inside.onmessage = ({ data }) => {
      outside.postMessage(data, data.chunk ? [data.chunk.buffer] : []);
      if (data.end || data.error || data.closed) this.#end();
    };
  }

  #end() {
    this.#ended(this);
    this.#inside.close();
  }

  fail(text) {
    this.#outside.postMessage({ error: text });
    this.#end();
  }
}

/**
 * A program in a worker. Events: "print" with {detail: text}, "broken" with {detail: text}, after
 * which the program has a new worker.
 */
export class Program extends EventTarget {
  id;
  #worker;
  #ready;
  #exchanges = new Set();
  #used = false;
  #answers = []; // functions that wait for what the worker answers, in turn

  constructor() {
    super();
    this.id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
      byte.toString(36),
    ).join("");
    this.#start();
    navigator.serviceWorker.addEventListener("message", (event) => this.#asked(event));
    navigator.serviceWorker.startMessages();
  }

  #start() {
    const worker = new Worker("worker.mjs", { type: "module" });
    this.#worker = worker;
    this.#used = false;
    this.#ready = new Promise((resolve) => {
      worker.onmessage = ({ data }) => {
        if (worker !== this.#worker) return; // one that was ended may have said something more
        if (data.type === "booted") resolve();
        else if (data.type === "print") this.#tell("print", data.text);
        else if (data.type === "broken") this.#broken(data.text);
        else this.#answers.shift()?.(data);
      };
      worker.onerror = (event) => {
        if (worker === this.#worker) this.#broken(event.message ?? "The worker cannot be loaded.");
      };
    });
    worker.postMessage({ type: "boot", host: location.host, origin: location.origin });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #broken(text) {
    const booted = this.#used;
    this.#end();
    // One that fails before it has run anything would fail again.
    if (booted) this.#start();
    this.#tell("broken", text);
  }

  #end() {
    this.#worker.terminate();
    for (const exchange of [...this.#exchanges]) exchange.fail(STOPPED);
    for (const answer of this.#answers.splice(0)) answer({ error: STOPPED, ports: [], ended: true });
  }

  /** Ends the program; the next one has a Python of its own. */
  stop() {
    this.#end();
    this.#start();
  }

  #ask(message) {
    return new Promise((resolve) => {
      this.#answers.push(resolve);
      this.#worker.postMessage(message);
    });
  }

  /**
   * Runs `source` in a Python that has run nothing else, with `files`, {path: text}. Resolves to
   * {error, ports, ended}: what it has raised, where it listens, whether it was ended meanwhile.
   */
  async run(source, files) {
    if (this.#used) this.stop();
    this.#used = true;
    await this.#ready;
    return this.#ask({ type: "run", source, files });
  }

  /** Runs `line` at the prompt; resolves to {ports} then. */
  async prompt(line) {
    this.#used = true;
    await this.#ready;
    return this.#ask({ type: "prompt", line });
  }

  // What the service worker asks: {type, ...}, with a port for answers.
  async #asked({ data, ports: [port] }) {
    if (data.type === "find") {
      port.postMessage(data.id === this.id);
      return;
    }
    const { port1: inside, port2: worker } = new MessageChannel();
    this.#exchanges.add(
      new Exchange(port, inside, (exchange) => this.#exchanges.delete(exchange)),
    );
    this.#worker.postMessage(data, [worker]);
  }
}

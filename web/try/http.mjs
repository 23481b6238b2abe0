// SPDX-License-Identifier: MIT
// An HTTP/1.1 client over a connection of network.mjs: a request for each connection (RFC 9112).

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Reads lines and bytes of a connection. */
class Reader {
  #connection;
  #left = new Uint8Array(0);

  constructor(connection) {
    this.#connection = connection;
  }

  async #more() {
    const bytes = await this.#connection.read();
    if (!bytes) return false;
    const joined = new Uint8Array(this.#left.length + bytes.length);
    joined.set(this.#left);
    joined.set(bytes, this.#left.length);
    this.#left = joined;
    return true;
  }

  /** A line without its end; throws where the connection ends first. */
  async line() {
    for (;;) {
      const end = this.#left.indexOf(10);
      if (end >= 0) {
        const text = decoder.decode(this.#left.subarray(0, end)).replace(/\r$/, "");
        this.#left = this.#left.slice(end + 1);
        return text;
      }
      if (!(await this.#more())) throw new Error("The connection has ended.");
    }
  }

  /** `size` bytes, null where the connection ends first. */
  async take(size) {
    while (this.#left.length < size) {
      if (!(await this.#more())) return null;
    }
    const part = this.#left.slice(0, size);
    this.#left = this.#left.slice(size);
    return part;
  }

  /** Up to `limit` bytes as they come, null at the end. */
  async some(limit = Infinity) {
    if (!this.#left.length && !(await this.#more())) return null;
    return this.take(Math.min(this.#left.length, limit));
  }
}

async function* chunked(reader) {
  for (;;) {
    let left = parseInt(await reader.line(), 16);
    if (Number.isNaN(left)) throw new Error("A chunk has no size.");
    if (!left) break;
    while (left) {
      const part = await reader.some(left);
      if (!part) throw new Error("The answer has ended too early.");
      left -= part.length;
      yield part;
    }
    await reader.line();
  }
  while (await reader.line());
}

async function* counted(reader, left) {
  while (left) {
    const part = await reader.some(left);
    if (!part) throw new Error("The answer has ended too early.");
    left -= part.length;
    yield part;
  }
}

async function* untilEnd(reader) {
  for (let part; (part = await reader.some()); ) yield part;
}

/** Sends the head of a request: `headers` is a list of [name, value]. */
export function sendHead(connection, method, target, headers) {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([n, v]) => `${n}: ${v}`)];
  connection.send(encoder.encode(lines.join("\r\n") + "\r\n\r\n"));
}

/** Reads the head of an answer: {status, reason, headers, reader}; names are in lower case. */
export async function readHead(connection) {
  const reader = new Reader(connection);
  for (;;) {
    const [, status, reason] = (await reader.line()).match(/^HTTP\/1\.[01] (\d{3}) ?(.*)$/) ?? [];
    if (!status) throw new Error("What the program has sent is no HTTP.");
    const headers = [];
    for (let line; (line = await reader.line()); ) {
      const colon = line.indexOf(":");
      headers.push([line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]);
    }
    if (status === "101" || status[0] !== "1") {
      return { status: Number(status), reason, headers, reader };
    }
  }
}

/**
 * Sends a request and resolves when the head of its answer is there.
 *
 * headers: list of [name, value]; Connection and Content-Length are added.
 * body: Uint8Array or null.
 *
 * Resolves to {status, reason, headers, body}, `body` an asynchronous iterator of Uint8Arrays: what
 * is not asked for stays with the program. Ending the iterator closes the connection.
 */
export async function request(connection, { method, target, headers, body }) {
  const all = [...headers, ["Connection", "close"]];
  if (body || !["GET", "HEAD"].includes(method)) {
    all.push(["Content-Length", body?.length ?? 0]);
  }
  sendHead(connection, method, target, all);
  if (body) connection.send(body);
  try {
    const { reader, ...head } = await readHead(connection);
    const field = (name) => head.headers.find(([n]) => n === name)?.[1];
    let parts;
    if (method === "HEAD" || [204, 304].includes(head.status)) parts = counted(reader, 0);
    else if (/chunked$/i.test(field("transfer-encoding") ?? "")) parts = chunked(reader);
    else if (field("content-length")) parts = counted(reader, Number(field("content-length")));
    else parts = untilEnd(reader);
    return { ...head, body: closing(connection, parts) };
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function* closing(connection, parts) {
  try {
    yield* parts;
  } finally {
    connection.close();
  }
}

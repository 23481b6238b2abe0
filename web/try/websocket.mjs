// SPDX-License-Identifier: MIT
// The client's end of a WebSocket over a connection of network.mjs (RFC 6455).
import { readHead, sendHead } from "./http.mjs";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
// An end that no frame has announced (section 7.1.5)
const ABNORMAL = 1006;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function frame(opcode, payload) {
  const extra = payload.length < 126 ? 0 : payload.length < 65536 ? 2 : 8;
  const bytes = new Uint8Array(6 + extra + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 0x80 | (extra === 0 ? payload.length : extra === 2 ? 126 : 127);
  if (extra === 2) view.setUint16(2, payload.length);
  if (extra === 8) view.setBigUint64(2, BigInt(payload.length));
  const mask = crypto.getRandomValues(new Uint8Array(4));
  bytes.set(mask, 2 + extra);
  payload.forEach((byte, i) => (bytes[6 + extra + i] = byte ^ mask[i % 4]));
  return bytes;
}

export class WebSocketClient {
  #connection;
  #reader;

  /**
   * Opens one; rejects where the program refuses it.
   *
   * headers: list of [name, value] beside those of the handshake.
   * protocols: list of subprotocols that are offered.
   */
  static async open(connection, target, headers, protocols = []) {
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    sendHead(connection, "GET", target, [
      ...headers,
      ["Connection", "Upgrade"],
      ["Upgrade", "websocket"],
      ["Sec-WebSocket-Version", "13"],
      ["Sec-WebSocket-Key", key],
      ...(protocols.length ? [["Sec-WebSocket-Protocol", protocols.join(", ")]] : []),
    ]);
    const head = await readHead(connection);
    if (head.status !== 101) {
      connection.close();
      throw new Error(`The program has answered ${head.status}.`);
    }
    const socket = new WebSocketClient();
    socket.#connection = connection;
    socket.#reader = head.reader;
    socket.protocol = head.headers.find(([n]) => n === "sec-websocket-protocol")?.[1] ?? "";
    return socket;
  }

  /** Sends `data`, a string or an ArrayBuffer. */
  send(data) {
    const text = typeof data === "string";
    const payload = text ? encoder.encode(data) : new Uint8Array(data);
    this.#connection.send(frame(text ? TEXT : BINARY, payload));
  }

  /** Says that it ends; messages() ends once the program has answered. */
  close(code = 1000, reason = "") {
    const payload = new Uint8Array([code >> 8, code & 255, ...encoder.encode(reason)]);
    this.#connection.send(frame(CLOSE, payload));
  }

  /** The messages, strings and ArrayBuffers; returns {code, reason}, with which it has ended. */
  async *messages() {
    let whole = [];
    let kind = TEXT;
    try {
      for (;;) {
        const start = await this.#reader.take(2);
        if (!start) return { code: ABNORMAL, reason: "" };
        let size = start[1] & 127;
        if (size > 125) {
          const bytes = await this.#reader.take(size === 126 ? 2 : 8);
          if (!bytes) return { code: ABNORMAL, reason: "" };
          size = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
        }
        const payload = await this.#reader.take(size);
        if (!payload) return { code: ABNORMAL, reason: "" };
        const opcode = start[0] & 15;
        if (opcode === PING) this.#connection.send(frame(PONG, payload));
        if (opcode === CLOSE) {
          this.#connection.send(frame(CLOSE, payload.slice(0, 2)));
          const code = payload.length > 1 ? payload[0] * 256 + payload[1] : 1005;
          return { code, reason: decoder.decode(payload.slice(2)) };
        }
        if (opcode >= CLOSE) continue;
        if (opcode) {
          kind = opcode;
          whole = [];
        }
        whole.push(payload);
        if (start[0] & 0x80) {
          const message = new Blob(whole);
          yield kind === TEXT ? await message.text() : await message.arrayBuffer();
        }
      }
    } finally {
      this.#connection.close();
    }
  }
}

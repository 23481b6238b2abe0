// SPDX-License-Identifier: MIT
// The network that the Python program sees: ports that it listens on, and connections to them.
// boards/WEBASSEMBLY/modules/socket.py calls `python` of it, and bytes wait here, not on its heap.

// What a connection keeps of what Python has written until somebody reads it, in bytes. Then
// write() takes nothing more, and the program waits as it does for a slow client.
const WINDOW = 64 * 1024;

const READABLE = 1;
const WRITABLE = 4;
const HANG_UP = 16;

// MicroPython's numbers
const EAGAIN = 11;
const EPIPE = 32;
const ECONNRESET = 104;

/** One connection; the methods are those of its client. */
class Connection {
  incoming = []; // Uint8Arrays that the client has sent
  outgoing = []; // and that it has not read
  size = 0; // of those, in bytes
  sentAll = false; // the client sends no more
  left = false; // the client is gone
  ended = false; // the program has closed the connection
  #network;
  #reader = null;

  constructor(network) {
    this.#network = network;
  }

  /** Sends `bytes`, a Uint8Array. */
  send(bytes) {
    if (bytes.length && !this.left) {
      this.incoming.push(bytes);
      this.#network.changed();
    }
  }

  /** Resolves to the next bytes, null after the last. One may wait at a time. */
  async read() {
    while (!this.outgoing.length && !this.ended && !this.left) {
      await new Promise((resolve) => (this.#reader = resolve));
    }
    const bytes = this.outgoing.shift() ?? null;
    if (bytes && !this.left) {
      if (this.size >= WINDOW) this.#network.changed();
      this.size -= bytes.length;
    }
    return bytes;
  }

  /** Goes away; the program finds out when it reads or writes next. */
  close() {
    this.left = true;
    this.outgoing = [];
    this.size = 0;
    this.wake();
    this.#network.changed();
  }

  wake() {
    const reader = this.#reader;
    this.#reader = null;
    reader?.();
  }
}

export class Network {
  #ports = new Map(); // port -> connections that wait to be accepted
  #connections = new Map(); // number -> Connection
  #last = 0;
  #memory;
  #changed;

  /**
   * memory: function that returns the program's memory, a Uint8Array.
   * changed: function that is called when streams may have become ready.
   */
  constructor(memory, changed) {
    this.#memory = memory;
    this.#changed = changed;
  }

  changed() {
    this.#changed();
  }

  /** The ports that the program listens on, the last one first. */
  get ports() {
    return [...this.#ports.keys()].reverse();
  }

  /** Connects to the port where the program has listened last; null where it does not listen. */
  connect() {
    const queue = [...this.#ports.values()].pop();
    if (!queue) return null;
    const connection = new Connection(this);
    queue.push(connection);
    this.#changed();
    return connection;
  }

  // What Python calls; -n is the error n.
  python = {
    listen: (port) => !this.#ports.has(port) && Boolean(this.#ports.set(port, [])),

    unlisten: (port) => {
      for (const connection of this.#ports.get(port) ?? []) {
        connection.ended = true;
        connection.wake();
      }
      this.#ports.delete(port);
    },

    pending: (port) => this.#ports.get(port)?.length ?? 0,

    accept: (port) => {
      const connection = this.#ports.get(port)?.shift();
      if (!connection) return 0;
      this.#connections.set(++this.#last, connection);
      return this.#last;
    },

    read: (number, address, size) => {
      const connection = this.#connections.get(number);
      if (!connection || connection.left) return -ECONNRESET;
      const bytes = connection.incoming[0];
      if (!bytes) return connection.sentAll ? 0 : -EAGAIN;
      const part = bytes.subarray(0, size);
      this.#memory().set(part, address);
      if (part.length < bytes.length) connection.incoming[0] = bytes.subarray(part.length);
      else connection.incoming.shift();
      return part.length;
    },

    write: (number, address, size) => {
      const connection = this.#connections.get(number);
      if (!connection || connection.left) return -EPIPE;
      const room = Math.min(size, WINDOW - connection.size);
      if (room > 0) {
        connection.outgoing.push(this.#memory().slice(address, address + room));
        connection.size += room;
        connection.wake();
      }
      return room;
    },

    ready: (number) => {
      const connection = this.#connections.get(number);
      if (!connection || connection.left) return READABLE | WRITABLE | HANG_UP;
      return (
        (connection.incoming.length || connection.sentAll ? READABLE : 0) |
        (connection.size < WINDOW ? WRITABLE : 0)
      );
    },

    close: (number) => {
      const connection = this.#connections.get(number);
      this.#connections.delete(number);
      if (connection) {
        connection.ended = true;
        connection.wake();
      }
    },
  };
}

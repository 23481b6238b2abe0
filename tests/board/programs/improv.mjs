// SPDX-License-Identifier: MIT
// Tells a board its network with npm's improv-wifi-serial-sdk: node improv.mjs FOLDER PORT
// Prints what it has learned, as JSON.
import { openSync, writeSync, constants } from "node:fs";
import { register } from "node:module";
import { join } from "node:path";
import { ReadStream } from "node:tty";
import { pathToFileURL } from "node:url";

// The package is made for bundlers: modules without their suffix, and nothing that calls them so.
const hooks = `export async function resolve(name, context, next) {
  let found;
  try {
    found = await next(name, context);
  } catch {
    found = await next(name + ".js", context);
  }
  return found.url.startsWith("file:") ? { ...found, format: "module" } : found;
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
// Node 18 has none.
globalThis.CustomEvent ??= class extends Event {
  constructor(type, options) {
    super(type);
    this.detail = options.detail;
  }
};

const [folder, path] = process.argv.slice(2);
const { ImprovSerial } = await import(pathToFileURL(join(folder, "dist", "serial.js")));

// A port as navigator.serial gives it.
const file = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
const input = new ReadStream(file);
input.setRawMode(true);
const port = {
  readable: new ReadableStream({
    start(controller) {
      input.on("data", (data) => controller.enqueue(new Uint8Array(data)));
    },
  }),
  writable: new WritableStream({
    write(data) {
      writeSync(file, data);
    },
  }),
};

const client = new ImprovSerial(port, { log() {}, error: console.error, debug() {} });
const told = { states: {} };
told.info = await client.initialize(20000);
told.states.first = client.state;
told.networks = await client.scan();
try {
  await client.provision("home", "wrong password", 60000);
} catch (error) {
  told.refused = error;
}
await client.requestCurrentState();
told.states.wrong = client.state;
await client.provision("home", "password", 60000);
told.states.right = client.state;
told.url = client.nextUrl;
console.log(JSON.stringify(told));
process.exit(0);

// SPDX-License-Identifier: MIT
// What the tests in node begin with: a server of web/try without a browser.
import { Server } from "../../web/try/server.mjs";

await import(process.env.MICROPYTHON);

/** A server that runs `source`; `output` has what it has printed, `failures` why it has stopped. */
export async function boot(source = "", files = {}) {
  const failures = [];
  let output = "";
  const server = await Server.boot({
    load: globalThis.loadMicroPython,
    print: (text) => (output += text),
    onBroken: (error) => failures.push(error.message),
    host: "page.test",
    origin: "http://page.test",
  });
  server.write(files);
  const error = source && server.run(source);
  return Object.assign(server, { error, failures, output: () => output });
}

/** All that a body has, as a string. */
export async function text(answer) {
  const parts = [];
  for await (const part of answer.body) parts.push(part);
  return Buffer.concat(parts).toString();
}

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a test and prints what it returned. */
export async function run(test) {
  console.log(JSON.stringify((await test()) ?? null));
  process.exit(0);
}

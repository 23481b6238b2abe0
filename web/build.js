// SPDX-License-Identifier: MIT
// Puts the page into ../build/web: its own files and ESP Web Tools as its package brings it.
// What depends on a release (images.json, manifests, images) is added by ci/make-release.
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const tools = join(here, "node_modules", "esp-web-tools");
const out = join(here, "..", "build", "web");

rmSync(out, { recursive: true, force: true });
cpSync(join(here, "src"), out, { recursive: true });
cpSync(join(here, "page.css"), join(out, "page.css"));
cpSync(join(tools, "dist", "web"), join(out, "esp-web-tools"), { recursive: true });
cpSync(join(tools, "LICENSE"), join(out, "esp-web-tools", "LICENSE"));

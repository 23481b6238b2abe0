// SPDX-License-Identifier: MIT
// Makes the module with which the editor of the device's pages colours texts: the tokenizer of
// @speed-highlight/core and the rules of five languages in one file, as their package brings them,
// which is minified. A bundler makes it no smaller, and is a download of 10 MB.
//
//   node build-highlight.js PACKAGE FOLDER
//
// PACKAGE is the package's folder. FOLDER gets highlight.js and the package's LICENSE.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , from, to] = process.argv;
// Python, HTML, CSS, JavaScript and JSON, and what their rules call by name. In this order gzip
// makes the least of them.
const RULES = ["todo", "html", "css", "py", "regex", "jsdoc", "js", "json"];

const { version, license } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));

/** The text of a module of the package, and {name: variable} of what it exports. */
function read(name) {
  const text = readFileSync(join(from, "dist", `${name}.js`), "utf8").trim();
  const match = /^([^]*[;}])export\{([\w,$ ]+)\};?$/.exec(text);
  if (!match || /^import\b|;import\b/.test(text)) {
    throw new Error(`${name}.js of ${version} is not what this script can join with others`);
  }
  const exported = match[2].split(",").map((part) => part.split(" as ").reverse());
  return { body: match[1], names: Object.fromEntries(exported) };
}

/** What a module exports by default, as an expression: its variables are in nobody's way. */
function rules(name) {
  const { body, names } = read(`languages/${name}`);
  const only = `var ${names.default}=`;
  if (body.startsWith(only) && !/;(var|function) /.test(body)) return body.slice(only.length, -1);
  return `(()=>{${body}return ${names.default}})()`;
}

const tokenizer = read("tokenize");
const made = `/*! @speed-highlight/core ${version}, ${license} */
export const ${RULES.map((name) => `${name}=${rules(name)}`)};
${tokenizer.body}export{${tokenizer.names.tokenizeWith} as tokenize};
`;

/** Write a file as a whole: another build may be reading it. */
function write(name, text) {
  const part = join(to, `.${name}.${process.pid}`);
  writeFileSync(part, text);
  renameSync(part, join(to, name));
}

mkdirSync(to, { recursive: true });
write("LICENSE", readFileSync(join(from, "LICENSE")));
write("highlight.js", made);

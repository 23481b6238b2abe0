// SPDX-License-Identifier: MIT
// What the pages share: texts, elements, requests.
import texts from "./texts.js";

const language = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in texts);
document.documentElement.lang = language || "en";

/** The text of this name in the reader's language; values take the places of {}. */
export function t(name, ...values) {
  let text = texts[document.documentElement.lang][name] ?? name;
  for (const value of values) text = text.replace("{}", () => value);
  return text;
}

/** An element; properties that begin with "aria-" or have a "-" are attributes. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const button = (text, onclick, className = "") =>
  h("button", { type: "button", onclick, className }, text);

/** A button called t(name), which tells a screen reader what it is about, too. */
export function action(name, what, onclick, className) {
  const made = button(t(name), onclick, className);
  made.setAttribute("aria-label", `${t(name)}: ${what}`);
  return made;
}

/** Tell something to people who see the page, and to those who hear it. */
let timer;
export function say(text) {
  const place = document.getElementById("said");
  place.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => (place.textContent = ""), 10000);
}

/** fetch(), which raises an Error with the device's sentence where that refuses. */
export async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, options);
  } catch {
    throw new Error(t("lost"));
  }
  if (!answer.ok) {
    const error = new Error((await answer.text()).trim() || answer.status);
    error.status = answer.status;
    throw error;
  }
  return answer;
}

/** PUT a file; `place` shows how far that is, and takes a button that ends it. */
export function send(url, name, file, place) {
  return new Promise((done, refuse) => {
    const request = new XMLHttpRequest();
    const label = t("uploading", name);
    const bar = h("progress", { max: file.size || 1, value: 0, "aria-label": label });
    place.replaceChildren(
      h("p", {}, label),
      bar,
      button(t("cancel"), () => request.abort()),
    );
    request.upload.onprogress = (event) => (bar.value = event.loaded);
    request.onload = () => {
      if (request.status < 300) return done();
      const error = new Error(t("failed", name, request.responseText.trim() || request.status));
      error.status = request.status;
      refuse(error);
    };
    request.onerror = () => refuse(new Error(t("lost")));
    request.onabort = () => refuse(new Error(t("cancelled")));
    request.open("PUT", url);
    request.send(file);
  });
}

export const post = (name, value) =>
  ask(`api/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: value === undefined ? "" : JSON.stringify(value),
  });

/** A function that runs `work` and says what went wrong. */
export const tried =
  (work) =>
  async (...values) => {
    try {
      return await work(...values);
    } catch (error) {
      say(error.message);
    }
  };

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const [value, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KB"] : [bytes / 1048576, "MB"];
  const digits = value < 10 ? 1 : 0;
  return `${value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits })} ${unit}`;
}

/** Restart the device, without main.py if `safe`, and wait until it is back. */
export async function restart(safe) {
  await post(safe ? "restart?safe" : "restart");
  await comesBack();
}

export async function comesBack() {
  say(t("restarting"));
  await sleep(3000);
  for (;;) {
    try {
      await ask("api/state", { signal: AbortSignal.timeout(5000) });
      break;
    } catch (error) {
      if (error.status) break;
    }
    await sleep(1000);
  }
  say(t("back"));
}

export function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** The URL of a path, which begins with a slash, below /fs/. */
export const fs = (path) => "/fs" + path.split("/").map(encodeURIComponent).join("/");

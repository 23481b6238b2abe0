// SPDX-License-Identifier: MIT
// The cookies of one program (RFC 6265). A browser does not let a service worker set any.

export class Cookies {
  #cookies = new Map(); // "name;path" -> {name, value, path, expires}

  /** Keeps `line`, the value of a Set-Cookie of the answer for `target`. */
  set(line, target) {
    const [pair, ...attributes] = line.split(";").map((part) => part.trim());
    const equals = pair.indexOf("=");
    if (equals < 1) return;
    const given = new Map(
      attributes.map((part) => {
        const [name, ...value] = part.split("=");
        return [name.toLowerCase(), value.join("=")];
      }),
    );
    const folder = target.split("?")[0].replace(/\/[^/]*$/, "") || "/";
    const path = given.get("path")?.startsWith("/") ? given.get("path") : folder;
    let expires = Infinity;
    if (given.has("max-age")) expires = Date.now() + 1000 * Number(given.get("max-age"));
    else if (given.has("expires")) expires = Date.parse(given.get("expires"));
    const name = pair.slice(0, equals);
    const key = `${name};${path}`;
    if (expires <= Date.now()) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, value: pair.slice(equals + 1), path, expires });
  }

  /** The value of Cookie for `target`, "" where there is none. */
  get(target) {
    const asked = target.split("?")[0];
    return [...this.#cookies.values()]
      .filter(({ path, expires }) => {
        const below = path.endsWith("/") ? path : path + "/";
        return expires > Date.now() && (asked === path || asked.startsWith(below));
      })
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }
}

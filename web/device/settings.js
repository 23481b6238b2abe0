// SPDX-License-Identifier: MIT
// The settings: name, password, networks, clock; backup, restore and factory reset.
import { ask, button, comesBack, h, post, save, say, t, tried } from "./common.js";

const field = (name, value, more = {}) =>
  h("label", {}, t(name), h("input", { name, value: value || "", autocomplete: "off", ...more }));

/** Ask for the first password. The URL has a key from the serial line, for that alone. */
export function first(main) {
  const field_of = (name) =>
    field(name, "", { type: "password", minLength: 8, required: true, autocomplete: "new-password" });
  const form = h(
    "form",
    { className: "card" },
    h("h2", {}, t("first")),
    h("p", {}, t("first_what")),
    field_of("settings_password"),
    field_of("again"),
    h("button", { className: "main" }, t("save")),
  );
  form.onsubmit = tried(async (event) => {
    event.preventDefault();
    const has = form.elements;
    const new_password = has.settings_password.value;
    if (new_password !== has.again.value) throw new Error(t("not_same"));
    await post("first", { key: location.hash.slice(7), new_password });
    // The browser asks for the password.
    history.replaceState(null, "", location.pathname);
    location.reload();
  });
  main.replaceChildren(form);
}

export default async function open(main) {
  const values = await (await ask("api/settings")).json();
  const again = () => open(main);
  const change = async (wishes) => {
    await post("settings", wishes);
    await again();
    say(t("saved"));
  };

  const ntp = h("textarea", { name: "ntp", rows: 2, value: (values.ntp || []).join("\n") });
  const general = h(
    "form",
    { className: "card" },
    h("h2", {}, t("device")),
    field("settings_name", values.name, { maxLength: 63 }),
    field("settings_password", "", { type: "password", minLength: 8, autocomplete: "new-password" }),
    field("timezone", values.timezone),
    h("label", {}, t("ntp"), ntp),
    h("button", { className: "main" }, t("save")),
  );
  general.onsubmit = tried(async (event) => {
    event.preventDefault();
    const has = general.elements;
    const servers = ntp.value.split(/\s+/).filter((server) => server);
    const wishes = {
      name: has.settings_name.value || null,
      timezone: has.timezone.value || null,
      ntp: servers.length ? servers : null,
    };
    if (has.settings_password.value) wishes.new_password = has.settings_password.value;
    await change(wishes);
  });

  const networks = values.networks;
  const forget = (network) =>
    tried(async () => {
      if (networks.length > 1 || confirm(t("last_network"))) {
        await change({ networks: networks.filter((other) => other !== network) });
      }
    });
  const known = networks.map((network) => {
    const gone = button(t("remove"), forget(network), "small danger");
    gone.setAttribute("aria-label", `${t("remove")}: ${network.ssid}`);
    return h("li", {}, h("span", { className: "what" }, network.ssid), gone);
  });
  const hidden = h("input", { type: "checkbox", name: "hidden" });
  const wifi = h(
    "form",
    { className: "card" },
    h("h2", {}, t("networks")),
    known.length ? h("ul", { className: "list" }, ...known) : h("p", {}, t("no_networks")),
    field("ssid", "", { required: true, maxLength: 32 }),
    field("key", "", { type: "password", minLength: 8 }),
    h("label", {}, hidden, " ", t("hidden")),
    h("button", { className: "main" }, t("add")),
  );
  wifi.onsubmit = tried(async (event) => {
    event.preventDefault();
    const network = { ssid: wifi.elements.ssid.value };
    if (wifi.elements.key.value) network.password = wifi.elements.key.value;
    if (hidden.checked) network.hidden = true;
    await change({
      networks: [network, ...networks.filter((other) => other.ssid !== network.ssid)],
    });
  });

  const secrets = h("input", { type: "checkbox" });
  const file = h("input", { type: "file", accept: ".json", hidden: true });
  const backup = tried(async () => {
    const answer = await ask(`api/settings?${secrets.checked ? "secrets" : "backup"}`);
    const text = JSON.stringify(await answer.json(), null, 2);
    save(new Blob([text], { type: "application/json" }), "device.json");
  });
  file.onchange = tried(async () => {
    let wishes;
    try {
      wishes = JSON.parse(await file.files[0].text());
    } catch {
      throw new Error(t("no_backup"));
    }
    await change(wishes);
    say(t("restored"));
  });
  const reset = tried(async () => {
    if (!confirm(t("ask_reset"))) return;
    await post("reset");
    await comesBack();
    location.hash = "";
    location.reload();
  });

  main.replaceChildren(
    h("div", { className: "cards" }, general, wifi),
    h("p", { className: "small" }, t("later")),
    h(
      "section",
      { className: "card" },
      h("h2", {}, t("backup")),
      h("p", {}, t("backup_what")),
      h("label", {}, secrets, " ", t("secrets")),
      h(
        "div",
        { className: "row" },
        button(t("backup"), backup),
        button(t("restore"), () => file.click()),
        file,
      ),
    ),
    h(
      "section",
      { className: "card" },
      h("h2", {}, t("reset")),
      h("p", {}, t("reset_what")),
      button(t("reset"), reset, "danger"),
    ),
  );
}

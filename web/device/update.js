// SPDX-License-Identifier: MIT
// The firmware: which runs, and another in its place.
import { ask, button, comesBack, h, post, say, send, sleep, t, tried } from "./common.js";

const state = async () => (await ask("api/update")).json();

export default async function open(main) {
  const now = await state();
  const progress = h("div");
  const file = h("input", { type: "file", accept: ".bin", required: true });
  const restarted = async () => {
    progress.replaceChildren(h("p", {}, t("update_wait")));
    await comesBack();
    let then = await state();
    while (then.pending) {
      await sleep(2000);
      then = await state().catch(() => then);
    }
    await open(main);
    if (then.taken_back === null) say(t("update_done", then.version));
  };
  const form = h(
    "form",
    {},
    h("label", {}, t("update_file"), file),
    h("button", { className: "main" }, t("update_go")),
  );
  form.onsubmit = tried(async (event) => {
    event.preventDefault();
    try {
      await send("api/update", file.files[0].name, file.files[0], progress);
    } catch (error) {
      progress.replaceChildren();
      throw error;
    }
    await restarted();
  });
  const look = tried(async () => {
    const answer = await post("update");
    if (answer.status === 202) await restarted();
    else say(t("update_current"));
  });
  const back = now.taken_back;
  main.replaceChildren(
    h(
      "section",
      { className: "card" },
      h("h2", {}, t("update")),
      now.version ? h("p", {}, `TinyWeb ${now.version}`) : null,
      back === null || back === undefined
        ? null
        : h("p", { className: "bad", role: "alert" }, t("update_back", back)),
      h("p", {}, t(now.room === null ? "update_none" : "update_what")),
      now.room === null ? null : form,
      now.source ? h("p", {}, button(t("update_look"), look)) : null,
      progress,
    ),
  );
}

// SPDX-License-Identifier: MIT
"use strict";

let limit = 0;

// Why the board does not take what was chosen, or "".
function refusal(files) {
  if (!files.length) return "Choose a file first.";
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (!limit || size <= limit) return "";
  return `Not sent: ${bytes(size)}, and the board takes ${bytes(limit)} at once.`;
}

async function list() {
  const answer = await fetch("files/list", { cache: "no-store" });
  if (!answer.ok) throw new Error(await answer.text());
  const { files, free, ...more } = await answer.json();
  limit = more.limit;
  $("limit").textContent = bytes(limit);
  $("free").textContent = bytes(free);
  $("list").replaceChildren(...files.map(file));
  if (!files.length) $("list").append(element("li", "Nothing yet."));
}

function file([name, size]) {
  const url = "files/data/" + encodeURIComponent(name);
  const text = document.createElement("div");
  const link = element("a", name);
  link.href = url;
  text.append(link, element("p", bytes(size)));
  text.lastChild.className = "muted";
  return row(text, name, () => refresh(() => fetch(url, { method: "DELETE" })));
}

// fetch() tells nothing of the progress of what it sends.
function send(form) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => {
      $("sent").max = event.total;
      $("sent").value = event.loaded;
    };
    request.onload = () => {
      if (request.status < 400) resolve();
      else reject(new Error("Not stored: " + request.responseText));
    };
    request.onerror = () => reject(new TypeError("Not stored: no answer from the board."));
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}

// Whatever was done, the list shows what is there now.
async function refresh(act) {
  let text = "";
  let answered = true;
  try {
    await act?.();
    await list();
  } catch (error) {
    text = error.message;
    // As fetch() has it, where there is no answer at all.
    answered = !(error instanceof TypeError);
  }
  live(answered);
  $("status").textContent = text;
}

// What is missing is said below the form, where everything else is.
$("upload").noValidate = true;

$("upload").onsubmit = async (event) => {
  event.preventDefault();
  const form = $("upload");
  const reason = refusal([...form.elements.file.files]);
  if (reason) {
    $("status").textContent = reason;
    return;
  }
  await refresh(async () => {
    await send(form);
    form.reset();
  });
  if (!$("status").textContent) $("status").textContent = "Stored.";
};

refresh();

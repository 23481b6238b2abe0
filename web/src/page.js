// SPDX-License-Identifier: MIT
// Offers the images that images.json names and hands the chosen one's manifest to the
// install button.
"use strict";

const install = document.getElementById("install");
const fieldset = document.querySelector("#choice fieldset");
const commands = document.getElementById("commands");
// How long a button says that it has copied, in ms.
const COPIED = 2000;

// Without one of these no image can be written from here, whichever is chosen.
function missing() {
  if (!window.isSecureContext) {
    return "Browsers allow access to serial ports only on pages loaded by HTTPS or from this computer.";
  }
  return "serial" in navigator
    ? ""
    : "This browser cannot reach serial ports. Chrome, Edge, Opera and recent Firefox for desktop " +
        "can; elsewhere take esptool, below.";
}

// Gives `box`, which holds a <pre>, a button that copies its text; `what` tells it from others.
function addCopyButton(box, what) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${what}`);
  button.onclick = async () => {
    const { textContent } = box.querySelector("pre");
    try {
      await navigator.clipboard.writeText(`${textContent.trim()}\n`);
      button.textContent = "Copied";
    } catch {
      // Not allowed here: what is selected can be copied by hand.
      getSelection().selectAllChildren(box.querySelector("pre"));
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), COPIED);
  };
  box.append(button);
}

// The command lines that do the same; the manifest has chip, file and offset.
async function showCommands(image) {
  const response = await fetch(image.manifest);
  const { builds } = await response.json();
  commands.replaceChildren();
  for (const { chipFamily, parts: [part] } of builds) {
    const chip = chipFamily.toLowerCase().replace("-", "");
    const options = image.options[chipFamily];
    const offset = `0x${part.offset.toString(16)}`;
    const name = document.createElement("h3");
    name.textContent = chipFamily;
    const box = document.createElement("div");
    box.className = "code";
    const text = document.createElement("pre");
    text.textContent =
      `esptool --chip ${chip} --port PORT erase-flash\n` +
      `esptool --chip ${chip} --port PORT write-flash ${options} ${offset} ${part.path}`;
    box.append(text);
    addCopyButton(box, `the commands for ${chipFamily}`);
    commands.append(name, box);
  }
}

function choose(image) {
  install.setAttribute("manifest", image.manifest);
  install.hidden = missing() !== "";
  return showCommands(image);
}

function offer(image) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "radio";
  input.name = "image";
  input.value = image.manifest;
  input.addEventListener("change", () => choose(image));
  label.append(input, " ", image.title);
  fieldset.append(label);
}

async function main() {
  const reason = missing();
  document.getElementById("unsupported").textContent = reason;
  document.getElementById("unsupported").hidden = !reason;
  addCopyButton(document.querySelector("main > .code"), "the first program");
  const loading = document.getElementById("loading");
  try {
    const response = await fetch("images.json");
    if (!response.ok) {
      throw new Error(`images.json: ${response.status}`);
    }
    const { version, images } = await response.json();
    document.getElementById("version").textContent = version;
    images.forEach(offer);
    // Fits any board: the chip is found when the board is connected.
    fieldset.querySelector("input").checked = true;
    await choose(images[0]);
    loading.remove();
  } catch (error) {
    loading.textContent = `The list of images could not be loaded (${error.message}).`;
  }
}

main();

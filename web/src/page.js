// SPDX-License-Identifier: MIT
// Offers the images that images.json names and hands the chosen one's manifest to the
// install button.
"use strict";

const install = document.getElementById("install");
const fieldset = document.querySelector("#choice fieldset");
const command = document.getElementById("command");

// The command line that does the same; the manifest has chip, file and offset.
async function showCommand(image) {
  const response = await fetch(image.manifest);
  const build = (await response.json()).builds[0];
  const chip = build.chipFamily.toLowerCase().replace("-", "");
  const part = build.parts[0];
  command.textContent =
    `esptool --chip ${chip} --port PORT erase-flash\n` +
    `esptool --chip ${chip} --port PORT write-flash ${image.options} ` +
    `0x${part.offset.toString(16)} ${part.path}`;
}

function choose(image) {
  install.setAttribute("manifest", image.manifest);
  install.hidden = false;
  return showCommand(image);
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
  const loading = document.getElementById("loading");
  try {
    const response = await fetch("images.json");
    if (!response.ok) {
      throw new Error(`images.json: ${response.status}`);
    }
    const { version, images } = await response.json();
    document.getElementById("version").textContent = version;
    images.forEach(offer);
    loading.remove();
  } catch (error) {
    loading.textContent = `The list of images could not be loaded (${error.message}).`;
  }
}

main();

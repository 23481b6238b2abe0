// SPDX-License-Identifier: MIT
// Offers the images that images.json names and hands the chosen one's manifest to the
// install button.
"use strict";

const install = document.getElementById("install");
const fieldset = document.querySelector("#choice fieldset");
const command = document.getElementById("command");

// The command lines that do the same; the manifest has chip, file and offset.
async function showCommand(image) {
  const response = await fetch(image.manifest);
  const { builds } = await response.json();
  command.textContent = builds
    .map(({ chipFamily, parts: [part] }) => {
      const chip = chipFamily.toLowerCase().replace("-", "");
      const options = image.options[chipFamily];
      const offset = `0x${part.offset.toString(16)}`;
      return (
        (builds.length > 1 ? `# ${chipFamily}\n` : "") +
        `esptool --chip ${chip} --port PORT erase-flash\n` +
        `esptool --chip ${chip} --port PORT write-flash ${options} ${offset} ` +
        `${part.path}\n`
      );
    })
    .join("\n");
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
    // Fits any board: the chip is found when the board is connected.
    fieldset.querySelector("input").checked = true;
    await choose(images[0]);
    loading.remove();
  } catch (error) {
    loading.textContent = `The list of images could not be loaded (${error.message}).`;
  }
}

main();

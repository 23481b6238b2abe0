# SPDX-License-Identifier: MIT
"""The record of a build: from which commits and with which tools an image was made.

Lies as build.json beside the image; a release compares it with the image and with itself.
"""

import hashlib
import importlib.metadata
import json

from . import TOP, FirmwareError, components, contents, sources, table

NAME = "build.json"
FORMAT = 2


def rules():
    """The version of the rules by which the editor colours, or None: ci/build-highlight."""
    if not (TOP / "build" / "highlight" / "highlight.js").exists():
        return None
    package = json.loads((TOP / "web" / "package.json").read_text())
    return package["dependencies"]["@speed-highlight/core"]


def write(job, path, tools, partial):
    """Write the record of the image at ``path``.

    tools: (compiler, SDK, the SDK's folder), as the port's module returns them. partial: whether
    parts were allowed to be missing.
    """
    compiler, sdk, folder = tools
    versions = {
        "TinyWeb": table.version(),
        "MicroPython": job.env["MICROPY_GIT_TAG"].removeprefix("v"),
        "libgcc": compiler["version"],
        sdk["name"]: sdk["version"],
    }
    pages = "tinyweb/device/assets.py" in contents.manifest_files(job.entry, job.own.manifest)
    if pages and rules():
        versions["Speed Highlight"] = rules()
    parts = components.describe(
        path.with_name("firmware.map"),
        job.entry.port,
        folder,
        versions,
        own=job.own.modules is not None,
    )
    text = json.dumps(
        {
            "format": FORMAT,
            "build": job.entry.build_name,
            "version": table.version(),
            "sha256": {
                file.name: hashlib.sha256(file.read_bytes()).hexdigest()
                for file in (path, path.with_name("firmware.elf"))
            },
            "source": {
                "commit": sources.commit(TOP),
                "changed": sources.changed(),
                "date": int(job.env["SOURCE_DATE_EPOCH"]),
            },
            "micropython": {
                "version": job.env["MICROPY_GIT_TAG"],
                "commit": sources.commit(sources.MICROPYTHON),
                "submodules": {
                    name: sources.commit(sources.MICROPYTHON / name) for name in job.submodules
                },
            },
            "compiler": compiler,
            "sdk": sdk,
            "components": parts,
            "esptool": importlib.metadata.version("esptool"),
            "partial": partial,
            "colours": not pages or rules() is not None,
            "own": job.own.describe(),
        },
        indent=2,
    )
    path.with_name(NAME).write_text(text + "\n")


def read(path):
    """The record of the image at ``path``; FirmwareError when there is none that is its own."""
    file = path.with_name(NAME)
    try:
        record = json.loads(file.read_text())
    except FileNotFoundError:
        raise FirmwareError(
            f"{path} has no {NAME} beside it, which make firmware writes: who knows what it is?"
        ) from None
    if record.get("format") != FORMAT:
        raise FirmwareError(f"{file} was written by another version of make firmware: build again")
    for name, expected in record["sha256"].items():
        part = file.with_name(name)
        if not part.exists():
            raise FirmwareError(f"{part} is missing beside {path.name}")
        if hashlib.sha256(part.read_bytes()).hexdigest() != expected:
            raise FirmwareError(f"{part} is not the file that was built: {file} has another sum")
    return record

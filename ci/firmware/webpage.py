# SPDX-License-Identifier: MIT
"""The page that flashes from the browser: manifests for ESP Web Tools and static files.

ESP Web Tools writes each part at its offset and keeps the flash parameters of the image's
header, so that header must be right for the board; the tests of images see to it.
https://esphome.github.io/esp-web-tools/
"""

import dataclasses
import gzip
import json
import os
import shutil
import subprocess
import tarfile

from . import TOP, FirmwareError

SOURCE = TOP / "web"
# A board makes its file system when it starts for the first time, which takes some seconds.
IMPROV_WAIT = 20


# What the page offers first: (title, name of the manifest, variants of which each chip takes the
# first that it has). ESP Web Tools finds the chip and takes its image.
GROUPS = (
    (
        "Recommended: updates over the network, where the flash has a place for two programs",
        "manifest.json",
        ("OTA", ""),
    ),
    (
        "One program, ROMFS, and more flash for files; updates by cable",
        "manifest-one-program.json",
        ("",),
    ),
)


@dataclasses.dataclass(frozen=True)
class Group:
    """Images for the same purpose, one for each chip, that suit any board with the chip."""

    title: str
    manifest: str
    variants: list


def groups(variants):
    """The Groups that there are images for."""
    by_name = {variant.name: variant for variant in variants}
    chips = list(dict.fromkeys(variant.chip for variant in variants))
    found = []
    for title, manifest, wanted in GROUPS:
        members = []
        for chip in chips:
            names = [f"firmware_{chip}_{w.lower()}" if w else f"firmware_{chip}" for w in wanted]
            members += [by_name[name] for name in names if name in by_name][:1]
        if members:
            found.append(Group(title, manifest, members))
    return found


def choices(variants):
    """What the page offers, in its order: groups, and the images that are in none."""
    found = [
        Group(f"{g.title} ({', '.join(v.family for v in g.variants)})", g.manifest, g.variants)
        for g in groups(variants)
    ]
    grouped = {variant.name for group in found for variant in group.variants}
    found += [
        Group(variant.title, f"manifest-{variant.name}.json", [variant])
        for variant in variants
        if variant.name not in grouped
    ]
    return [
        {
            "title": choice.title,
            "manifest": choice.manifest,
            # For the commands that do the same with esptool.
            "options": {v.family: " ".join(v.flash_options) for v in choice.variants},
        }
        for choice in found
    ]


def manifest(name, version, variants):
    """A manifest as ESP Web Tools reads it; one build for each chip."""
    builds = [
        {
            "chipFamily": variant.family,
            "parts": [
                {
                    "path": variant.file_name("image", version),
                    "offset": variant.files["image"],
                }
            ],
        }
        for variant in variants
    ]
    families = [build["chipFamily"] for build in builds]
    if len(families) != len(set(families)):
        raise ValueError("two images for one chip in a manifest")
    return {
        "name": name,
        "version": version,
        "new_install_prompt_erase": True,
        # How long the page waits, in seconds, until it is told that it can ask for a network.
        "new_install_improv_wait_time": (
            IMPROV_WAIT if all(variant.improv for variant in variants) else 0
        ),
        "builds": builds,
    }


def manifests(version, variants):
    """{file name: manifest}: one for each group, and one for each image."""
    result = {
        group.manifest: manifest("TinyWeb", version, group.variants) for group in groups(variants)
    }
    for variant in variants:
        result[f"manifest-{variant.name}.json"] = manifest("TinyWeb", version, [variant])
    return result


def build_page():
    """Build web/ with npm and return the folder with the page's files."""
    npm = shutil.which("npm")
    if not npm:
        raise FirmwareError("npm was not found; the flashing page in web/ is built with it")
    for command in (["ci", "--no-audit", "--no-fund", "--silent"], ["run", "--silent", "build"]):
        done = subprocess.run([npm, *command], cwd=SOURCE, capture_output=True, text=True)
        if done.returncode:
            raise FirmwareError(f"npm {' '.join(command)} failed in web/:\n{done.stderr}")
    return TOP / "build" / "web"


def write(out, version, variants, files):
    """Write the page, its manifests and copies of the images in ``files`` to ``out``.

    The images lie beside the page because a browser may not load them from elsewhere. The
    documentation of this version is in docs/.
    """
    shutil.copytree(build_page(), out)
    done = subprocess.run(
        [TOP / "ci" / "make-docs", out / "docs"],
        env={**os.environ, "FLASH_PAGE": "../index.html"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise FirmwareError(f"The documentation could not be built:\n{done.stderr}")
    for name, content in manifests(version, variants).items():
        (out / name).write_text(json.dumps(content, indent=2) + "\n")
    (out / "images.json").write_text(
        json.dumps({"version": version, "images": choices(variants)}, indent=2) + "\n"
    )
    for variant in variants:
        name = variant.file_name("image", version)
        shutil.copyfile(files / name, out / name)


def pack(folder, path):
    """Write an archive of the page's folder; equal folders give equal bytes."""

    def plain(member):
        member.mtime = member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mode = 0o755 if member.isdir() else 0o644
        return member

    with (
        open(path, "wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for file in sorted(folder.rglob("*")):
            archive.add(file, file.relative_to(folder), recursive=False, filter=plain)

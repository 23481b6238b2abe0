# SPDX-License-Identifier: MIT
"""ci/make-release VERSION [--images FOLDER] [--out FOLDER] [--partial]

Write a release: each image under its release's name, what belongs to it, licence texts, a bill
of materials, how the images were built, checksums, a size report, notes, and the page that
flashes from the browser.

    --images   folder with one folder for each image as `make firmware` leaves them in
               build/, which is the default
    --out      where the release goes; emptied first (default: dist)
    --partial  release although images are missing; the notes then name them

VERSION is "v" and what frozen/tinyweb/__init__.py says, and CHANGELOG.md has a section
for it. Exit status 2 says that something is missing or does not fit together.
"""

import argparse
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys

from . import TOP, FirmwareError, bill, checks, image, sizes, table, webpage

CHANGELOG = TOP / "CHANGELOG.md"


def check_version(version, expected=None):
    """``"v1.2.3"`` as given, when it is a version and the one that images show."""
    expected = f"v{expected or table.version()}"
    if not re.fullmatch(r"v\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?", version or ""):
        raise FirmwareError(f"VERSION={version or ''}: a version looks like {expected}")
    if version != expected:
        raise FirmwareError(
            f"VERSION={version}, but frozen/tinyweb/__init__.py says {expected}: images would "
            f"show another version than their names"
        )
    return version


def notes(version, changelog):
    """The text of a version's section in CHANGELOG.md, without its heading."""
    match = re.search(
        rf"^## \[?v?{re.escape(version[1:])}\]?[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.M | re.S
    )
    if not match or not match[1].strip():
        raise FirmwareError(f"CHANGELOG.md has no section ## [{version[1:]}]")
    text = re.split(r"^\[[^\]]+\]: ", match[1], maxsplit=1, flags=re.M)[0]
    return text.strip() + "\n"


def files_of(variant, path, parsed):
    """{kind: bytes} of all files that are made of one image."""
    data = path.read_bytes()
    files = {"image": data}
    if "merged" in variant.files:
        files["merged"] = b"\xff" * variant.files["image"] + data
    if "app" in variant.files:
        files["app"] = parsed.app.data
    return files


def collect(images, version, partial):
    """``(found, missing)``: [checks.Checked] and the names of absent images."""
    found, missing = [], []
    this = checks.expected(version)
    for variant in table.load().values():
        path = images / variant.build_name / f"{variant.name}.bin"
        if path.exists():
            found.append(checks.check_image(path, variant, this))
        else:
            missing.append(variant.build_name)
    if not found or (missing and not partial):
        raise FirmwareError(
            f"Missing in {images}: {', '.join(missing)}.\n"
            f"make firmware builds one image each; with PARTIAL=1 the release is made of those "
            f"that are there, and its notes name the others"
        )
    return found, missing


def built_with(found):
    """A table of what the images were built from and with."""
    lines = ["| image | MicroPython | SDK | compiler |", "|---|---|---|---|"]
    for checked in found:
        record = checked.record
        sdk, compiler = record["sdk"], record["compiler"]
        cells = (
            checked.variant.name,
            record["micropython"]["version"],
            f"{sdk['name']} {sdk['version']}",
            f"{compiler['name']} {compiler['version']}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write(version, images, out, partial=False, changelog=None, page=True):
    """Write the release to ``out`` and return the names of its files."""
    text = notes(version, CHANGELOG.read_text() if changelog is None else changelog)
    found, missing = collect(images, version, partial)
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    files = {}
    for checked in found:
        variant, path = checked.variant, checked.path
        names = files[variant.name] = []
        for kind, data in files_of(variant, path, checked.parsed).items():
            names.append(out / variant.file_name(kind, version))
            names[-1].write_bytes(data)
        for suffix in ("elf", "map"):
            source = path.with_name(f"firmware.{suffix}")
            names.append(out / f"{variant.name}-{version}.{suffix}")
            shutil.copyfile(source, names[-1])
    if updates := updates_of(found, version, out):
        (out / "release.json").write_text(json.dumps({"images": updates}, indent=1) + "\n")
    (out / "LICENSES.txt").write_text(bill.licences(found))
    (out / f"sbom-{version}.cdx.json").write_text(bill.materials(version, found))
    statements = bill.provenance(version, found, files)
    (out / f"provenance-{version}.intoto.jsonl").write_text(statements)
    report = [sizes.measure(checked.path) for checked in found]
    (out / "sizes.md").write_text(sizes.markdown(report))
    (out / "sizes.json").write_text(sizes.as_json(report) + "\n")
    if missing:
        text += f"\nNot part of this release: images for {', '.join(missing)}.\n"
    text += f"\n## Built with\n\n{built_with(found)}"
    (out / "RELEASE_NOTES.md").write_text(f"{text}\n## Sizes in bytes\n\n{sizes.markdown(report)}")
    if page:
        webpage.write(out / "web", version, [checked.variant for checked in found], out)
        webpage.pack(out / "web", out / f"web-{version}.tar.gz")
    write_checksums(out)
    return sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())


def updates_of(found, version, out):
    """What devices read that look for updates: {build: image} of those with two places for one."""
    updates = {}
    for checked in found:
        variant = checked.variant
        if variant.variant != "OTA":
            continue
        path = out / variant.file_name("app", version)
        data = path.read_bytes()
        updates[variant.build_name] = {
            "version": version.removeprefix("v"),
            "file": path.name,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    return updates


def write_checksums(out):
    """SHA256SUMS of the release's files, as ``sha256sum --check`` reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(out.iterdir())
        if path.is_file()
    ]
    (out / "SHA256SUMS").write_text("".join(lines))


def main(argv):
    parser = argparse.ArgumentParser(
        prog="ci/make-release",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("version", nargs="?", default="")
    parser.add_argument("--images", type=pathlib.Path, default=TOP / "build")
    parser.add_argument("--out", type=pathlib.Path, default=TOP / "dist")
    parser.add_argument("--partial", action="store_true")
    options = parser.parse_args(argv)
    try:
        version = check_version(options.version)
        names = write(version, options.images, options.out, options.partial)
    except (FirmwareError, image.ImageError) as error:
        print(error, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(error.stderr or error, file=sys.stderr)
        return 2
    for name in names:
        print(options.out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

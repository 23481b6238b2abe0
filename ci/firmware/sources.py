# SPDX-License-Identifier: MIT
"""What an image is made from: MicroPython and its submodules, and at which commits."""

import contextlib
import hashlib
import os
import subprocess

from . import TOP, FirmwareError

MICROPYTHON = TOP / "micropython"

# A file that a filled submodule has, and what an image without the submodule lacks. A fetch
# that failed leaves a folder that holds nothing, or nothing but .git.
PROOFS = {
    "lib/axtls": ("ssl/tls1.c", "TLS and cryptolib"),
    "lib/berkeley-db-1.xx": ("btree/bt_open.c", "btree"),
    "lib/micropython-lib": (
        "micropython/bundles/bundle-networking/manifest.py",
        "WebREPL, mip, ntptime, requests, umqtt, neopixel, dht, onewire and more",
    ),
    "lib/tinyusb": ("src/tusb.c", "the prompt behind native USB"),
}

MISSING = """\
micropython/{name} is not there: the image would lack {what}.
{way}
PARTIAL=1 builds an image without those parts; it is not one that can be released.\
"""
BY_GIT = """\
To fetch it:
  git -C micropython submodule update --init --force --depth 1 -- {name}\
"""
FROM_ARCHIVE = """\
micropython/ was filled from a source archive, which has no submodules. To take MicroPython's
git repository instead, remove what micropython/ holds and run
  ci/fetch-micropython --source git\
"""


def missing(names):
    """Those of the submodules whose contents are absent."""
    return [name for name in names if not (MICROPYTHON / name / PROOFS[name][0]).is_file()]


def fetch(names, run):
    """Take what is missing of the submodules where MicroPython's git repository is there.

    ``run(command, **options)`` runs git and raises FirmwareError where it fails; what is
    missing after that is for the caller to say.
    """
    absent = missing(names)
    if not absent or not (MICROPYTHON / ".git").exists():
        return
    command = ["git", "-C", MICROPYTHON, "submodule", "update", "--init", "--force", "--quiet"]
    with contextlib.suppress(FirmwareError, subprocess.TimeoutExpired):
        run(
            [*command, "--depth", "1", "--", *absent],
            timeout=300,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )


def require(names):
    """FirmwareError that says which submodule is missing, and how to get it."""
    absent = missing(names)
    if absent:
        way = BY_GIT if (MICROPYTHON / ".git").exists() else FROM_ARCHIVE
        raise FirmwareError(
            MISSING.format(
                name=" and micropython/".join(absent),
                what=", ".join(PROOFS[name][1] for name in absent),
                way=way.format(name=" ".join(absent)),
            )
        )
    for name in names:
        expected, found = pinned(name), commit(MICROPYTHON / name)
        if expected and found and found != expected:
            raise FirmwareError(
                f"micropython/{name} is at {found}, but MicroPython names {expected}.\n"
                + BY_GIT.format(name=name)
            )


def pinned(name):
    """The commit that MicroPython names for a submodule, or None without git."""
    return _gitlink(MICROPYTHON, name) if (MICROPYTHON / ".git").exists() else None


def pinned_micropython():
    """The commit that this repository names for micropython/, or None without git."""
    return _gitlink(TOP, "micropython")


def _gitlink(folder, name):
    done = subprocess.run(
        ["git", "-C", folder, "ls-tree", "HEAD", name], capture_output=True, text=True
    )
    return done.stdout.split()[2] if done.returncode == 0 and done.stdout else None


def fingerprint(names):
    """A text that changes when a file of the submodules comes or goes, or their commit does."""
    digest = hashlib.sha256()
    for name in names:
        folder = MICROPYTHON / name
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
        digest.update("\n".join([name, str(commit(folder)), *files]).encode())
    return digest.hexdigest()


# Files of a board's folder that each build reads anew, or none does.
_NO_SETTINGS = (".json", ".md", ".py", ".toml")


def settings(paths):
    """What sets how an image is compiled, as text that changes with each file's name and content.

    paths: files, and folders of which all files count, also in folders below.
    """
    files = {file for path in paths for file in (path.rglob("*") if path.is_dir() else [path])}
    text = []
    for file in sorted(files):
        if file.is_file() and file.suffix not in _NO_SETTINGS:
            text += [str(file), file.read_text(errors="replace")]
    return "\n".join(text)


def commit(folder):
    """The commit that a git work tree has checked out, or None where the folder is none."""
    if not (folder / ".git").exists():
        return None
    done = subprocess.run(
        ["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True
    )
    return done.stdout.strip() or None


def changed():
    """Whether files of this repository differ from its last commit, as git sees it."""
    done = subprocess.run(
        ["git", "-C", TOP, "status", "--porcelain", "--untracked-files=no"],
        capture_output=True,
        text=True,
    )
    return bool(done.stdout.strip())

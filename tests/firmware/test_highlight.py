# SPDX-License-Identifier: MIT
"""ci/build-highlight: the rules of the editor's colours, and builds where they cannot be had."""

import os
import shutil
import subprocess

import pytest

from firmware import TOP

# npm's and Node's words for "no registry can be reached from here".
OFFLINE = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "ECONNRESET")


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the script reads."""
    for folder in ("ci", "web"):
        shutil.copytree(TOP / folder, tmp_path / folder, ignore=shutil.ignore_patterns("node_*"))
    return tmp_path


def start(checkout, **env):
    return subprocess.Popen(
        [checkout / "ci" / "build-highlight"],
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(checkout, **env):
    """What the script says; it never ends a build."""
    process = start(checkout, **env)
    out, said = process.communicate(timeout=300)
    assert (process.returncode, out) == (0, ""), said
    return said


@pytest.fixture
def without_npm(checkout):
    """A PATH on which neither npm nor node is found, but what the script calls is."""
    folder = checkout / "bin"
    folder.mkdir()
    for name in ("sh", "cat", "cksum", "mkdir", "rm", "dirname", "flock", "cp"):
        (folder / name).symlink_to(shutil.which(name))
    return str(folder)


def made(checkout):
    return checkout / "build" / "highlight" / "highlight.js"


def installed(checkout):
    """Run the script; skip where no registry is."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing")
    said = run(checkout)
    log = checkout / "build" / "highlight.log"
    if said and any(word in log.read_text() for word in OFFLINE):
        pytest.skip("no npm registry")
    assert said == ""


def test_without_npm_it_is_said(checkout, without_npm):
    said = run(checkout, PATH=without_npm)
    assert "npm is missing" in said
    assert "ci/install-deps web" in said
    assert not made(checkout).exists()
    # Every build says so, and none has to freeze anything anew.
    state = made(checkout).with_name("state")
    before = state.stat().st_mtime_ns
    assert run(checkout, PATH=without_npm) == said
    assert state.stat().st_mtime_ns == before


def test_without_a_registry_it_is_said(checkout, tmp_path):
    if not shutil.which("npm"):
        pytest.skip("npm is missing")
    nowhere = {
        "npm_config_registry": "http://127.0.0.1:9/",
        "npm_config_cache": tmp_path / "empty",
    }
    said = run(checkout, **nowhere)
    assert "npm could not install" in said
    assert "build/highlight.log" in said
    assert not made(checkout).exists()


def test_two_builds_at_once_make_the_same(checkout, without_npm):
    installed(checkout)
    text = made(checkout).read_bytes()
    assert text.startswith(b"/*! @speed-highlight/core ") and b"CC0-1.0" in text[:80]
    assert b"CC0" in made(checkout).with_name("LICENSE").read_bytes()
    date = made(checkout).stat().st_mtime_ns
    # Once it is there, neither npm nor the network is asked.
    assert run(checkout, PATH=without_npm) == ""
    assert made(checkout).stat().st_mtime_ns == date
    shutil.rmtree(checkout / "build")
    both = [start(checkout), start(checkout)]
    for process in both:
        assert process.wait(300) == 0, process.stderr.read()
        process.stdout.close()
        process.stderr.close()
    assert made(checkout).read_bytes() == text


def test_rules_of_another_version_are_not_kept(checkout, without_npm):
    installed(checkout)
    lock = checkout / "web" / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert "npm is missing" in run(checkout, PATH=without_npm)
    assert not made(checkout).exists()


def test_package_of_another_form_ends_the_build(tmp_path):
    """Better than rules that a browser refuses."""
    if not shutil.which("node"):
        pytest.skip("node is missing")
    package = tmp_path / "package"
    (package / "dist" / "languages").mkdir(parents=True)
    (package / "package.json").write_text('{"version": "9.9.9", "license": "MIT"}')
    (package / "LICENSE").write_text("A licence.\n")
    (package / "dist" / "tokenize.js").write_text("exports.tokenizeWith = 1;\n")
    command = ["node", TOP / "web" / "build-highlight.js", package, tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    assert "tokenize.js of 9.9.9 is not what this script can join" in done.stderr
    assert not (tmp_path / "out").exists()

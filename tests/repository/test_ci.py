# SPDX-License-Identifier: MIT
"""The scripts that fetch and install. No test here needs more network than a build does."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

import pytest

from support.simulator import TOP

needs_apt = pytest.mark.skipif(shutil.which("apt-get") is None, reason="this machine has no apt")


def script(name, *arguments, cwd=TOP, env=None):
    return subprocess.run(
        [pathlib.Path(cwd) / "ci" / name, *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def archive(tmp_path):
    """A Debian archive in a folder that apt is told to use, with one source package.

    Returns (environment, file name, sha256); the environment has an empty cache.
    """
    name = "lwip_1.0+dfsg1.orig.tar.xz"
    file = tmp_path / "archive" / "pool" / "main" / "l" / "lwip" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"content of a tarball")
    sources = tmp_path / "sources.list"
    sources.write_text(f"deb [trusted=yes] file://{tmp_path}/archive stable main\n")
    config = tmp_path / "apt.conf"
    config.write_text(f'Dir::Etc::sourcelist "{sources}";\nDir::Etc::sourceparts "-";\n')
    environment = {"APT_CONFIG": str(config), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    return environment, name, hashlib.sha256(b"content of a tarball").hexdigest()


@needs_apt
def test_source_package_comes_from_the_machines_archives_and_stays(archive, tmp_path):
    env, name, sha256 = archive
    done = script("fetch-debian-source", "lwip", name, sha256, env=env)
    cached = tmp_path / "cache" / "tinyweb" / name
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{cached}\n"
    assert cached.read_bytes() == b"content of a tarball"

    shutil.rmtree(tmp_path / "archive")
    again = script("fetch-debian-source", "lwip", name, sha256, env=env)
    assert (again.returncode, again.stdout) == (0, f"{cached}\n")


@needs_apt
def test_source_package_with_another_checksum_is_refused(archive, tmp_path):
    env, name, sha256 = archive
    wrong = sha256[::-1]
    done = script("fetch-debian-source", "lwip", name, wrong, env=env)
    assert done.returncode == 3
    assert done.stdout == ""
    assert wrong in done.stderr
    assert list((tmp_path / "cache" / "tinyweb").iterdir()) == []


@needs_apt
def test_changed_file_in_the_cache_is_fetched_anew(archive, tmp_path):
    env, name, sha256 = archive
    cached = tmp_path / "cache" / "tinyweb" / name
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"cut off")
    done = script("fetch-debian-source", "lwip", name, sha256, env=env)
    assert done.returncode == 0, done.stderr
    assert cached.read_bytes() == b"content of a tarball"


@needs_apt
def test_without_any_archive_the_message_says_what_to_do(archive, tmp_path):
    env, name, sha256 = archive
    (tmp_path / "sources.list").write_text("")
    done = script("fetch-debian-source", "lwip", name, sha256, env=env)
    assert done.returncode == 3
    assert "apt names no archive" in done.stderr


def test_filling_the_submodule_keeps_the_checkout_clean(tmp_path):
    if subprocess.run(["git", "rev-parse"], cwd=TOP, capture_output=True).returncode != 0:
        pytest.skip("not a git checkout")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", TOP, clone], check=True)
    for name in ("fetch-micropython", "fetch-debian-source", "lock"):
        shutil.copy(TOP / "ci" / name, clone / "ci" / name)

    def status():
        return subprocess.run(
            ["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True
        ).stdout

    before = status()
    assert script("fetch-micropython", "--version", cwd=clone).returncode == 1
    done = script("fetch-micropython", cwd=clone)
    assert done.returncode == 0, done.stderr
    assert (clone / "micropython" / "py" / "vm.c").is_file()
    assert script("fetch-micropython", "--version", cwd=clone).stdout.startswith("1.")
    assert status() == before

    marker = clone / "micropython" / "py" / "vm.c"
    changed = marker.stat().st_mtime_ns
    assert script("fetch-micropython", cwd=clone).returncode == 0
    assert marker.stat().st_mtime_ns == changed


def test_submodule_folder_with_foreign_content_is_left_alone(tmp_path):
    shutil.copytree(TOP / "ci", tmp_path / "ci")
    (tmp_path / "micropython").mkdir()
    (tmp_path / "micropython" / "mine.txt").write_text("precious")
    done = script("fetch-micropython", "--source", "debian", cwd=tmp_path)
    if "could not be fetched" in done.stderr:
        pytest.skip("no Debian archive and nothing in the cache")
    assert done.returncode != 0
    assert "move it away" in done.stderr
    assert (tmp_path / "micropython" / "mine.txt").read_text() == "precious"


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("", 0, "WARNING: micropython/ holds 1.25.0, not the pinned"),
        ("1.25.0", 0, None),
        ("1.26.1", 1, "micropython/ holds 1.25.0, not 1.26.1"),
        ("1.24.0", 1, "not 1.24.0"),
    ],
)
def test_release_that_was_asked_for(tmp_path, asked, status, said):
    shutil.copytree(TOP / "ci", tmp_path / "ci")
    (tmp_path / "micropython" / "py").mkdir(parents=True)
    (tmp_path / "micropython" / "py" / "mpconfig.h").write_text(
        "".join(f"#define MICROPY_VERSION_{part}\n" for part in ("MAJOR 1", "MINOR 25", "MICRO 0"))
    )
    done = script("fetch-micropython", cwd=tmp_path, env={"MICROPYTHON_VERSION": asked})
    assert done.returncode == status
    assert done.stderr == "" if said is None else said in done.stderr


def test_unknown_group_of_packages_is_an_error():
    done = script("install-deps", "simulator", "no-such-group")
    assert done.returncode != 0
    assert "no-such-group" in done.stderr


def test_groups_name_packages_without_installing():
    done = script("install-deps", "--list", "simulator-32", "bench")
    assert done.returncode == 0
    assert {"gcc", "gcc-multilib", "make", "wrk", "valgrind"} <= set(done.stdout.split())


def test_requirements_are_all_pinned():
    for line in (TOP / "requirements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, separator, version = line.partition("==")
            assert name and separator and version, line


@pytest.mark.skipif(shutil.which("flock") is None, reason="without flock nobody waits")
def test_who_waits_for_a_lock_is_told(tmp_path):
    file = tmp_path / "lock"
    command = f"exec 9>{file}; ci/lock 'another build'; echo locked"
    with open(file, "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        waiting = subprocess.Popen(
            ["sh", "-c", command],
            cwd=TOP,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert waiting.stderr.readline() == "Waiting for another build to end\n"
        assert waiting.poll() is None
    assert waiting.communicate(timeout=20) == ("locked\n", "")

    # Nobody has it now, and the one before has kept it until its end only.
    free = subprocess.run(["sh", "-c", command], cwd=TOP, capture_output=True, text=True)
    assert (free.stdout, free.stderr) == ("locked\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "RELEASE"),
        (["woody"], "invalid choice: 'woody'"),
        (["trixie", "--no-such-option"], "--no-such-option"),
    ],
)
def test_fresh_machine_with_wrong_arguments(arguments, said):
    done = script("fresh-machine", *arguments)
    assert done.returncode == 2
    assert said in done.stderr

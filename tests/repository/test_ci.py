# SPDX-License-Identifier: MIT
"""The scripts that fetch and install. No test here needs more network than a build does."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import socket
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


PINNED, SECOND, *_ = script("fetch-micropython", "--versions").stdout.split()


# The commit of each release's tag. Another release in ci/fetch-micropython needs its line here.
COMMITS = {"1.28.0": "e0e9fbb17ed6fd06bb76e266ae554784c9c80804"}


def test_submodule_names_the_pinned_release():
    """In the index, and so in the next commit; else a clone would fill it with another release."""
    if subprocess.run(["git", "rev-parse"], cwd=TOP, capture_output=True).returncode != 0:
        pytest.skip("not a git checkout")
    entry = git("ls-files", "--stage", "micropython", cwd=TOP)
    assert entry.split()[:2] == ["160000", COMMITS[PINNED]]


def fill(folder, version):
    """Write the file by which ci/fetch-micropython knows MicroPython's version."""
    parts = zip(("MAJOR", "MINOR", "MICRO"), version.split("."), strict=True)
    (folder / "py").mkdir(parents=True)
    (folder / "py" / "mpconfig.h").write_text(
        "".join(f"#define MICROPY_VERSION_{part} {number}\n" for part, number in parts)
    )


@pytest.mark.parametrize(
    ("present", "asked", "status", "said"),
    [
        (PINNED, "", 0, None),
        (PINNED, PINNED, 0, None),
        (SECOND, "", 0, f"WARNING: micropython/ holds {SECOND}, not the pinned {PINNED}"),
        (SECOND, SECOND, 0, None),
        (SECOND, PINNED, 1, f"micropython/ holds {SECOND}, not {PINNED}"),
        (PINNED, SECOND, 1, f"micropython/ holds {PINNED}, not {SECOND}"),
        (PINNED, "1.24.0", 1, f"one of {PINNED} {SECOND} "),
    ],
)
def test_release_that_was_asked_for(tmp_path, present, asked, status, said):
    shutil.copytree(TOP / "ci", tmp_path / "ci")
    fill(tmp_path / "micropython", present)
    done = script("fetch-micropython", cwd=tmp_path, env={"MICROPYTHON_VERSION": asked})
    assert done.returncode == status
    assert done.stderr == "" if said is None else said in done.stderr


def git(*arguments, cwd):
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=cwd, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


# Neither the user's settings nor those of .ci/run; a submodule may come from a folder.
PLAIN_GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "protocol.file.allow",
    "GIT_CONFIG_VALUE_0": "always",
}


@pytest.fixture
def checkout(tmp_path):
    """``checkout(url)``: a checkout whose submodule is at `url`, by default a small repository.

    Neither cache nor archive of Debian's packages is there.
    """
    server = tmp_path / "server"
    fill(server, PINNED)
    git("init", "-q", cwd=server)
    git("add", ".", cwd=server)
    git("commit", "-qm", "all: Bump version.", cwd=server)
    git("tag", f"v{PINNED}", cwd=server)

    def make(url=None):
        top = tmp_path / "checkout"
        (top / "ci").mkdir(parents=True)
        for name in ("fetch-micropython", "fetch-debian-source", "lock"):
            shutil.copy(TOP / "ci" / name, top / "ci")
        (top / ".gitignore").write_text("build/\n")
        (top / ".gitmodules").write_text(
            f'[submodule "micropython"]\n\tpath = micropython\n\turl = {url or server}\n'
        )
        (top / "micropython").mkdir()
        git("init", "-q", cwd=top)
        commit = git("rev-parse", "HEAD", cwd=server)
        git("update-index", "--add", "--cacheinfo", f"160000,{commit},micropython", cwd=top)
        git("add", ".gitignore", ".gitmodules", "ci", cwd=top)
        git("commit", "-qm", "all: Begin.", cwd=top)
        return top

    make.environment = {
        **PLAIN_GIT,
        "MICROPYTHON_VERSION": "",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "APT_CONFIG": str(tmp_path / "apt.conf"),
    }
    (tmp_path / "apt.conf").write_text(
        'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "-";\n'
    )
    return make


def test_submodule_is_the_first_choice(checkout):
    top = checkout()
    done = script("fetch-micropython", cwd=top, env=checkout.environment)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert script("fetch-micropython", "--version", cwd=top).stdout == f"{PINNED}\n"
    assert git("status", "--porcelain", cwd=top) == ""
    assert git("rev-parse", "HEAD", cwd=top / "micropython")


def test_submodule_that_is_not_whole_is_named(checkout):
    top = checkout()
    script("fetch-micropython", cwd=top, env=checkout.environment)
    # What a `git submodule update` leaves that was cut off: the folder with .git alone is filled
    (top / "micropython" / "py" / "mpconfig.h").unlink()
    done = script("fetch-micropython", cwd=top, env=checkout.environment)
    assert done.returncode == 0, done.stderr
    assert (top / "micropython" / "py" / "mpconfig.h").exists()
    # and one that lacks other files is not taken.
    (top / "micropython" / "LICENSE").write_text("MIT")
    git("add", ".", cwd=top / "micropython")
    git("commit", "-qm", "all: Add a licence.", cwd=top / "micropython")
    (top / "micropython" / "LICENSE").unlink()
    done = script("fetch-micropython", cwd=top, env=checkout.environment)
    assert done.returncode == 1
    assert "lacks files of its commit" in done.stderr


def test_old_submodule_is_named_with_what_brings_the_new_one(checkout):
    """As after `git pull`."""
    top = checkout()
    script("fetch-micropython", cwd=top, env=checkout.environment)
    header = top / "micropython" / "py" / "mpconfig.h"
    header.write_text(header.read_text().replace("MAJOR 1", "MAJOR 0"))
    done = script("fetch-micropython", cwd=top, env=checkout.environment)
    assert done.returncode == 0
    assert f"not the pinned {PINNED}" in done.stderr
    assert "git submodule update --init micropython" in done.stderr


def test_server_that_does_not_answer_in_time_is_named(checkout):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/micropython.git"
        done = script(
            "fetch-micropython",
            cwd=checkout(url),
            env={**checkout.environment, "MICROPYTHON_TIMEOUT": "1", "no_proxy": "127.0.0.1"},
        )
    assert done.returncode == 3
    assert f"{url} did not answer within 1 s" in done.stderr
    assert "MICROPYTHON_TIMEOUT=300" in done.stderr


def test_server_that_cannot_be_reached_is_named(checkout):
    done = script("fetch-micropython", cwd=checkout("/nonexistent"), env=checkout.environment)
    assert done.returncode == 3
    assert "/nonexistent cannot be reached:\n  fatal: " in done.stderr


def test_checkout_of_another_user_is_named(checkout):
    top = checkout()
    environment = {**checkout.environment, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    done = script("fetch-micropython", cwd=top, env=environment)
    assert done.returncode == 3
    assert f"git config --global --add safe.directory {top}" in done.stderr


def test_second_choice_comes_with_a_warning_that_says_why(checkout):
    top = checkout("/nonexistent")
    environment = {k: v for k, v in checkout.environment.items() if k != "XDG_CACHE_HOME"}
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "tinyweb"
    if not (cache / f"micropython_{SECOND}+ds.orig.tar.xz").exists():
        pytest.skip("Debian's source package is not in the cache")
    done = script("fetch-micropython", cwd=top, env=environment)
    assert done.returncode == 0, done.stderr
    assert f"WARNING: micropython/ holds {SECOND}, not the pinned {PINNED}" in done.stderr
    assert "/nonexistent cannot be reached" in done.stderr
    # Not where that release was asked for
    again = script(
        "fetch-micropython", cwd=top, env={**environment, "MICROPYTHON_VERSION": SECOND}
    )
    assert (again.returncode, again.stderr) == (0, "")


def test_unknown_group_of_packages_is_an_error():
    done = script("install-deps", "simulator", "no-such-group")
    assert done.returncode != 0
    assert "no-such-group" in done.stderr


def test_groups_name_packages_without_installing():
    done = script("install-deps", "--list", "simulator-32", "bench")
    assert done.returncode == 0
    assert {"gcc", "gcc-multilib", "make", "wrk", "valgrind"} <= set(done.stdout.split())


@pytest.mark.parametrize("path", ["requirements.txt", "ci/site/requirements.txt"])
def test_requirements_are_all_pinned(path):
    for line in (TOP / path).read_text().splitlines():
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
        (["trixie", "--keep", "make lint", "--no-such-option"], "arguments: --no-such-option"),
    ],
)
def test_fresh_machine_with_wrong_arguments(arguments, said):
    done = script("fresh-machine", *arguments)
    assert done.returncode == 2
    assert said in done.stderr

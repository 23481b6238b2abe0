# SPDX-License-Identifier: MIT
"""MicroPython's submodules: what counts as there, what is fetched again, what ends a build."""

import functools
import os
import shutil
import subprocess

import pytest

from firmware import BOARDS, FirmwareError, build, esp32, esp8266, sources, table
from firmware.own import Own

AXTLS, LIBRARY = "lib/axtls", "lib/micropython-lib"


@pytest.fixture
def git(monkeypatch):
    """``git(folder, *arguments)``: run git as nobody in particular; returns what it printed."""
    for number, (name, value) in enumerate(
        {
            "protocol.file.allow": "always",
            "user.name": "Nobody",
            "user.email": "nobody@example.org",
            "init.defaultBranch": "main",
            "commit.gpgsign": "false",
        }.items()
    ):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
        monkeypatch.setenv("GIT_CONFIG_COUNT", str(number + 1))

    def run(folder, *arguments):
        command = ["git", "-C", folder, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    return run


def commit_file(git, folder, name, text="text\n"):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", f"{name}: {text}")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def micropython(git, tmp_path, monkeypatch):
    """A clone of a MicroPython with one submodule, which was not fetched; sources use it."""
    library, origin = tmp_path / "axtls", tmp_path / "origin"
    for folder in (library, origin):
        folder.mkdir()
        git(folder, "init", "--quiet")
    commit_file(git, library, sources.PROOFS[AXTLS][0])
    commit_file(git, origin, "README.md")
    git(origin, "submodule", "--quiet", "add", f"file://{library}", AXTLS)
    git(origin, "commit", "--quiet", "--message", "lib/axtls: Add it.")
    git(tmp_path, "clone", "--quiet", f"file://{origin}", "clone")
    monkeypatch.setattr(sources, "MICROPYTHON", tmp_path / "clone")
    return tmp_path / "clone"


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise FirmwareError(done.stderr)


def test_missing_submodule_is_fetched(micropython):
    assert sources.missing([AXTLS]) == [AXTLS]
    sources.fetch([AXTLS], run)
    assert not sources.missing([AXTLS])
    sources.require([AXTLS])
    assert sources.commit(micropython / AXTLS) == sources.pinned(AXTLS)


def test_folder_that_a_failed_fetch_left_is_filled(git, micropython):
    """It holds a .git and nothing else, which is not there."""
    sources.fetch([AXTLS], run)
    for path in (micropython / AXTLS).iterdir():
        if path.name != ".git":
            git(micropython / AXTLS, "rm", "-r", "--quiet", path.name)
    assert [path.name for path in (micropython / AXTLS).iterdir()] == [".git"]
    assert sources.missing([AXTLS]) == [AXTLS]
    sources.fetch([AXTLS], run)
    assert not sources.missing([AXTLS])


def test_what_cannot_be_fetched_is_named_with_the_command(git, micropython, tmp_path):
    (tmp_path / "axtls").rename(tmp_path / "gone")
    sources.fetch([AXTLS], run)
    with pytest.raises(FirmwareError) as raised:
        sources.require([AXTLS])
    text = str(raised.value)
    assert "micropython/lib/axtls is not there: the image would lack TLS and cryptolib." in text
    command = "git -C micropython submodule update --init --force --depth 1 -- lib/axtls"
    assert command in text
    assert "PARTIAL=1" in text
    # The command does it, once the server is back.
    (tmp_path / "gone").rename(tmp_path / "axtls")
    subprocess.run(command.replace("micropython ", f"{micropython} ", 1), shell=True, check=True)
    sources.require([AXTLS])


def test_source_archive_is_told_from_a_repository(tmp_path, monkeypatch):
    (tmp_path / AXTLS).mkdir(parents=True)
    (tmp_path / LIBRARY).mkdir(parents=True)
    monkeypatch.setattr(sources, "MICROPYTHON", tmp_path)
    sources.fetch([AXTLS, LIBRARY], run)
    with pytest.raises(FirmwareError, match="ci/fetch-micropython --source git") as raised:
        sources.require([AXTLS, LIBRARY])
    assert "lib/axtls and micropython/lib/micropython-lib is not there" in str(raised.value)
    assert "WebREPL" in str(raised.value)


def test_submodule_at_another_commit_ends_the_build(git, micropython):
    sources.fetch([AXTLS], run)
    commit_file(git, micropython / AXTLS, "ssl/tls1.c", "another\n")
    with pytest.raises(FirmwareError, match="is at .*, but MicroPython names"):
        sources.require([AXTLS])


@pytest.fixture
def job(micropython, tmp_path):
    """``job(**env)``: a Job whose build folder holds what an earlier build left."""

    def make(**env):
        return build.Job(None, tmp_path / "out", env, None, Own(), (AXTLS,), 1)

    build.start_anew(make(), "state")
    (tmp_path / "out" / "object.o").touch()
    return make


def left(job):
    return (job.out / "object.o").exists()


def test_build_folder_is_kept_where_nothing_changed(job):
    build.start_anew(job(), "state")
    assert left(job())
    # What only the caller's environment has decides nothing.
    build.start_anew(job(TERM="dumb"), "state")
    assert left(job())


@pytest.mark.parametrize(
    "change",
    [
        lambda job, _: build.start_anew(job(), "another state"),
        lambda job, _: build.start_anew(job(SOURCE_DATE_EPOCH="1"), "state"),
        lambda job, _: build.start_anew(job(TINYWEB_PARTIAL="1"), "state"),
        lambda job, _: (sources.fetch([AXTLS], run), build.start_anew(job(), "state")),
        lambda job, clone: ((clone / AXTLS / "new.c").touch(), build.start_anew(job(), "state")),
    ],
    ids=["options", "date", "partial", "submodule", "file"],
)
def test_build_folder_never_survives_what_make_does_not_see(job, micropython, change):
    change(job, micropython)
    assert not left(job())


@pytest.fixture
def boards(tmp_path, monkeypatch):
    """A copy of boards/, which the builds' settings are read from."""
    copy = tmp_path / "boards"
    shutil.copytree(BOARDS, copy)
    for module in (esp8266, esp32):
        monkeypatch.setattr(module, "BOARDS", copy)
    monkeypatch.setenv("IDF_PATH", str(tmp_path))
    return copy


@pytest.mark.parametrize(
    ("module", "board", "name"),
    [
        (esp8266, "ESP8266_TINYWEB", "ESP8266_TINYWEB/mpconfigboard.h"),
        (esp8266, "ESP8266_TINYWEB", "ESP8266_TINYWEB/mpconfigvariant_FLASH_1M.mk"),
        (esp8266, "ESP8266_TINYWEB", "ESP8266_TINYWEB/picolibc/xtensa/config/core-isa.h"),
        (esp32, "ESP32_C3_TINYWEB", "ESP32_C3_TINYWEB/mpconfigboard.h"),
        (esp32, "ESP32_C3_TINYWEB", "esp32/mpconfigboard.h"),
        (esp32, "ESP32_C3_TINYWEB", "esp32/partitions-4MiB.csv"),
        (esp32, "ESP32_C3_TINYWEB", "esp32/sdkconfig.tinyweb"),
        (esp32, "ESP32_C3_TINYWEB", "version.cmake"),
    ],
)
def test_file_of_settings_that_changed_makes_a_build_anew(boards, module, board, name):
    entry = table.get(board)
    before = module.configuration(entry)
    assert module.configuration(entry) == before
    with open(boards / name, "a") as file:
        file.write("\n")
    assert module.configuration(entry) != before


def test_page_of_a_board_is_none_of_its_settings(boards):
    entry = table.get("ESP8266_TINYWEB")
    before = esp8266.configuration(entry)
    (boards / "ESP8266_TINYWEB" / "board.md").write_text("another\n")
    assert esp8266.configuration(entry) == before


def test_build_folder_without_a_note_is_removed(job):
    (job().out / "configuration").unlink()
    build.start_anew(job(), "state")
    assert not left(job())


def test_build_ends_where_a_submodule_is_missing(monkeypatch, tmp_path):
    """The whole way of make firmware, up to where it would call the port's make."""
    monkeypatch.setattr(build.esp8266, "check", lambda entry: None)
    monkeypatch.setattr(build.sources, "missing", lambda names: [AXTLS])
    monkeypatch.setattr(build.sources, "fetch", lambda names, run: None)
    monkeypatch.setattr(build.Log, "run", lambda *_, **__: None)
    unreached = functools.partial(pytest.fail, "the port's make was called")
    monkeypatch.setattr(build.esp8266, "build", lambda *_: unreached())
    with pytest.raises(FirmwareError, match="micropython/lib/axtls is not there"):
        build.build("ESP8266_TINYWEB")


@pytest.fixture
def of_another_user(git, tmp_path, monkeypatch):
    """A checkout that belongs to another user than the one who builds, as in a container."""
    if os.geteuid():
        pytest.skip("only root can give files away")
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "--quiet")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0000")
    commit_file(git, folder, "README.md")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 4321, 4321)
    for name in [name for name in os.environ if name.startswith("GIT_CONFIG")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SUDO_UID", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(build, "TOP", folder)


def test_checkout_of_another_user_is_named(of_another_user, monkeypatch):
    with pytest.raises(FirmwareError, match="belongs to another user") as raised:
        build.date_of_sources()
    # The environment that it names does, and docs/building.md has the same.
    (line,) = (x for x in str(raised.value).splitlines() if "GIT_CONFIG_COUNT" in x)
    page = (sources.TOP / "docs" / "building.md").read_text(encoding="utf-8")
    for setting in line.split():
        name, value = setting.split("=")
        assert f"-e {setting}" in page
        monkeypatch.setenv(name, value.strip("'"))
    assert build.date_of_sources() == "1700000000"


def test_date_is_asked_for_without_git(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "TOP", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(FirmwareError, match="set SOURCE_DATE_EPOCH"):
        build.date_of_sources()
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(FirmwareError, match="set SOURCE_DATE_EPOCH"):
        build.date_of_sources()

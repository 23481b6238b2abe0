# SPDX-License-Identifier: MIT
"""ci/fetch-esp-sdk: an archive by HTTP, its checksum, and what is left where it is another."""

import hashlib
import os
import shutil
import subprocess
import tarfile

import pytest

from firmware import TOP, esp8266
from support.served import served


@pytest.fixture
def archive(tmp_path):
    """``(url, sha256)`` of an archive that is laid out as an esp-open-sdk is."""
    root = tmp_path / "xtensa-lx106-elf"
    sysroot = root / "xtensa-lx106-elf" / "sysroot" / "usr"
    for name in ("bin/xtensa-lx106-elf-gcc", *(sysroot / file for file in esp8266.SDK_FILES)):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
    file = tmp_path / "served" / "sdk.tar.gz"
    file.parent.mkdir()
    with tarfile.open(file, "w:gz") as tar:
        tar.add(root, root.name)
    with served(file.parent) as url:
        yield f"{url}sdk.tar.gz", hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def fetch(tmp_path):
    """``fetch(url, sha256)``: run it with a cache of its own."""
    if not shutil.which("curl"):
        pytest.skip("curl is missing: ci/install-deps sdk")

    def run(url, sha256):
        return subprocess.run(
            [TOP / "ci" / "fetch-esp-sdk"],
            env={
                **os.environ,
                "ESP_SDK_URL": url,
                "ESP_SDK_SHA256": sha256,
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
            },
            capture_output=True,
            text=True,
        )

    return run


def test_folder_has_what_the_build_asks_for(archive, fetch, monkeypatch):
    url, sha256 = archive
    done = fetch(url, sha256)
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("ESP_SDK", done.stdout.strip())
    assert not esp8266.missing_from_sdk(esp8266.sdk_path())
    # The second time no network is needed.
    again = fetch("http://127.0.0.1:9/", sha256)
    assert (again.returncode, again.stdout) == (0, done.stdout)


def test_another_archive_is_refused(archive, fetch, tmp_path):
    url, sha256 = archive
    done = fetch(url, "0" * 64)
    assert done.returncode == 3 and not done.stdout
    assert f"its SHA-256 sum is\n{sha256}, not {'0' * 64}" in done.stderr
    assert not list((tmp_path / "cache" / "tinyweb").iterdir())


def test_unreachable_server_is_named(fetch):
    done = fetch("http://127.0.0.1:9/sdk.tar.gz", "0" * 64)
    assert done.returncode == 3
    assert "ESP_SDK_URL= names a copy of it elsewhere" in done.stderr


def test_archive_without_an_sdk_is_refused(archive, fetch, tmp_path):
    url, _ = archive
    file = tmp_path / "served" / "sdk.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        tar.add(__file__, "README")
    done = fetch(url, hashlib.sha256(file.read_bytes()).hexdigest())
    assert done.returncode == 3
    assert "it is no esp-open-sdk" in done.stderr

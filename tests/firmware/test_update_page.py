# SPDX-License-Identifier: MIT
"""docs/update.md: its commands do what they should."""

import re
import subprocess

from board.emulator import Emulator

from firmware import TOP, contents, table

PAGE = (TOP / "docs" / "update.md").read_text(encoding="utf-8")


def test_key_goes_into_an_image(tmp_path):
    """The commands for a signature, and the manifest, whose module has openssl's key."""
    commands = re.search(r"```sh\n(openssl ecparam.*?)```", PAGE, re.S)[1]
    made, sign = commands.split("make firmware")
    (tmp_path / "release.json").write_text("{}")
    (tmp_path / "ci").symlink_to(TOP / "ci")
    run = ["sh", "-e", "-c"]
    subprocess.run([*run, made], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run([*run, sign.split("\n", 1)[1]], cwd=tmp_path, check=True)
    names = {}
    exec((tmp_path / "mine/tinyweb/device/update_key.py").read_text(), names)
    der = ["openssl", "ec", "-pubin", "-in", "public.pem", "-outform", "DER"]
    done = subprocess.run(der, cwd=tmp_path, check=True, capture_output=True)
    assert names["KEY"] == done.stdout
    done = subprocess.run(
        [
            *("openssl", "dgst", "-sha256", "-verify", "public.pem"),
            *("-signature", "release.json.sig", "release.json"),
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "Verified OK\n"
    done = subprocess.run(
        [TOP / "ci" / "update-key", "private.pem", "mine"], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 2 and b"no public key" in done.stderr
    taken = []
    manifest = re.search(r"```python\n(include.*?)```", PAGE, re.S)[1]
    exec(
        manifest,
        {
            "include": taken.append,
            "package": lambda *args, **named: taken.append((args, named)),
        },
    )
    board, ((name, files), options) = taken
    assert board == "$(TINYWEB_MANIFEST)"
    assert (tmp_path / "mine" / options["base_path"] / name / files[0]).is_file()


def test_images_that_are_updated_over_the_network():
    """A release has the file that the page asks for, and their manifest what takes it."""
    ota = [v for v in table.load().values() if v.variant == "OTA"]
    assert ota
    for variant in ota:
        assert "app" in variant.files
        assert "tinyweb/device/update.py" in contents.manifest_files(variant)
        assert "ota" in variant.name


def test_commands_copy_the_files_away_and_back(tmp_path):
    """As the page has them, on the emulated board; only the port is added."""
    commands = re.findall(r"^ *mpremote (cp .*)$", PAGE, re.M)
    assert commands == ["cp -r : backup", "cp -r backup/. :"]
    for folder in ("backup", "site/deep"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "site" / "deep" / "page.html").write_text("page")

    def mpremote(port, command):
        done = subprocess.run(
            [TOP / ".venv" / "bin" / "mpremote", "connect", port, *command.split()],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    with Emulator() as board:
        mpremote(board.port, "cp -r site :")
        mpremote(board.port, commands[0])
        assert (tmp_path / "backup" / "site" / "deep" / "page.html").read_text() == "page"
        assert (tmp_path / "backup" / "boot.py").exists()
        (tmp_path / "backup" / "site" / "deep" / "page.html").write_text("another")
        mpremote(board.port, commands[1])
        assert mpremote(board.port, "cat :site/deep/page.html").strip() == "another"

# SPDX-License-Identifier: MIT
"""The page "Add a board", followed to the letter in a copy of this checkout."""

import re
import shutil
import subprocess
import sys

import pytest

from firmware import TOP

PAGE = (TOP / "docs" / "boards.md").read_text(encoding="utf-8").split("\n## Add a board\n")[1]
BOARD = re.search(r"`boards/(\w+_TINYWEB)`", PAGE)[1]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of this checkout with what the page says: one folder, and one line elsewhere."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.split("\0"):
        if name and (TOP / name).is_file() and not name.startswith("micropython"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, folder / name)
    for name in ("micropython", ".venv"):
        if not (folder / name).exists():
            (folder / name).symlink_to(TOP / name)
    (folder / "build").mkdir()
    board = folder / "boards" / BOARD
    board.mkdir()
    for name, text in re.findall(r"^`([\w.]+)` .*?\n\n```\w+\n(.*?)```", PAGE, re.M | re.S):
        (board / name).write_text(text)
    line = re.search(r"```text\n(.*?\n)```", PAGE, re.S)[1]
    path = folder / "docs" / "flashing.md"
    text = path.read_text()
    # Behind the first of the table's lines.
    at = text.index("\n", text.index("| `firmware_")) + 1
    path.write_text(text[:at] + line + text[at:])
    return folder


def run(checkout, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_page_names_all_files(checkout):
    found = {path.name for path in (checkout / "boards" / BOARD).iterdir()}
    official = {p.name for p in (TOP / "boards" / "ESP32_C3_TINYWEB").iterdir()}
    assert found == official - {"mpconfigvariant_OTA.cmake"}


def test_build_tools_list_it(checkout):
    done = subprocess.run(
        [sys.executable, "-m", "firmware.table", "esp32"],
        cwd=checkout / "ci",
        capture_output=True,
        text=True,
    )
    assert f'"{BOARD}"' in done.stdout, done.stderr


@pytest.mark.timeout(300)
def test_the_tests_of_boards_pass(checkout):
    """Those with its name, and those of tables that must be complete."""
    tests = ("test_cmake", "test_documents", "test_formats", "test_contents")
    said = run(
        checkout,
        *(f"tests/firmware/{name}.py" for name in tests),
        *("-k", f"{BOARD} or test_table_of_files or test_every_variant", "-rA"),
    )
    for name in (
        *("test_board_configures", "test_partitions_fit", "test_whole_images_are_identified"),
        *("test_board_has_all_settings_of_the_official_one", "test_page_tells_what_the_images"),
        *("test_board_json_agrees", "test_table_of_files", "test_every_variant_is_built"),
    ):
        assert re.search(rf"^PASSED .*::{name}", said, re.M), said

# SPDX-License-Identifier: MIT
"""Erase and flash a real board with the commands of the documentation."""

import pathlib
import subprocess

import pytest

from firmware import TOP, flash


@pytest.fixture(scope="module")
def given(real, request):
    path = request.config.getoption("--flash", default=None)
    if path is None:
        pytest.skip("does not overwrite a board unless --flash=IMAGE says so")
    return pathlib.Path(path).resolve()


def run(*arguments):
    done = subprocess.run([TOP / "ci" / "flash", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_image_is_one_for_a_board(given):
    flash.check(given)


def test_erase(given, device, any_board):
    any_board.close()
    assert "erased successfully" in run("erase", "--port", device)


def test_flash(given, device, any_board):
    any_board.close()
    assert "Hash of data verified" in run("deploy", "--port", device, "--image", given)


def test_first_start_makes_a_file_system(given, board):
    """The first start after erasing formats; a minute is what the slowest flash takes."""
    board.terminal.interrupt(60)
    assert board.terminal.execute("import os; 'boot.py' in os.listdir('/')") == "True\n"

# SPDX-License-Identifier: MIT
"""`make deploy` and `make erase`, with esptool itself on a serial bootloader.

No board is there; support.bootloader answers as one and keeps what is written.
"""

import subprocess

import pytest

from firmware import TOP, FirmwareError, flash, image, table
from support import images
from support.bootloader import Bootloader, SerialServer

ESP8266 = table.get("ESP8266_TINYWEB")
ESP32 = table.get("ESP32_TINYWEB")


@pytest.fixture
def chip():
    """``chip(name, size)``: a Bootloader with the name of its port as ``.port``."""
    servers = []

    def start(name, size=4 << 20):
        bootloader = Bootloader(name, size)
        servers.append(SerialServer(bootloader))
        bootloader.port = servers[-1].port
        return bootloader

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def image_file(tmp_path):
    def write(data, name="image.bin"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def run(*arguments):
    return subprocess.run([TOP / "ci" / "flash", *arguments], capture_output=True, text=True)


@pytest.mark.parametrize("size", [1 << 20, 2 << 20, 4 << 20])
def test_esp8266_is_written_to_zero_with_the_size_of_its_flash(chip, image_file, size):
    data = images.esp8266(ESP8266)
    board = chip("esp8266", size)
    done = run("deploy", "--port", board.port, "--image", image_file(data))
    assert done.returncode == 0, done.stdout + done.stderr
    assert board.log == [("write", 0, len(data))]
    written = bytes(board.flash[: len(data)])
    assert written[4:] == data[4:]
    parsed = image.parse_esp8266(written)
    assert parsed.header.flash_mode == "dio"
    assert parsed.flash_size == f"{size >> 20}MB"


def test_esp32_is_written_to_0x1000_unchanged(chip, image_file):
    data = images.esp32(ESP32)
    board = chip("esp32", 8 << 20)
    done = run("deploy", "--port", board.port, "--image", image_file(data))
    assert done.returncode == 0, done.stdout + done.stderr
    assert board.log == [("write", 0x1000, len(data))]
    assert bytes(board.flash[0x1000 : 0x1000 + len(data)]) == data


def test_merged_esp32_image_is_written_to_zero(chip, image_file):
    data = b"\xff" * 0x1000 + images.esp32(ESP32)
    board = chip("esp32")
    done = run("deploy", "--port", board.port, "--image", image_file(data))
    assert done.returncode == 0, done.stdout + done.stderr
    assert board.log == [("write", 0, len(data))]
    assert bytes(board.flash[: len(data)]) == data


def test_esptool_refuses_the_image_of_another_chip(chip, image_file):
    board = chip("esp32")
    done = run("deploy", "--port", board.port, "--image", image_file(images.esp8266(ESP8266)))
    assert done.returncode != 0
    assert "ESP32" in done.stdout + done.stderr
    assert not board.log


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (images.esp32_app(ESP32), "no whole image (app)"),
        (images.partition_table(list(images.partitions(ESP32))), "(partition_table)"),
        (b"# README", "no image of a board here"),
        (images.esp8266(ESP8266)[:-1], "no image of a board here"),
    ],
    ids=["app", "partition-table", "text", "cut"],
)
def test_what_is_no_whole_image_is_not_written(image_file, data, reason):
    done = run("deploy", "--port", "/dev/null", "--image", image_file(data))
    assert done.returncode == 2
    assert reason in done.stderr


def test_image_of_another_board_is_not_written(image_file):
    with pytest.raises(
        FirmwareError, match="image for esp8266, not for ESP32_TINYWEB, which has esp32"
    ):
        flash.check(image_file(images.esp8266(ESP8266)), "ESP32_TINYWEB")


def test_erase_finds_the_chip_itself(chip):
    board = chip("esp8266")
    done = run("erase", "--port", board.port)
    assert done.returncode == 0, done.stdout + done.stderr
    assert board.log == [("erase", 0, len(board.flash))]
    assert set(board.flash) == {0xFF}


def test_make_deploy(chip, image_file):
    """The target hands its variables on, and prints the command that it runs."""
    data = images.esp8266(table.get("ESP8266_TINYWEB", "FLASH_1M"))
    board = chip("esp8266", 1 << 20)
    file = image_file(data)
    done = subprocess.run(
        [
            *("make", "-s", "deploy", f"PORT={board.port}", f"IMAGE={file}"),
            *("BAUD=115200", "FLASH_MODE=dout"),
        ],
        cwd=TOP,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"write-flash --flash-mode dout --flash-size detect 0x0 {file}" in done.stderr
    assert image.parse_esp8266(bytes(board.flash[: len(data)])).header.flash_mode == "dout"


def test_without_a_port_it_asks_for_one():
    done = run("deploy")
    assert done.returncode == 2
    assert "PORT=" in done.stderr


def test_without_an_image_it_says_how_to_build_one(monkeypatch, tmp_path):
    monkeypatch.setattr(table, "TOP", tmp_path)
    with pytest.raises(
        FirmwareError, match="make firmware BOARD=ESP8266_TINYWEB VARIANT=FLASH_1M"
    ):
        flash.default_image("ESP8266_TINYWEB", "FLASH_1M")

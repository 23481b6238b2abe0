# SPDX-License-Identifier: MIT
"""The board's flash: a file on this computer, a littlefs on the board."""

import pytest
from board.emulator import Emulator
from board.terminal import PROMPT, Terminal
from littlefs import LittleFS
from make_flash import BLOCK_COUNT

pytestmark = pytest.mark.usefixtures("emulated")

SIZE = 4 * 1024 * 1024
BLOCK = 4096


@pytest.fixture
def flash(tmp_path):
    """A blank flash."""
    file = tmp_path / "flash.img"
    file.write_bytes(b"\xff" * SIZE)
    return file


def boot(*options):
    """Boots a board; returns it, its terminal at the prompt, and what it has printed."""
    board = Emulator(*options, paused=True)
    terminal = Terminal(board.port)
    board.start()
    return board, terminal, terminal.read_until(PROMPT, timeout=20)


def mount(file):
    """The file system that is in a flash file, as this computer's littlefs sees it."""
    image = LittleFS(block_size=BLOCK, block_count=BLOCK_COUNT, mount=False)
    image.context.buffer = bytearray(file.read_bytes())
    image.mount()
    return image


def test_blank_flash_is_formatted_once(flash):
    board, terminal, text = boot("--flash", flash)
    with board, terminal:
        assert "Performing initial setup" in text
        assert terminal.execute("import os; os.listdir('/')") == "['boot.py']\n"
    board, terminal, text = boot("--flash", flash)
    with board, terminal:
        assert "Performing initial setup" not in text
        assert terminal.execute("import os; os.listdir('/')") == "['boot.py']\n"


def test_files_outlive_the_board(flash):
    board, terminal, _ = boot("--flash", flash)
    with board, terminal:
        terminal.raw(
            """
            import os
            os.mkdir('static')
            for number in range(20):
                with open('static/%d.bin' % number, 'wb') as f:
                    for _ in range(number + 1):
                        f.write(bytes(range(number, number + 100)))
            os.remove('static/7.bin')
            """
        )
    image = mount(flash)
    names = {f"{number}.bin" for number in range(20) if number != 7}
    assert set(image.listdir("/static")) == names
    for number in (0, 6, 8, 19):
        with image.open(f"/static/{number}.bin", "rb") as file:
            assert file.read() == bytes(range(number, number + 100)) * (number + 1)
    board, terminal, _ = boot("--flash", flash)
    with board, terminal:
        line = "print(len(os.listdir('static')), os.stat('static/19.bin')[6])"
        assert terminal.execute("import os; " + line) == "19 2000\n"


def test_image_made_on_this_computer(flash):
    image = LittleFS(block_size=BLOCK, block_count=BLOCK_COUNT)
    with image.open("/main.py", "w") as file:
        file.write("print('started from', __name__)\n")
    flash.write_bytes(bytes(image.context.buffer).ljust(SIZE, b"\xff"))
    board, terminal, text = boot("--flash", flash)
    with board, terminal:
        assert "started from __main__\r\n" in text
        assert "Performing initial setup" not in text


def test_discard_leaves_the_file_alone(flash):
    before = flash.read_bytes()
    board, terminal, _ = boot("--flash", flash, "--discard")
    with board, terminal:
        assert terminal.execute("import os; os.listdir('/')") == "['boot.py']\n"
    assert flash.read_bytes() == before


def test_without_a_flash_file_a_reset_keeps_files(board):
    terminal = board.terminal
    terminal.execute("f = open('kept.txt', 'w'); f.write('kept'); f.close()")
    terminal.send("import machine; machine.reset()\r")
    terminal.read_until("machine.reset()\r\n")
    terminal.read_until(PROMPT, timeout=20)
    assert terminal.execute("open('kept.txt').read()") == "'kept'\n"
    terminal.execute("import os; os.remove('kept.txt')")


@pytest.mark.parametrize("persistent", [True, False])
def test_flash_clears_bits_and_erases_sectors(flash, persistent):
    """As the chip's: programming is an AND, only an erase sets bits again."""
    board, terminal, _ = boot(*(["--flash", flash] if persistent else []))
    with board, terminal:
        printed, error = terminal.raw(
            """
            import esp
            sector = 1000
            start = sector * 4096
            esp.flash_erase(sector)
            print(esp.flash_read(start, 6))
            esp.flash_write(start + 2046, b'\\xf0\\x0f\\xff\\x00')
            esp.flash_write(start + 2046, b'\\x3c\\x3c\\x3c\\x3c')
            print(esp.flash_read(start + 2044, 8))
            esp.flash_erase(sector)
            print(set(esp.flash_read(start, 4096)) == {255})
            for bad in (
                lambda: esp.flash_write(start, b'123'),
                lambda: esp.flash_write(esp.flash_size(), b'1234'),
                lambda: esp.flash_read(esp.flash_size() - 2, 4),
                lambda: esp.flash_read(-4, 4),
                lambda: esp.flash_erase(1024),
                lambda: esp.flash_erase(-1),
            ):
                try:
                    bad()
                    print('no error')
                except (ValueError, OSError) as error:
                    print(type(error).__name__)
            """
        )
    assert error == ""
    assert (
        printed.splitlines()
        == [
            "b'\\xff\\xff\\xff\\xff\\xff\\xff'",
            "b'\\xff\\xff0\\x0c<\\x00\\xff\\xff'",
            "True",
            "ValueError",
        ]
        + ["OSError"] * 5
    )


def test_flash_that_is_no_file_system_is_not_formatted(flash):
    data = b"something else" + bytes(SIZE - 14)
    flash.write_bytes(data)
    board, terminal, text = boot("--flash", flash)
    with board, terminal:
        assert "no file system that can be mounted" in text
        assert terminal.execute("1 + 1") == "2\n"
    assert flash.read_bytes() == data

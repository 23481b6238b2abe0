# SPDX-License-Identifier: MIT
"""File systems of ESP8266 boards that are flashed now one way and now another.

The board's and the port's own modules run in the simulator, with real littlefs and FAT, on a
flash that behaves as the chip's: reads and writes end at the size that the image's header says,
a smaller chip ignores address bits, and the SDK writes its parameters at each start.
"""

import pytest
from board.emulator import Emulator
from board.terminal import PROMPT, Terminal

from firmware import BOARDS, TOP, table

MODULES = BOARDS / "ESP8266_TINYWEB" / "modules"
PORT = TOP / "micropython" / "ports" / "esp8266" / "modules"
MIB = 1 << 20
# Where the file systems begin: behind the program, ROMFS and native code.
START, START_1M = 0x100000, 0x98000

MACHINE = """
import sys

class Esp:
    def __init__(self, read, write, chip, header, start):
        self.read, self.write = read, write
        self.chip, self.header, self.start = chip, header, start
        power = 0
        while 1 << power < chip:
            power += 1
        self.id = power << 16 | 0x40EF
    def flash_id(self):
        return self.id
    def flash_size(self):
        return self.header
    def flash_user_start(self):
        return self.start
    def _place(self, offset, size):
        if not 0 <= offset <= self.header - size:
            raise OSError(5)
        return offset % self.chip
    def flash_read(self, offset, buf):
        self.read(self._place(offset, len(buf)), buf)
    def flash_write(self, offset, data):
        place = self._place(offset, len(data))
        old = bytearray(len(data))
        self.read(place, old)
        self.write(place, bytes(a & b for a, b in zip(old, data)))
    def flash_erase(self, sector):
        self.write(self._place(sector * 4096, 4096), b"\\xff" * 4096)
    def start_sdk(self):
        for sector in range(self.header // 4096 - 5, self.header // 4096):
            self.flash_erase(sector)
            self.flash_write(sector * 4096, b"SDK parameters")
"""

SIMULATED = """
import vfs
path, chip, header, start, modules, port, code = sys.argv[1:]
flash = open(path, "r+b")

def read(offset, buf):
    flash.seek(offset)
    flash.readinto(buf)

def write(offset, data):
    flash.seek(offset)
    flash.write(data)

class Nothing:
    IF_AP = AUTH_WPA_WPA2_PSK = None
    def __getattr__(self, name):
        return self
    def __call__(self, *args, **options):
        return self if not args or args[0] != "mac" else b"123456"

esp = sys.modules["esp"] = Esp(read, write, int(chip), int(header), int(start))
network = sys.modules["network"] = Nothing()
network.WLAN = network
esp.start_sdk()
sys.path[:] = [modules, port]
import flashbdev
# Their files cannot be read once the flash is the file system.
import inisetup
boot = open(port + "/_boot.py").read()
def looks_corrupt():
    print("corrupt")
    raise SystemExit
inisetup.fs_corrupted = looks_corrupt
vfs.umount("/")
exec(boot)
import os
def put(name, text):
    with open(name, "w") as f:
        f.write(text)
def get(name):
    with open(name) as f:
        return f.read()
def free():
    stat = os.statvfs("/")
    return stat[1] * stat[2]
exec(code)
flash.close()
"""


@pytest.fixture
def flash(tmp_path):
    """``flash(chip)``: the path of a blank flash of that many bytes."""

    def make(chip):
        path = tmp_path / "flash.img"
        path.write_bytes(b"\xff" * chip)
        return path

    return make


@pytest.fixture
def start(run_mpy):
    """``start(path, header, code)``: start the board with an image of that header; its output.

    modules: where flashbdev comes from, the board's folder or the port's.
    """

    def run(path, header, code, start=START, modules=MODULES):
        arguments = [path, path.stat().st_size, header, start, modules, PORT, code]
        return run_mpy(MACHINE + SIMULATED, args=list(map(str, arguments))).stdout

    return run


BIG = "x" * 50_000
WRITE = f"put('kept.txt', 'kept'); put('big.txt', 'x' * {len(BIG)})"
READ = "print(get('kept.txt'), len(get('big.txt')))"
KEPT = f"kept {len(BIG)}\n"

# Bytes of the chip; header of the first image and of the second, in MiB.
CASES = {
    "browser, before and after": (4, 4, 4),
    "an older release from the browser, then detect": (4, 2, 4),
    "an older release with detect, then browser": (4, 4, 4),
    "2 MiB: detect, then browser": (2, 2, 4),
    "2 MiB: browser, then detect": (2, 4, 2),
    "16 MiB: browser, then detect": (16, 4, 16),
}


@pytest.mark.parametrize("case", CASES)
def test_files_are_kept(case, flash, start):
    chip, before, after = (size * MIB for size in CASES[case])
    path = flash(chip)
    assert "Performing initial setup" in start(path, before, WRITE)
    assert start(path, after, READ) == KEPT
    # And back again.
    assert start(path, before, READ) == KEPT


@pytest.mark.parametrize(("chip", "header"), [(4, 2), (4, 4), (2, 2)])
def test_files_of_an_image_with_the_ports_module_are_kept(chip, header, flash, start):
    """The official image's, and older ones of this project."""
    path = flash(chip * MIB)
    start(path, header * MIB, WRITE, modules=PORT)
    assert start(path, 4 * MIB, READ) == KEPT
    assert start(path, chip * MIB, READ + "; put('kept.txt', 'again')") == KEPT
    assert start(path, 4 * MIB, "print(get('kept.txt'))") == "again\n"


def test_the_ports_module_finds_it_corrupt(flash, start):
    """Why the board has a module of its own."""
    path = flash(4 * MIB)
    start(path, 2 * MIB, WRITE, modules=PORT)
    assert start(path, 4 * MIB, READ, modules=PORT) == "corrupt\n"


@pytest.mark.parametrize(("chip", "header"), [(2, 2), (2, 4), (4, 4), (8, 8), (16, 16)])
def test_new_file_system_takes_the_whole_flash(chip, header, flash, start):
    text = start(flash(chip * MIB), header * MIB, "print(free())")
    size = int(text.split()[-1])
    assert size == chip * MIB - START - 20 * 1024


@pytest.mark.parametrize(("chip", "header"), [(1, 1), (4, 4)])
def test_small_image_takes_the_whole_flash(chip, header, flash, start):
    path = flash(chip * MIB)
    text = start(path, header * MIB, f"{WRITE}; print(free())", start=START_1M)
    assert int(text.split()[-1]) == chip * MIB - START_1M - 4096 - 20 * 1024
    assert start(path, header * MIB, READ, start=START_1M) == KEPT


def test_rest_of_the_flash_can_be_had(flash, start):
    """As docs/update.md says: after a copy of the files, a new file system on all of it."""
    path = flash(4 * MIB)
    start(path, 2 * MIB, WRITE)
    assert start(path, 4 * MIB, "print(free())") == f"{MIB - 20 * 1024}\n"
    code = "import vfs, flashbdev; vfs.umount('/'); vfs.VfsLfs2.mkfs(flashbdev.whole())"
    assert start(path, 4 * MIB, code) == ""
    assert start(path, 4 * MIB, "print(free(), os.listdir())") == f"{3 * MIB - 20 * 1024} []\n"


def test_file_system_that_the_header_cuts_is_left_alone(flash, start):
    """16 MiB flashed with detect, then from the browser: a sentence, and the files come back."""
    path = flash(16 * MIB)
    start(path, 16 * MIB, WRITE)
    before = path.read_bytes()
    text = start(path, 4 * MIB, "print('prompt')")
    assert "--flash-size detect" in text
    assert "corrupt" not in text and text.endswith("prompt\n")
    # But for the SDK's parameters, which are where the header says.
    sdk = slice(4 * MIB - 20 * 1024, 4 * MIB)
    after = bytearray(path.read_bytes())
    after[sdk] = before[sdk]
    assert bytes(after) == before
    assert start(path, 16 * MIB, READ) == KEPT


def test_fat_of_an_older_micropython_is_kept(flash, start):
    path = flash(4 * MIB)
    make = (
        "import vfs, flashbdev; vfs.umount('/'); vfs.VfsFat.mkfs(flashbdev.bdev);"
        "vfs.mount(flashbdev.bdev, '/');"
    )
    start(path, 2 * MIB, make + WRITE, modules=PORT)
    assert start(path, 4 * MIB, READ) == KEPT


def test_damaged_flash_is_said_to_be_corrupt(flash, start):
    path = flash(4 * MIB)
    with open(path, "r+b") as file:
        file.seek(START)
        file.write(b"neither")
    assert start(path, 4 * MIB, "") == "corrupt\n"


def test_superblock_is_read_as_littlefs_writes_it(tmp_path, start):
    """Of the two superblocks the newer one counts, also when they differ."""
    from littlefs import LittleFS

    path = tmp_path / "flash.img"
    image = LittleFS(block_size=4096, block_count=251)
    image.mkdir("/folder")
    for number in range(40):
        with image.open(f"/{number}.txt", "w") as file:
            file.write("text")
    path.write_bytes(b"\xff" * START + bytes(image.context.buffer))
    path.write_bytes(path.read_bytes().ljust(4 * MIB, b"\xff"))
    text = start(path, 4 * MIB, "print(len(os.listdir()), free(), flashbdev.bdev.blocks)")
    assert text == f"41 {251 * 4096} 251\n"


def test_emulated_board_keeps_an_older_file_system(tmp_path):
    """The same module on the ESP8266's CPU core, on real flash behind 1 MiB."""
    flash = tmp_path / "flash.img"
    flash.write_bytes(b"\xff" * 4 * MIB)
    board = Emulator("--flash", flash, paused=True)
    with board, Terminal(board.port) as terminal:
        board.start()
        terminal.read_until(PROMPT, timeout=30)
        terminal.raw(MACHINE)
        terminal.raw(
            f"""
            import esp as real, vfs

            def write(offset, data):
                if len(data) == 4096:
                    real.flash_erase(offset // 4096)
                else:
                    real.flash_write(offset, data)

            def begin(header):
                sys.modules["esp"] = Esp(real.flash_read, write, {4 * MIB}, header, {START})
                namespace = {{}}
                exec(source, namespace)
                return namespace["bdev"]

            source = {(MODULES / "flashbdev.py").read_text()!r}
            bdev = begin({2 * MIB})
            vfs.VfsLfs2.mkfs(bdev)
            vfs.mount(bdev, "/old")
            with open("/old/kept.txt", "w") as f:
                f.write("kept")
            vfs.umount("/old")
            vfs.mount(begin({4 * MIB}), "/new")
            """
        )
        assert terminal.execute("open('/new/kept.txt').read()") == "'kept'\n"


def test_image_freezes_the_boards_module():
    from firmware import contents

    for variant in ("", "FLASH_1M"):
        assert "flashbdev.py" in contents.manifest_files(table.get("ESP8266_TINYWEB", variant))
    text = (BOARDS / "ESP8266_TINYWEB" / "manifest.py").read_text()
    assert 'module("flashbdev.py", base_path="modules")' in text

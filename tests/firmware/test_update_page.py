# SPDX-License-Identifier: MIT
"""docs/update.md: its program writes what it fetched, and its commands say what they should.

`esp32` and `requests` are the chip's; what stands for them keeps what was written.
"""

import re
import subprocess

from board.emulator import Emulator

from firmware import TOP, contents, table

PAGE = (TOP / "docs" / "update.md").read_text(encoding="utf-8")
PROGRAM = re.search(r"```python\n(import esp32\nimport machine.*?)```", PAGE, re.S)[1]

CHIP = """
import sys

class Partition:
    RUNNING = 1
    written = bytearray()
    done = []
    def __init__(self, which):
        assert which == self.RUNNING
    def get_next_update(self):
        return self
    def writeblocks(self, number, block):
        assert number * 4096 == len(self.written) and len(block) == 4096
        self.written.extend(block)
    def set_boot(self):
        if self.written[0] != 0xE9:
            raise OSError(-5379)
        self.done.append("boot")

class Module:
    pass

for name in ("esp32", "machine", "requests"):
    sys.modules[name] = Module()
sys.modules["esp32"].Partition = Partition
sys.modules["machine"].reset = lambda: Partition.done.append("reset")

class Raw:
    # As a socket: what comes at once has any size.
    def __init__(self, data):
        self.data, self.at, self.turn = data, 0, 0
    def read(self, size):
        self.turn += 1
        size = min(size, 1 + 1500 * (self.turn % 4))
        part = self.data[self.at : self.at + size]
        self.at += len(part)
        return part

def get(url, stream=False):
    assert stream
    answer = Module()
    answer.status_code = 404 if "missing" in url else 200
    answer.raw = Raw(bytes([first]) + bytes(i & 255 for i in range(length - 1)))
    answer.close = lambda: None
    return answer

sys.modules["requests"].get = get
"""


def test_program_writes_all_blocks(run_mpy):
    for length in (1, 4096, 4097, 70_000):
        code = f"first, length = 0xE9, {length}\n{CHIP}\n{PROGRAM}\n"
        code += (
            "update('http://host/app.bin')\n"
            "wanted = bytes([first]) + bytes(i & 255 for i in range(length - 1))\n"
            "print(Partition.written[:length] == wanted, len(Partition.written) % 4096,\n"
            "    set(Partition.written[length:]) <= {0xFF}, Partition.done)"
        )
        assert run_mpy(code, bits=32).stdout == "True 0 True ['boot', 'reset']\n", length


def test_program_leaves_the_old_one_where_the_file_is_missing_or_wrong(run_mpy):
    for first, url in ((0xE9, "http://host/missing"), (0x00, "http://host/app.bin")):
        code = f"first, length = {first}, 5000\n{CHIP}\n{PROGRAM}\n"
        code += f"try:\n    update('{url}')\nexcept OSError:\n    print(Partition.done)"
        assert run_mpy(code, bits=32).stdout == "[]\n"


def test_program_says_that_it_works(run_mpy):
    program = re.search(r"```python\n(import esp32\n\n.*?)```", PAGE, re.S)[1]
    chip = f"first, length = 0xE9, 1\n{CHIP}\n"
    chip += (
        "Partition.mark_app_valid_cancel_rollback = classmethod("
        "lambda cls: cls.done.append('valid'))\n"
    )
    done = run_mpy(f"{chip}{program}\nprint(Partition.done)")
    assert done.stdout == "['valid']\n"
    port = TOP / "micropython" / "ports" / "esp32" / "esp32_partition.c"
    assert "MP_QSTR_mark_app_valid_cancel_rollback" in port.read_text(encoding="utf-8")


def test_images_that_are_updated_over_the_network_have_what_the_program_needs():
    ota = [v for v in table.load().values() if v.variant == "OTA"]
    assert ota
    for variant in ota:
        (imports, _), _ = contents.features(variant, False)
        assert "requests" in imports and "app" in variant.files
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

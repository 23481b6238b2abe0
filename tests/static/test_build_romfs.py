# SPDX-License-Identifier: MIT
"""`make romfs`: an image from the folder of an application."""

import gzip
import subprocess

import pytest

from support.simulator import SIMULATOR_MODULES, TOP, search_path

PAGE = "<p>a line of the page</p>" * 50
FILES = {
    "main.py": "import lamp\nprint(lamp.LEVEL)\n",
    "lamp.py": "LEVEL = 7\ndef fail():\n    raise ValueError\n",
    "lib/part/__init__.py": "NAME = 'part'\n",
    "page.html": PAGE,
    "www/index.html": PAGE,
    "www/small.txt": "x",
    "www/code.py": "not compiled",
    ".hidden": "x",
    "__pycache__/x.pyc": "x",
}
SHOW = """
import os, sys
from file_systems import mounted_rom

def show(path):
    for entry in sorted(os.ilistdir(path)):
        inner = path + "/" + entry[0]
        if entry[1] == 0x4000:
            show(inner)
        else:
            print(inner, os.stat(inner)[6])

show(mounted_rom(sys.argv[1]))
sys.path[:0] = ["/rom", "/rom/lib"]
import main, part, lamp
print(part.NAME)
try:
    lamp.fail()
except ValueError as exc:
    sys.print_exception(exc, sys.stdout)
sys.stdout.write(open("/rom/www/index.html.gz", "rb").read().hex() + "\\n")
"""


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "app"


def make(folder, image, *sites):
    command = [TOP / "ci" / "build-romfs", folder, image, *sites]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("bits", [64, 32])
def test_image_of_an_application(run_mpy, folder, tmp_path, bits):
    image = tmp_path / "app.romfs"
    done = make(folder, image)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{image}: {image.stat().st_size} bytes"
    done = run_mpy(SHOW, bits=bits, args=(str(image),), env=search_path(SIMULATOR_MODULES))
    *lines, page = done.stdout.splitlines()
    names = [line.split(" ")[0] for line in lines if line.startswith("/rom")]
    assert names == [
        "/rom/lamp.mpy",
        "/rom/lib/part/__init__.mpy",
        "/rom/main.mpy",
        "/rom/page.html",
        "/rom/www/code.py",
        "/rom/www/index.html.gz",
        "/rom/www/small.txt",
    ]
    assert lines[len(names) : len(names) + 2] == ["7", "part"]
    assert 'File "lamp.py", line 3' in done.stdout
    assert gzip.decompress(bytes.fromhex(page)).decode() == PAGE


def test_same_files_make_the_same_image(folder, tmp_path):
    images = [tmp_path / name for name in ("a", "b")]
    for image in images:
        assert make(folder, image, "www", "lib").returncode == 0
    assert images[0].read_bytes() == images[1].read_bytes()


@pytest.mark.parametrize(
    "name, text, told",
    [
        ("wrong.py", "if x\n", "SyntaxError"),
        ("é.txt", "", "names in ROMFS are ASCII, not é.txt"),
        ("lamp.mpy", "", "there are two files that become lamp.mpy"),
    ],
)
def test_what_cannot_be_done_is_told(folder, tmp_path, name, text, told):
    (folder / name).write_text(text)
    done = make(folder, tmp_path / "image")
    assert done.returncode == 1 and told in done.stderr
    assert not (tmp_path / "image").exists()


def test_folder_that_is_not_there(tmp_path):
    done = make(tmp_path / "nothing", tmp_path / "image")
    assert done.returncode == 1 and "make romfs APP=lamp" in done.stderr

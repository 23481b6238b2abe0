# SPDX-License-Identifier: MIT
"""A firmware of one's own, as docs/building.md says: own manifest, own C module."""

import os
import re
import subprocess

import pytest

from firmware import TOP, FirmwareError, contents, elf, esp8266, image, own, record, table

# A build of the simulator or of an image from nothing, on a loaded machine.
pytestmark = pytest.mark.timeout(900)

ESP8266, ESP32 = table.get("ESP8266_TINYWEB"), table.get("ESP32_TINYWEB")
# The page's blocks of code, by the name that their first line gives the file.
PAGE = (TOP / "docs" / "building.md").read_text(encoding="utf-8")


def blocks():
    """{file name: text} of the page's section about one's own firmware."""
    section = PAGE.split("\n## Your own firmware\n")[1].split("\n## ")[0]
    found = re.findall(r"`([\w/.]+)`:\n+```\w*\n(.*?)```", section, re.S)
    return dict(found)


@pytest.fixture(scope="module")
def firmware(tmp_path_factory):
    """The files of the page's example in a folder."""
    folder = tmp_path_factory.mktemp("mine")
    for name, text in blocks().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_page_has_the_files():
    assert set(blocks()) == {
        "mine/manifest.py",
        "mine/myapp.py",
        "mine/modules/answer/answer.c",
        "mine/modules/answer/micropython.mk",
        "mine/modules/answer/micropython.cmake",
        "mine/partitions.csv",
    }


def variables(firmware, names=("FROZEN_MANIFEST", "USER_C_MODULES")):
    """The page's command's variables, with paths of the folder."""
    found = dict(re.findall(r"(FROZEN_MANIFEST|USER_C_MODULES)=(mine/\S+)", PAGE))
    return [f"{name}={firmware / found[name]}" for name in names]


def make(target, *arguments, **env):
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    return subprocess.run(
        ["make", "-s", target, *arguments],
        cwd=TOP,
        env={**environment, **env},
        capture_output=True,
        text=True,
    )


def test_simulator_of_ones_own(firmware, tmp_path):
    done = make(
        "simulator", *variables(firmware), SIMULATOR_OUT=str(tmp_path / "simulator"), COPT="-O1"
    )
    assert done.returncode == 0, done.stderr
    program = done.stdout.splitlines()[-1]
    code = "import answer, myapp, tinyweb, examples.hello_world; print(answer.get(), myapp.NAME)"
    ran = subprocess.run([program, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert ran.stdout == "42 mine\n", ran.stderr
    assert str(tmp_path) in program


def test_own_builds_do_not_lie_where_releases_take_images():
    assert own.Own(manifest="x").build_dir(ESP8266) == TOP / "build" / "own" / "ESP8266_TINYWEB"
    assert own.Own().build_dir(ESP8266) == ESP8266.build_dir


def test_esp8266_image_of_ones_own(firmware):
    if not os.environ.get("ESP_SDK") or esp8266.missing_from_sdk(esp8266.sdk_path()):
        pytest.skip("needs the vendor's SDK in ESP_SDK")
    arguments = [f"ESP_SDK={os.environ['ESP_SDK']}", "PARTIAL=1", *variables(firmware)]
    done = make("firmware", "BOARD=ESP8266_TINYWEB", "VARIANT=FLASH_1M", *arguments)
    assert done.returncode == 0, done.stderr
    path = TOP / "build" / "own" / "ESP8266_TINYWEB-FLASH_1M" / "firmware_esp8266_1m.bin"
    assert done.stdout.splitlines()[-1] == str(path)
    program = elf.Elf(path.with_name("firmware.elf").read_bytes())
    assert {"answer", "myapp", "tinyweb"} <= contents.importable(program)
    assert "myapp.py" in image.frozen_modules(image.identify(path.read_bytes())[2].parts())
    # The C module's code is in flash, where there is room.
    places = {s.name: s.value for s in program.symbols()}
    assert 0x40200000 <= places["answer_get"] < 0x40300000
    assert set(record.read(path)["own"]) == {"manifest", "modules"}


def test_cmake_takes_ones_own_modules_too(firmware, tmp_path):
    mine = own.Own(modules=firmware / "mine" / "modules")
    text = mine.list_of_modules(ESP32, tmp_path).read_text()
    assert text.splitlines() == [
        f"include({TOP / 'cmodules' / 'micropython.cmake'})",
        f"include({firmware / 'mine' / 'modules' / 'answer' / 'micropython.cmake'})",
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"manifest": "none.py"}, "FROZEN_MANIFEST=.*none.py is not a file"),
        ({"modules": "none"}, "USER_C_MODULES=.*none is not a folder"),
        ({"modules": TOP / "docs"}, r"has no \*/micropython.mk"),
        ({"modules": TOP / "cmodules"}, "names that are taken: httpparse, rom, tinyweb"),
        ({"partitions": TOP / "README.md"}, "the ESP8266 has no partition table"),
    ],
    ids=lambda value: None if isinstance(value, str) else "-".join(value),
)
def test_what_does_not_fit_is_named(given, reason):
    with pytest.raises(FirmwareError, match=reason):
        own.Own(**given).check(ESP8266)

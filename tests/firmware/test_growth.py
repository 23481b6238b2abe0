# SPDX-License-Identifier: MIT
"""Images of the ESP32 family fit, also where no compiler of theirs is.

What the last build of each took is in boards/sizes.toml; what has changed in this repository
since is compiled for the ESP8266, which every machine can do.
"""

import dataclasses
import json
import re

import pytest

from firmware import TOP, checks, growth, image, linkmap, record, table
from support import images, simulator

FIGURES = growth.load()
VARIANTS = {v.build_name: v for v in table.load().values()}
# How far the estimate may be from an image that was built.
NEAR = 8 * 1024

MAP = """\
Discarded input sections

 .text.gone     0x00000000       0x40 a.o

Linker script and memory map

 .text.short    0x42000020       0x10 x.elf.dir/src/cmodules/httpparse/parse.c.obj
 .text.a_function_with_a_long_name
                0x42000030      0x120 x.elf.dir/src/cmodules/httpparse/parse.c.obj
 .rodata        0x3c000000       0x08 esp-idf/main/libmain.a(frozen_content.c.obj)
 .rodata.none   0x3c000008        0x0 esp-idf/main/libmain.a(frozen_content.c.obj)
 .bss           0x3fc80000       0x40 x.elf.dir/src/cmodules/rom/modrom.c.obj
 .debug_info    0x00000000      0x400 x.elf.dir/src/cmodules/rom/modrom.c.obj
 .rodata.str1.4 0x3c000010       0x99 x.elf.dir/src/cmodules/rom/modrom.c.obj
 *fill*         0x42000150        0x4
"""

each_figure = pytest.mark.parametrize("name", FIGURES)


@pytest.fixture(scope="module")
def now(cross):
    """What the sources of this checkout take."""
    simulator.build(64)  # makes mpy-cross
    return growth.measure(TOP / "build" / "mpy-cross" / "mpy-cross")


def test_map_tells_what_is_in_the_image():
    assert linkmap.taken(MAP, growth.MODULES) == 0x130
    assert linkmap.taken(MAP, growth.FROZEN) == 8
    assert sum(size for _, size, _ in linkmap.sections(MAP)) == 0x138 + 0x99


def test_no_map_is_refused():
    with pytest.raises(ValueError, match="no link map"):
        linkmap.taken("Discarded input sections\n", ".")


def test_growth_follows_the_sources():
    sources = growth.Sources(modules=1000, frozen=2000)
    told = ("1234567", "1.28.0", "5.5.1", "GCC 14", "")
    figures = growth.Figures(*told, app=100_000, modules=2000, frozen=6000, sources=sources)
    assert figures.today(sources) == 100_000
    assert figures.today(growth.Sources(1100, 2000)) == 100_200
    assert figures.today(growth.Sources(1000, 2100)) == 100_300


def test_limit_is_the_partition_of_the_program():
    for variant in VARIANTS.values():
        if variant.port == "esp32":
            sizes = [size for _, kind, _, _, size in images.partitions(variant) if kind == 0]
            assert growth.partition_size(variant) == sizes[0]


@each_figure
def test_image_leaves_room(name, now):
    """As much as a release asks for, with what the sources take today."""
    limit = growth.partition_size(VARIANTS[name])
    size = FIGURES[name].today(now)
    if limit - size < checks.SPARE:
        pytest.fail(
            f"{name}: the program would take about {size} bytes of {limit}, and {checks.SPARE} "
            f"are to stay free. The last build took {FIGURES[name].app} ({FIGURES[name].commit})."
        )


@each_figure
def test_page_tells_what_the_last_build_took(name):
    """docs/memory.md has the figures, and docs/boards.md says that it was linked."""
    figures, limit = FIGURES[name], growth.partition_size(VARIANTS[name])
    text = (TOP / "docs" / "memory.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| {name} \|(.*)\|$", text, re.M)
    cells = [cell.strip().replace(" ", "") for cell in row.split("|")]
    expected = (figures.app, limit, limit - figures.app, figures.modules, figures.frozen)
    assert cells == [figures.commit, *map(str, expected)]
    board = VARIANTS[name].board
    text = (TOP / "docs" / "boards.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| {board} \| yes \| (.*?) \|", text, re.M)
    assert row.startswith("yes")


def test_every_image_on_the_page_has_figures():
    text = (TOP / "docs" / "memory.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| (ESP32\w*_TINYWEB[\w-]*) \|", text, re.M)) == set(FIGURES)


def test_estimate_is_near_an_image_that_was_built(built, now):
    """The figures are those of the build, or the sources have not changed much since."""
    name = built.variant.build_name
    if built.variant.port != "esp32" or name not in FIGURES:
        pytest.skip("no figures of this image")
    told = json.loads(built.path.with_name(record.NAME).read_text())
    if told["sdk"]["version"].removeprefix("v") != FIGURES[name].idf:
        pytest.skip("another ESP-IDF than the figures'")
    app = built.parsed if built.kind == "app" else built.parsed.app
    estimate = FIGURES[name].today(now)
    assert abs(estimate - app.size) < NEAR, (
        f"{name} has {app.size} bytes, boards/sizes.toml makes it {estimate}: "
        f"PYTHONPATH=ci .venv/bin/python -m firmware.growth --record"
    )


def test_figures_of_a_build_are_written_as_they_are_read(tmp_path, monkeypatch):
    variant = VARIANTS["ESP32_C3_TINYWEB"]
    path = images.write(tmp_path, variant)
    path.with_name("firmware.map").write_text(MAP)
    monkeypatch.setattr(type(variant), "build_dir", property(lambda self: path.parent))
    sources = growth.Sources(modules=10, frozen=20)
    file = tmp_path / "sizes.toml"
    file.write_text(growth.describe(variant, sources))
    (found,) = growth.load(file).values()
    size = image.identify(path.read_bytes())[2].app.size
    assert dataclasses.replace(found, commit="", micropython="", idf="", compiler="") == (
        growth.Figures("", "", "", "", "", size, 0x130, 8, sources)
    )

# SPDX-License-Identifier: MIT
"""What a release says of its images: licences, the bill of materials, how they were built."""

import json
import re

import pytest
from cyclonedx.validation.json import JsonStrictValidator

from firmware import TOP, FirmwareError, bill, components, release, sources, table
from support import images

VERSION = "v1.2.3"
CHANGELOG = "## [1.2.3]\n\n- Something.\n"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """The folders of two releases that were made of the same images."""
    folder = tmp_path_factory.mktemp("bill")
    images.write_all(folder / "build")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "missing", lambda names: [])
        for name in ("one", "two"):
            release.write(
                VERSION, folder / "build", folder / name, changelog=CHANGELOG, page=False
            )
    return folder / "one", folder / "two"


def test_two_releases_of_the_same_images_are_equal(released):
    one, two = released
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in two.iterdir())
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_bill_of_materials_is_valid_and_complete(released):
    text = (released[0] / f"sbom-{VERSION}.cdx.json").read_text()
    assert JsonStrictValidator(bill.SCHEMA).validate_str(text) is None
    content = json.loads(text)
    found = {part["name"]: part for part in content["components"]}
    assert content["metadata"]["component"]["version"] == VERSION
    sums = dict(
        reversed(line.split("  "))
        for line in (released[0] / "SHA256SUMS").read_text().splitlines()
    )
    for variant in table.load().values():
        part = found[variant.file_name("image", VERSION)]
        assert part["hashes"] == [{"alg": "SHA-256", "content": sums[part["name"]]}]
    assert found["MicroPython"]["licenses"] == [{"license": {"id": "MIT"}}]
    depends = {d["ref"]: d.get("dependsOn", []) for d in content["dependencies"]}
    assert set(depends["firmware_esp8266"]) == {"MicroPython@1.0", "An SDK@1.0"}


def test_licence_texts_are_part_of_the_release(released):
    text = (released[0] / "LICENSES.txt").read_text()
    assert text.count("The licence of MicroPython.") == 1
    assert "Licence: LicenseRef-vendor" in text
    for variant in table.load().values():
        assert variant.name in text


def test_provenance_names_every_file_and_what_it_was_made_from(released):
    out = released[0]
    lines = (out / f"provenance-{VERSION}.intoto.jsonl").read_text().splitlines()
    subjects = {}
    for statement in map(json.loads, lines):
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
        subjects |= {s["name"]: s["digest"]["sha256"] for s in statement["subject"]}
        definition = statement["predicate"]["buildDefinition"]
        assert definition["externalParameters"]["command"].startswith("make firmware BOARD=ESP")
        found = {d["name"]: d.get("digest") for d in definition["resolvedDependencies"]}
        # As in-toto has it, each names an origin or a sum, and none of them is empty.
        for source in definition["resolvedDependencies"]:
            assert source.get("uri") or source["digest"]
            assert source.get("digest", True), source
        assert found["TinyWeb"] == {"gitCommit": sources.commit(TOP)}
        assert statement["predicate"]["runDetails"]["builder"]["id"].startswith("urn:")
    expected = {
        line.split("  ")[1]: line.split("  ")[0]
        for line in (out / "SHA256SUMS").read_text().splitlines()
        if line.endswith((".bin", ".elf", ".map"))
    }
    assert subjects == expected


def test_builder_is_the_workflow_that_runs(monkeypatch):
    ref = "owner/name/.github/workflows/firmware.yml@refs/tags/v1.2.3"
    monkeypatch.setenv("GITHUB_WORKFLOW_REF", ref)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    assert bill._builder() == f"https://github.com/{ref}"


MAP = """\
Discarded input sections

 .text.unused   0x00000000        0x8 ./build/X/lib/axtls/ssl/tls1.o

Linker script and memory map

 .text          0x40209000       0x10 ./build/X/py/runtime.o
 .text.a_function_with_a_long_name
                0x40209010       0x20 ESP_SDK/lib/liblwip_open.a(tcp.o)
 .text          0x40209030        0x0 ./build/X/lib/littlefs/lfs2.o
 *fill*         0x40209030        0x4
 .debug_info    0x00000000       0x99 ./build/X/extmod/modre.o
"""


def test_components_are_those_that_were_linked():
    assert components.linked(MAP) == {
        "./build/X/py/runtime.o",
        "ESP_SDK/lib/liblwip_open.a(tcp.o)",
    }
    assert [part.name for part in components.find(MAP, "esp8266")] == ["MicroPython", "lwIP"]


# As MicroPython 1.28 and the ESP-IDF name what they link.
ESP32_MAP = "Linker script and memory map\n\n" + "".join(
    f" .text          0x420000{number:02x}        0x1 {name}\n"
    for number, name in enumerate(
        (
            "esp-idf/main/libmain.a(vm.c.obj)",
            "esp-idf/main/CMakeFiles/micropy_extmod_btree.dir/../micropython/lib/berkeley-db-1.xx/"
            "btree/bt_open.c.obj",
            "CMakeFiles/micropython.elf.dir./cmodules/httpparse/core/body.c.obj",
            "CMakeFiles/micropython.elf.dir./cmodules/rom/modrom_names.c.obj",
            "esp-idf/soc/libsoc.a(gpio_periph.c.obj)",
            "esp-idf/mbedtls/mbedtls/3rdparty/everest/libeverest.a(x25519.c.obj)",
            "esp-idf/espressif__mdns/libespressif__mdns.a(mdns.c.obj)",
            "esp-idf/espressif__tinyusb/libespressif__tinyusb.a(tusb.c.obj)",
            "IDF_PATH/components/bt/controller/lib_esp32c3_family/esp32c3/libbtdm_app.a(lc.o)",
        )
    )
)


def test_components_of_an_esp32_image_are_those_that_were_linked():
    assert {part.name for part in components.find(ESP32_MAP, "esp32")} == {
        *("MicroPython", "ESP-IDF", "TinyWeb", "Berkeley DB", "Mbed TLS", "mDNS", "TinyUSB"),
        "Espressif's Wi-Fi, coexistence and PHY libraries",
    }


def test_objects_are_micropythons_or_the_idfs():
    parts = {part.name: part.objects for part in components.load() if "esp32" in part.ports}
    for name in components.linked(ESP32_MAP):
        both = [re.search(parts[part], name) for part in ("MicroPython", "ESP-IDF")]
        assert not all(both), name


def test_modules_of_ones_own_are_nobodys_but_the_users():
    name = f"{components.OWN}/home/user/modules/mine/mine.c.obj"
    text = f"{ESP32_MAP} .text          0x420000f0        0x1 {name}\n"
    with pytest.raises(FirmwareError, match="does not say whose code this is.*mine"):
        components.find(text, "esp32")
    expected = components.find(ESP32_MAP, "esp32")
    assert components.find(text, "esp32", own=True) == expected


def test_object_of_nobody_ends_the_build():
    text = MAP + " .text          0x40209040       0x10 /opt/elsewhere/libsecret.a(x.o)\n"
    with pytest.raises(FirmwareError, match="does not say whose code this is.*libsecret"):
        components.find(text, "esp8266")


@pytest.mark.parametrize("part", components.load(), ids=lambda part: part.name)
def test_licences_of_what_is_here_are_found(part):
    """Files of MicroPython and of this repository; those of SDKs are read when they are built."""
    for name in part.files:
        path = components._path(name, "/nonexistent")
        submodule = next((s for s in sources.PROOFS if name.startswith(f"micropython/{s}/")), None)
        if (
            name.startswith(("ESP_SDK/", "IDF_PATH/"))
            or "/managed_components/" in name  # which the ESP-IDF fetches
            # Which npm has brought, where there is one.
            or name.startswith("build/")
            and not path.exists()
            or submodule
            and sources.missing([submodule])
        ):
            continue
        assert len(path.read_text(errors="replace")) > 200, name
    bill.LicenseFactory().make_from_string(part.licence)


def test_component_that_a_build_had_not_is_left_out(tmp_path):
    file = tmp_path / "firmware.map"
    file.write_text(
        f"{components.START}\n\n .text          0x40209000       0x10 ./build/X/frozen_content.o\n"
    )
    if not (TOP / "build" / "highlight" / "LICENSE").exists():
        pytest.skip("npm is missing; this licence comes with it")
    found = {}
    for versions in ({}, {"Speed Highlight": "1.2.3"}):
        parts = components.describe(file, "esp8266", tmp_path, versions)
        found[len(versions)] = {part["name"]: part["version"] for part in parts}
    assert "Speed Highlight" not in found[0]
    assert found[1] == found[0] | {"Speed Highlight": "1.2.3"}


def test_comments_at_the_start_of_a_file_are_its_licence():
    text = "/*\n * One.\n *\n * Two.\n */\n// Three.\n\n#include <x.h>\n/* Four. */\n"
    assert components.first_comments(text) == "One.\n\nTwo.\n\nThree.\n"


def test_missing_licence_is_named(tmp_path):
    part = components.Component("A", "MIT", "x", ["ESP_SDK/LICENCE"])
    with pytest.raises(FirmwareError, match=f"The licence of A, {tmp_path}/LICENCE"):
        components.licence_text(part, tmp_path)

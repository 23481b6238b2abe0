# SPDX-License-Identifier: MIT
"""What the ESP-IDF's own tools make of each board's configuration.

Needs an ESP-IDF (IDF_PATH, with its Python packages) but no compiler, so that the boards of all
chips are checked where only one can be built. test_cmake looks at the same without the ESP-IDF.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

from firmware import TOP, esp32, image, table
from support import images

PORT = TOP / "micropython" / "ports" / "esp32"
VARIANTS = [variant for variant in table.load().values() if variant.port == "esp32"]

each_variant = pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.build_name)


@pytest.fixture(scope="module")
def real_idf():
    """``(folder, python)`` of the ESP-IDF that IDF_PATH names."""
    path = pathlib.Path(os.environ.get("IDF_PATH") or "/nonexistent")
    if not (path / "Kconfig").exists():
        pytest.skip("IDF_PATH names no ESP-IDF")
    recommended, others = esp32.supported_versions()
    if esp32.idf_version(path) not in (recommended, *others):
        pytest.skip(f"{path} is {esp32.idf_version(path)}, MicroPython takes {recommended}")
    folder = os.environ.get("IDF_PYTHON_ENV_PATH")
    python = pathlib.Path(folder) / "bin" / "python" if folder else "python3"
    done = subprocess.run([python, "-c", "import kconfgen"], capture_output=True)
    if done.returncode:
        pytest.skip("the ESP-IDF's Python packages are missing: its install.sh")
    return path, python


@pytest.fixture(scope="module")
def resolve(real_idf, configure, tmp_path_factory):
    """``resolve(variant)``: the options as the ESP-IDF takes them, and what it complains of."""
    path, python = real_idf
    known = {}

    def run(variant):
        folder = tmp_path_factory.mktemp(variant.build_name)
        defaults = folder / "sdkconfig.combined"
        defaults.write_text(configure(variant)["sdkconfig"])
        sources = {}
        for name, file in (("KCONFIGS", "Kconfig"), ("KCONFIGS_PROJBUILD", "Kconfig.projbuild")):
            sources[name] = folder / f"{name}.in"
            found = sorted(
                p
                for root in (path / "components", PORT / "managed_components")
                for p in root.glob(f"*/{file}")
            )
            sources[name].write_text("".join(f'source "{p}"\n' for p in found))
        version = esp32.idf_version(path)[1:]
        env = {
            "IDF_PATH": str(path),
            "IDF_TARGET": variant.chip,
            "IDF_TOOLCHAIN": "gcc",
            "IDF_ENV_FPGA": "",
            "IDF_VERSION": version,
            "IDF_INIT_VERSION": version,
            "IDF_MINIMAL_BUILD": "n",
            **{f"COMPONENT_{n}_SOURCE_FILE": str(f) for n, f in sources.items()},
        }
        done = subprocess.run(
            [
                *(python, "-m", "kconfgen", "--kconfig", path / "Kconfig"),
                *("--sdkconfig-rename", path / "sdkconfig.rename"),
                *("--config", folder / "sdkconfig", "--defaults", defaults),
                *(x for name, value in env.items() for x in ("--env", f"{name}={value}")),
                *("--output", "json", folder / "sdkconfig.json"),
            ],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads((folder / "sdkconfig.json").read_text()), done.stdout + done.stderr

    def cached(variant):
        if variant.build_name not in known:
            known[variant.build_name] = run(variant)
        return known[variant.build_name]

    return cached


@each_variant
def test_flash_table_is_what_the_esp_idf_takes(resolve, variant):
    """Chip, addresses and the image's header, as the build would have them."""
    options, _ = resolve(variant)
    assert options["IDF_TARGET"] == variant.chip
    assert int(options["IDF_FIRMWARE_CHIP_ID"]) == variant.chip_id
    assert int(options["BOOTLOADER_OFFSET_IN_FLASH"]) == variant.files["image"]
    assert int(options["PARTITION_TABLE_OFFSET"]) == variant.files["partition_table"]
    assert options["PARTITION_TABLE_FILENAME"] == str(variant.partition_file)
    assert options["ESPTOOLPY_FLASHSIZE"] == variant.flash_size
    assert options["ESPTOOLPY_FLASHMODE"] == variant.flash_mode
    assert options["ESPTOOLPY_FLASHFREQ"] == variant.flash_freq


@each_variant
def test_every_option_of_ours_is_one_of_the_esp_idf(resolve, variant):
    options, said = resolve(variant)
    assert options["APP_REPRODUCIBLE_BUILD"] is True
    assert options["PARTITION_TABLE_CUSTOM"] is True
    unknown = set(re.findall(r"unknown kconfig symbol '(\w+)'", said))
    assert not unknown & {"APP_REPRODUCIBLE_BUILD", "PARTITION_TABLE_CUSTOM_FILENAME"}


@each_variant
def test_tls_has_small_buffers_only_while_it_needs_them(resolve, variant):
    """docs/tls.md tells what a connection takes so. A record of a client may have 16 KiB."""
    options, said = resolve(variant)
    assert options["MBEDTLS_DYNAMIC_BUFFER"] is True
    # It is not there with either of these.
    assert not options["MBEDTLS_SSL_PROTO_DTLS"]
    assert not options["MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH"]
    assert options["MBEDTLS_SSL_IN_CONTENT_LEN"] == 16384
    assert options["MBEDTLS_SSL_OUT_CONTENT_LEN"] == 4096
    # It would take the certificate from the context after the first connection.
    assert not options.get("MBEDTLS_DYNAMIC_FREE_CONFIG_DATA")


@each_variant
def test_memory_and_bluetooth_are_what_the_page_says(resolve, variant):
    options, _ = resolve(variant)
    spiram = variant.chip in ("esp32s2", "esp32s3") or variant.variant == "SPIRAM"
    assert bool(options.get("SPIRAM")) == spiram
    assert bool(options.get("SPIRAM_MODE_OCT")) == (variant.variant == "SPIRAM_OCT")
    assert bool(options.get("BT_NIMBLE_ENABLED")) == (variant.chip != "esp32s2")
    assert bool(options.get("SOC_USB_OTG_SUPPORTED")) == (variant.chip in ("esp32s2", "esp32s3"))
    serial_jtag = variant.chip in ("esp32s3", "esp32c3", "esp32c6")
    assert bool(options.get("SOC_USB_SERIAL_JTAG_SUPPORTED")) == serial_jtag


@pytest.mark.parametrize(
    "variant", {v.partitions: v for v in VARIANTS}.values(), ids=lambda v: v.partitions
)
def test_the_esp_idf_compiles_the_partition_table(real_idf, variant, tmp_path):
    path, python = real_idf
    tool = path / "components" / "partition_table" / "gen_esp32part.py"
    out = tmp_path / "partition-table.bin"
    done = subprocess.run(
        [python, tool, "--flash-size", variant.flash_size, variant.partition_file, out],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    data = out.read_bytes()
    assert data == images.partition_table(list(images.partitions(variant)))
    found = [(p.name, p.kind, p.subtype, p.offset, p.size) for p in image.parse_partitions(data)]
    assert found == list(images.partitions(variant))

# SPDX-License-Identifier: MIT
"""MicroPython's port to the ESP32, configured by its CMake files without an ESP-IDF."""

import os
import re
import shutil
import subprocess

import pytest

from firmware import BOARDS, TOP

PORT = TOP / "micropython" / "ports" / "esp32"

# Instead of what the ESP-IDF does at project(): the user modules are included as the
# port's main component would, and all that the board decided is printed.
PROJECT_CMAKE = """
macro(idf_build_set_property)
endmacro()
# Some of what the ESP-IDF compiles its components with.
function(idf_build_get_property variable property)
    if(property STREQUAL COMPILE_OPTIONS)
        set(${variable} -ffunction-sections "$<$<COMPILE_LANGUAGE:C>:-O2>" PARENT_SCOPE)
    endif()
endfunction()
macro(project)
    _project(${ARGV} NONE)
    foreach(name IDF_TARGET USER_C_MODULES MICROPY_FROZEN_MANIFEST MICROPY_DEF_BOARD
            MICROPY_PY_BTREE MICROPY_LIB_DIR MICROPY_MANIFEST_TINYWEB_TOP)
        message("RESULT ${name}=${${name}}")
    endforeach()
    include(${CMAKE_SOURCE_DIR}/../../py/usermod.cmake)
    message("RESULT SOURCES=${MICROPY_SOURCE_USERMOD}")
    get_target_property(options usermod INTERFACE_COMPILE_OPTIONS)
    message("RESULT OPTIONS=${options}")
    if(TARGET usermod_tinyweb)
        get_target_property(linking usermod_tinyweb INTERFACE_LINK_OPTIONS)
        message("RESULT LINKING=${linking}")
    endif()
endmacro()
"""


def run_cmake(build, idf, board, board_dir, variant="", partial="1"):
    """Run the port's CMake files in the folder ``build``; returns how CMake ended."""
    return subprocess.run(
        [
            *("cmake", "-S", PORT, "-B", build, "-Wno-dev"),
            *("-D", f"MICROPY_BOARD={board}", "-D", f"MICROPY_BOARD_DIR={board_dir}"),
            *(("-D", f"MICROPY_BOARD_VARIANT={variant}") if variant else ()),
        ],
        env={**os.environ, "IDF_PATH": str(idf), "TINYWEB_PARTIAL": partial},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def idf(tmp_path_factory):
    """A folder that stands in for the ESP-IDF."""
    if not shutil.which("cmake"):
        pytest.skip("cmake is missing: ci/install-deps firmware")
    folder = tmp_path_factory.mktemp("idf")
    (folder / "tools" / "cmake").mkdir(parents=True)
    (folder / "tools" / "cmake" / "project.cmake").write_text(PROJECT_CMAKE)
    return folder


@pytest.fixture(scope="module")
def configure(idf, tmp_path_factory):
    """``configure(variant)``: what a board sets, as {name: text}.

    The name of one of the port's own boards serves as well.
    """
    folder = tmp_path_factory.mktemp("cmake")

    known = {}

    def run(variant):
        if isinstance(variant, str):
            build = folder / variant
            done = run_cmake(build, idf, variant, PORT / "boards" / variant)
        else:
            build = folder / variant.build_name
            done = run_cmake(build, idf, variant.board, BOARDS / variant.board, variant.variant)
        assert done.returncode == 0, done.stdout + done.stderr
        result = dict(re.findall(r"^RESULT (\w+)=(.*)$", done.stderr, re.M))
        result["sdkconfig"] = (build / "sdkconfig.combined").read_text()
        result["defines"] = set(filter(None, result["MICROPY_DEF_BOARD"].split(";")))
        return result

    def cached(variant):
        name = variant if isinstance(variant, str) else variant.build_name
        if name not in known:
            known[name] = run(variant)
        return known[name]

    return cached

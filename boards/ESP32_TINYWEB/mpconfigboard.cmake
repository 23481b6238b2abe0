# SPDX-License-Identifier: MIT
# Read by the port's CMakeLists.txt, before the variant's file.

get_filename_component(TINYWEB_TOP ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)

set(SDKCONFIG_DEFAULTS
    boards/sdkconfig.base
    boards/sdkconfig.ble
    ${CMAKE_CURRENT_LIST_DIR}/sdkconfig.board
)

set(MICROPY_FROZEN_MANIFEST ${CMAKE_CURRENT_LIST_DIR}/manifest.py)
# Variables of the manifests. A manifest of a user's own includes $(TINYWEB_MANIFEST), which
# names what the image freezes without it.
set(MICROPY_MANIFEST_TINYWEB_TOP ${TINYWEB_TOP})
set(MICROPY_MANIFEST_TINYWEB_MANIFEST ${CMAKE_CURRENT_LIST_DIR}/manifest.py)

if(NOT USER_C_MODULES)
    set(USER_C_MODULES ${TINYWEB_TOP}/cmodules/micropython.cmake)
endif()

# One source of the version: the package that the image freezes.
set(TINYWEB_VERSION 0.0.0)
if(EXISTS ${TINYWEB_TOP}/frozen/tinyweb/__init__.py)
    file(STRINGS ${TINYWEB_TOP}/frozen/tinyweb/__init__.py TINYWEB_VERSION_LINE
        REGEX "^__version__ = \"[^\"]+\"$")
    if(TINYWEB_VERSION_LINE MATCHES "\"([^\"]+)\"")
        set(TINYWEB_VERSION ${CMAKE_MATCH_1})
    endif()
endif()
list(APPEND MICROPY_DEF_BOARD
    TINYWEB_VERSION="${TINYWEB_VERSION}"
)

# Parts whose sources are submodules of MicroPython. A source archive has none of them; with
# TINYWEB_PARTIAL=1 in the environment an image is built without these parts.
function(tinyweb_left_out submodule what)
    if("$ENV{TINYWEB_PARTIAL}" STREQUAL "1")
        message("Left out, ${submodule} is missing: ${what}")
    else()
        message(FATAL_ERROR "micropython/${submodule} is not there, for ${what}; docs/building.md")
    endif()
endfunction()

# CMAKE_SOURCE_DIR is the port.
get_filename_component(TINYWEB_MPY_LIB ${CMAKE_SOURCE_DIR}/../../lib ABSOLUTE)
if(NOT UPDATE_SUBMODULES)
    if(NOT EXISTS ${TINYWEB_MPY_LIB}/berkeley-db-1.xx/btree/bt_open.c)
        tinyweb_left_out(lib/berkeley-db-1.xx "btree")
        set(MICROPY_PY_BTREE OFF)
    endif()
    # The build asks for a README.md here before it freezes anything, and lib/ has one;
    # the manifest says which packages it did not find.
    if(NOT EXISTS ${TINYWEB_MPY_LIB}/micropython-lib/README.md)
        tinyweb_left_out(lib/micropython-lib "the packages that are frozen")
        set(MICROPY_LIB_DIR ${TINYWEB_MPY_LIB})
    endif()
endif()

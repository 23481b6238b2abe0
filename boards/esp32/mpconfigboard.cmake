# SPDX-License-Identifier: MIT
# What all boards with a chip of the ESP32 family share. A board's mpconfigboard.cmake, which
# the port's CMakeLists.txt reads before the variant's file, is these two lines:
#
#   set(TINYWEB_OFFICIAL_BOARD ESP32_GENERIC_C3)
#   include(${CMAKE_CURRENT_LIST_DIR}/../esp32/mpconfigboard.cmake)

get_filename_component(TINYWEB_TOP ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
set(TINYWEB_ESP32 ${CMAKE_CURRENT_LIST_DIR})

# Chip, memory, radio and USB are set as MicroPython's own board sets them, whichever release
# it is. CMAKE_SOURCE_DIR is the port.
include(${CMAKE_SOURCE_DIR}/boards/${TINYWEB_OFFICIAL_BOARD}/mpconfigboard.cmake)
list(APPEND SDKCONFIG_DEFAULTS ${TINYWEB_ESP32}/sdkconfig.tinyweb)

# tinyweb_partitions(FILE): take a partition table of this folder.
#
# The ESP-IDF wants its whole path, which only the build knows. ROMFS is there where the table
# has a partition for it. The last call counts.
macro(tinyweb_partitions file)
    set(TINYWEB_PARTITIONS ${TINYWEB_ESP32}/${file})
    file(WRITE ${CMAKE_BINARY_DIR}/sdkconfig.partitions
        "CONFIG_PARTITION_TABLE_CUSTOM=y\n"
        "CONFIG_PARTITION_TABLE_CUSTOM_FILENAME=\"${TINYWEB_PARTITIONS}\"\n")
    # Behind what a variant of MicroPython's board names.
    list(REMOVE_ITEM SDKCONFIG_DEFAULTS ${CMAKE_BINARY_DIR}/sdkconfig.partitions)
    list(APPEND SDKCONFIG_DEFAULTS ${CMAKE_BINARY_DIR}/sdkconfig.partitions)
    list(FILTER MICROPY_DEF_BOARD EXCLUDE REGEX "^MICROPY_VFS_ROM=")
    file(STRINGS ${TINYWEB_PARTITIONS} TINYWEB_ROMFS REGEX "^romfs *,")
    if(TINYWEB_ROMFS)
        list(APPEND MICROPY_DEF_BOARD MICROPY_VFS_ROM=1)
    else()
        list(APPEND MICROPY_DEF_BOARD MICROPY_VFS_ROM=0)
    endif()
endmacro()

# tinyweb_official_variant(NAME): set what a variant of MicroPython's board sets, all but its
# name in the banner.
macro(tinyweb_official_variant name)
    include(${CMAKE_SOURCE_DIR}/boards/${TINYWEB_OFFICIAL_BOARD}/mpconfigvariant_${name}.cmake)
    list(FILTER MICROPY_DEF_BOARD EXCLUDE REGEX "^MICROPY_HW_BOARD_NAME=")
    # Instead of the partition table that it may name.
    tinyweb_partitions(partitions-4MiB.csv)
endmacro()

tinyweb_partitions(partitions-4MiB.csv)

set(MICROPY_FROZEN_MANIFEST ${TINYWEB_ESP32}/manifest.py)
# Variables of the manifests. A manifest of a user's own includes $(TINYWEB_MANIFEST), which
# names what the image freezes without it.
set(MICROPY_MANIFEST_TINYWEB_TOP ${TINYWEB_TOP})
set(MICROPY_MANIFEST_TINYWEB_MANIFEST ${MICROPY_FROZEN_MANIFEST})

if(NOT USER_C_MODULES)
    set(USER_C_MODULES ${TINYWEB_TOP}/cmodules/micropython.cmake)
endif()

include(${TINYWEB_TOP}/boards/version.cmake)

# What answers Improv beside the prompt; empty: nothing does
if(NOT DEFINED TINYWEB_IMPROV)
    set(TINYWEB_IMPROV tinyweb.device.improv)
endif()
if(TINYWEB_IMPROV)
    list(APPEND MICROPY_DEF_BOARD TINYWEB_IMPROV="${TINYWEB_IMPROV}")
endif()

# Parts whose sources are submodules of MicroPython. A source archive has none of them; with
# TINYWEB_PARTIAL=1 in the environment an image is built without these parts.
function(tinyweb_left_out submodule what)
    if("$ENV{TINYWEB_PARTIAL}" STREQUAL "1")
        message("Left out, ${submodule} is missing: ${what}")
    else()
        message(FATAL_ERROR "micropython/${submodule} is not there, for ${what}; docs/building.md")
    endif()
endfunction()

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

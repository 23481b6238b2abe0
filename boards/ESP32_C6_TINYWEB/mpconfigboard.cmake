# SPDX-License-Identifier: MIT
set(TINYWEB_OFFICIAL_BOARD ESP32_GENERIC_C6)
include(${CMAKE_CURRENT_LIST_DIR}/../esp32/mpconfigboard.cmake)

# The program is larger than those of the other chips: docs/memory.md
tinyweb_partitions(partitions-4MiB-c6.csv)

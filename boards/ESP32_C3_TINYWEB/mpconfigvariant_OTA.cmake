# SPDX-License-Identifier: MIT
include(${TINYWEB_ESP32}/mpconfigvariant_OTA.cmake)

# The program is larger than those of the other chips: docs/memory.md
tinyweb_partitions(partitions-4MiB-ota-c3.csv)

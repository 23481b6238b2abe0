# SPDX-License-Identifier: MIT
# Two application partitions; the port's settings keep the program small enough for one. The
# mpconfigvariant_OTA.cmake of each board includes this.
list(APPEND SDKCONFIG_DEFAULTS boards/ESP32_GENERIC/sdkconfig.ota)
tinyweb_partitions(partitions-4MiB-ota.csv)

list(APPEND MICROPY_DEF_BOARD
    TINYWEB_VARIANT_NAME=" with OTA"
)

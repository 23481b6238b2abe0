# SPDX-License-Identifier: MIT
# Two application partitions; the port's settings keep the program small enough for one.
list(APPEND SDKCONFIG_DEFAULTS boards/ESP32_GENERIC/sdkconfig.ota)

list(APPEND MICROPY_DEF_BOARD
    TINYWEB_VARIANT_NAME=" with OTA"
    MICROPY_VFS_ROM=0
)

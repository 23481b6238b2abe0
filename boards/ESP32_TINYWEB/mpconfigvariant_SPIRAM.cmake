# SPDX-License-Identifier: MIT
list(APPEND SDKCONFIG_DEFAULTS boards/sdkconfig.spiram)

list(APPEND MICROPY_DEF_BOARD
    TINYWEB_VARIANT_NAME=" with SPIRAM"
)

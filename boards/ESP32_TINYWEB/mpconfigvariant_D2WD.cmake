# SPDX-License-Identifier: MIT
# 2 MiB of flash inside the chip.
list(APPEND SDKCONFIG_DEFAULTS boards/ESP32_GENERIC/sdkconfig.d2wd)

list(APPEND MICROPY_DEF_BOARD
    MICROPY_HW_MCU_NAME="ESP32-D2WD"
    # What the port switches off for this chip, to save flash.
    MICROPY_OPT_COMPUTED_GOTO=0
    MICROPY_PY_NETWORK_LAN=0
    MICROPY_VFS_ROM=0
)

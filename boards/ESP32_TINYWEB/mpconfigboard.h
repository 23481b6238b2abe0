// SPDX-License-Identifier: MIT

// Shown in the banner and in sys.implementation._machine. TINYWEB_VERSION comes from
// mpconfigboard.cmake, the other two from the variant's file.
#ifndef TINYWEB_VARIANT_NAME
#define TINYWEB_VARIANT_NAME ""
#endif

#define MICROPY_HW_BOARD_NAME "TinyWeb v" TINYWEB_VERSION " ESP32 module" TINYWEB_VARIANT_NAME

#ifndef MICROPY_HW_MCU_NAME
#define MICROPY_HW_MCU_NAME "ESP32"
#endif

// The partition table of OTA and D2WD has no partition for it.
#ifndef MICROPY_VFS_ROM
#define MICROPY_VFS_ROM (1)
#endif

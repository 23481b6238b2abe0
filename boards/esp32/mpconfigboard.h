// SPDX-License-Identifier: MIT
// What all boards with a chip of the ESP32 family share, behind the header of MicroPython's
// own board: the name in the banner and in sys.implementation._machine. TINYWEB_BOARD_NAME
// comes from the board's header, TINYWEB_VERSION from version.cmake, and the variant's file
// may define the last part.

#ifndef TINYWEB_VARIANT_NAME
#define TINYWEB_VARIANT_NAME ""
#endif

#undef MICROPY_HW_BOARD_NAME
#define MICROPY_HW_BOARD_NAME "TinyWeb v" TINYWEB_VERSION " " TINYWEB_BOARD_NAME TINYWEB_VARIANT_NAME

// SPDX-License-Identifier: MIT
#include "boards/ESP32_GENERIC_C6/mpconfigboard.h"

#define TINYWEB_BOARD_NAME "ESP32-C6 module"
#include "../esp32/mpconfigboard.h"

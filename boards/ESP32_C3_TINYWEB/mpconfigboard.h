// SPDX-License-Identifier: MIT
#include "boards/ESP32_GENERIC_C3/mpconfigboard.h"

#define TINYWEB_BOARD_NAME "ESP32-C3 module"
#include "../esp32/mpconfigboard.h"

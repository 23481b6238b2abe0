// SPDX-License-Identifier: MIT
#include "boards/ESP32_GENERIC_S2/mpconfigboard.h"

#define TINYWEB_BOARD_NAME "ESP32-S2 module"
#include "../esp32/mpconfigboard.h"

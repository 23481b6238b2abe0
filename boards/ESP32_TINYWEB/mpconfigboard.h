// SPDX-License-Identifier: MIT
#include "boards/ESP32_GENERIC/mpconfigboard.h"

#define TINYWEB_BOARD_NAME "ESP32 module"
#include "../esp32/mpconfigboard.h"

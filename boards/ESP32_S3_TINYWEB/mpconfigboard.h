// SPDX-License-Identifier: MIT
#include "boards/ESP32_GENERIC_S3/mpconfigboard.h"

#define TINYWEB_BOARD_NAME "ESP32-S3 module"
#include "../esp32/mpconfigboard.h"

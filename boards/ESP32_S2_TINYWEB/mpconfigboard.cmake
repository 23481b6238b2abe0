# SPDX-License-Identifier: MIT
set(TINYWEB_OFFICIAL_BOARD ESP32_GENERIC_S2)
include(${CMAKE_CURRENT_LIST_DIR}/../esp32/mpconfigboard.cmake)

# SPDX-License-Identifier: MIT
include(${TINYWEB_ESP32}/mpconfigvariant_OTA.cmake)

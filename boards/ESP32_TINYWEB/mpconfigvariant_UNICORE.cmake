# SPDX-License-Identifier: MIT
# It names the chip ESP32-UNICORE in the banner.
tinyweb_official_variant(UNICORE)

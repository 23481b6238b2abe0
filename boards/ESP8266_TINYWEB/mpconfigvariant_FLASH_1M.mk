# SPDX-License-Identifier: MIT
# 1 MiB of flash; board.md says what is left out and what each part would take.
TINYWEB_FLASH = 1M
TINYWEB_TLS = 0
TINYWEB_WEBSOCKET = 0
TINYWEB_UPLOADS = 0
TINYWEB_PROGRAM = 0
TINYWEB_BACKGROUND = 0

# Modules in ROM take flash, which is what this image lacks: docs/rom.md
ROM ?= 0
export ROM

MICROPY_PY_ESPNOW ?= 0
MICROPY_VFS_LFS2 ?= 1

TINYWEB_MANIFEST = $(BOARD_DIR)/manifest_1m.py

include $(BOARD_DIR)/tinyweb.mk

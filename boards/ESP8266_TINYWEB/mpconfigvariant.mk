# SPDX-License-Identifier: MIT
# 2 MiB of flash and more.
TINYWEB_FLASH = 2M
TINYWEB_TLS = 1
# What answers Improv beside the prompt; empty: nothing does
TINYWEB_IMPROV ?= tinyweb.device.improv

MICROPY_PY_BTREE ?= 1
MICROPY_PY_ESPNOW ?= 1
MICROPY_VFS_FAT ?= 1
MICROPY_VFS_LFS2 ?= 1

TINYWEB_MANIFEST = $(BOARD_DIR)/manifest.py

include $(BOARD_DIR)/tinyweb.mk

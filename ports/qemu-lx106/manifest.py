# SPDX-License-Identifier: MIT
# Frozen code of the emulated board: MicroPython's asyncio, what boots the board,
# and what every board of this project carries.
include("$(MPY_DIR)/extmod/asyncio")
freeze("modules")
include("$(TINYWEB_DIR)/frozen/manifest.py")

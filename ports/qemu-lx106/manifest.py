# SPDX-License-Identifier: MIT
# Frozen code of the emulated board: MicroPython's asyncio, what boots the board,
# and what every board of this project carries.
# opt: as frozen/manifest.py has it.
options.defaults(opt=3)
include("$(MPY_DIR)/extmod/asyncio")
freeze("modules")
# The chip's.
module("flashbdev.py", base_path="$(TINYWEB_DIR)/boards/ESP8266_TINYWEB/modules")
include("$(TINYWEB_DIR)/frozen/manifest.py", opt=options.opt)

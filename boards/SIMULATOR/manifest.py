# SPDX-License-Identifier: MIT
include("$(MPY_DIR)/extmod/asyncio")
include("../../frozen/manifest.py")

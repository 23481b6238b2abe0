# SPDX-License-Identifier: MIT
# What boards/SIMULATOR/manifest.py has, with line numbers.
include("$(MPY_DIR)/extmod/asyncio")
include("../../frozen/manifest.py", start=False, opt=0)
rom("tinyweb", variables=("tinyweb:webserver",))

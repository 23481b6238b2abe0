# SPDX-License-Identifier: MIT
include("$(MPY_DIR)/extmod/asyncio")
include("../../frozen/manifest.py", start=False)
# Tests and the demo's screenshots give a server the slots of a chip, also in the examples.
rom("tinyweb", variables=("tinyweb:webserver",))

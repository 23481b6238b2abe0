# SPDX-License-Identifier: MIT
include("manifest.py", flash_1m=True)

# SPDX-License-Identifier: MIT
# What ports/qemu-lx106/manifest.py has, with line numbers.
include("$(TINYWEB_DIR)/ports/qemu-lx106/manifest.py", opt=0)

# SPDX-License-Identifier: MIT
# What browsers run: MicroPython's webassembly port with this project's modules.
# ci/build-page calls the port's Makefile with VARIANT_DIR set to this folder.

FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py

# The heap grows: see mpconfigvariant.h.
JSFLAGS += -s ALLOW_MEMORY_GROWTH -s MALLOC=emmalloc

# The port links without an option for size; with it the loader is half as long.
JSFLAGS += -Oz

# Programs see the errors that the chips have; emscripten numbers them otherwise.
$(BUILD)/extmod/vfs_posix.o $(BUILD)/extmod/vfs_posix_file.o: CFLAGS += -include errno_page.h

# SPDX-License-Identifier: MIT
# Part of the simulator with FUZZ=1 only: boards/SIMULATOR/fuzz.mk.
SRC_USERMOD_C += $(USERMOD_DIR)/modfuzz.c

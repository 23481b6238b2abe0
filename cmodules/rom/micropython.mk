# SPDX-License-Identifier: MIT
# Modules in ROM; see docs/rom.md. ROM=0 builds without.
ROM_MOD_DIR := $(USERMOD_DIR)

ifneq ($(ROM),0)

ROM_LACKS := $(shell $(PYTHON) $(realpath $(ROM_MOD_DIR)/../../ci)/rom/micropython.py $(TOP))
ifneq ($(ROM_LACKS),)
$(error $(ROM_LACKS))
endif

SRC_USERMOD_C += $(addprefix $(ROM_MOD_DIR)/, modrom_classes.c modrom_modules.c modrom_names.c modrom_none.c)

# MicroPython's own hook, which every import calls.
CFLAGS_USERMOD += -I$(ROM_MOD_DIR) -Dmp_builtin___import__=rom_import

# Files of MicroPython that a header of hooks/ changes.
$(foreach file,modio objdict objmodule objtype runtime,\
	$(eval $(BUILD)/py/$(file).o: CFLAGS += -include $(ROM_MOD_DIR)/hooks/$(file).h))

# The step looks there for the modules in C.
$(BUILD)/frozen_content.c: | $(BUILD)/genhdr/moduledefs.h

endif

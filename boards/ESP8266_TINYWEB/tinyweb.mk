# SPDX-License-Identifier: MIT
# Common to all variants; read by the port's Makefile through mpconfigvariant*.mk.

TINYWEB_TOP := $(abspath $(BOARD_DIR)/../..)
TINYWEB_CC = $(or $(CROSS_COMPILE),xtensa-lx106-elf-)gcc

USER_C_MODULES ?= $(TINYWEB_TOP)/cmodules

# One source of the version: the package that the image freezes.
TINYWEB_VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"$$/\1/p' \
	$(TINYWEB_TOP)/frozen/tinyweb/__init__.py 2>/dev/null)
CFLAGS += -DTINYWEB_VERSION=\"$(or $(TINYWEB_VERSION),0.0.0)\" -DTINYWEB_FLASH_$(TINYWEB_FLASH)=1

# Parts whose sources are submodules of MicroPython. A source archive has none of them; with
# TINYWEB_PARTIAL=1 an image is built without these parts, which serves pages all the same. The
# port's Makefile assigns the two SSL variables after this file, hence "override".
# $(1): submodule, $(2): what needs it
define tinyweb_left_out
$(if $(filter 1,$(TINYWEB_PARTIAL)),$(info Left out, $(1) is missing: $(2)),\
    $(error micropython/$(1) is not there, for $(2); docs/building.md))
endef

ifeq ($(TINYWEB_TLS)$(wildcard $(TOP)/lib/axtls/ssl/tls1.c),1)
$(call tinyweb_left_out,lib/axtls,TLS and cryptolib and hashlib.sha1 in C)
TINYWEB_TLS = 0
endif
ifneq ($(TINYWEB_TLS),1)
override MICROPY_PY_SSL = 0
override MICROPY_SSL_AXTLS = 0
endif

ifeq ($(MICROPY_PY_BTREE)$(wildcard $(TOP)/lib/berkeley-db-1.xx/btree/bt_open.c),1)
$(call tinyweb_left_out,lib/berkeley-db-1.xx,btree)
override MICROPY_PY_BTREE = 0
endif

# The build asks for a README.md here before it freezes anything, and lib/ has one;
# the manifests say which packages they did not find.
ifeq ($(wildcard $(TOP)/lib/micropython-lib/README.md),)
$(call tinyweb_left_out,lib/micropython-lib,the packages that are frozen)
MPY_LIB_DIR = $(TOP)/lib
endif

# Variables of the manifests. A manifest of a user's own includes $(TINYWEB_MANIFEST), which
# names what the image freezes without it.
MICROPY_MANIFEST_TINYWEB_TOP = $(TINYWEB_TOP)
MICROPY_MANIFEST_TINYWEB_MANIFEST = $(TINYWEB_MANIFEST)
FROZEN_MANIFEST ?= $(TINYWEB_MANIFEST)
MICROPY_MANIFEST_TINYWEB_TLS = $(TINYWEB_TLS)

# Vendor headers by -isystem, because they do not pass -Werror. The other options are
# what a later GCC than the port's (4.8) needs; -fcommon because libraries of the SDK
# were made when it was the default.
CFLAGS += -isystem $(ESP_SDK)/include -fcommon -Wno-array-bounds -Wno-unused-const-variable
ifneq ($(shell printf '\043include <picolibc.h>' | $(TINYWEB_CC) -E -x c - >/dev/null 2>&1 && echo yes),)
CFLAGS += -isystem $(BOARD_DIR)/picolibc -D__PICOLIBC_ERRNO_FUNCTION=__errno
endif

# The ELF of a release names its sources without the builder's folders.
# Where several fit, GCC takes the last.
CFLAGS += -fdebug-prefix-map=$(TINYWEB_TOP)=. \
	-fdebug-prefix-map=$(abspath $(TOP))=micropython -fdebug-prefix-map=$(abspath $(ESP_SDK))=ESP_SDK

# Where the port's Makefile is called directly: what make firmware made and installed. The port
# would build mpy-cross with the BUILD that is meant for the image.
ifneq ($(wildcard $(TINYWEB_TOP)/build/mpy-cross/mpy-cross),)
export MICROPY_MPYCROSS = $(TINYWEB_TOP)/build/mpy-cross/mpy-cross
MICROPY_MPYCROSS_DEPENDENCY =
endif
# esptool 5 has no default chip.
TINYWEB_ESPTOOL ?= $(or $(wildcard $(TINYWEB_TOP)/.venv/bin/esptool),$(shell command -v esptool),esptool.py)
override ESPTOOL = $(TINYWEB_ESPTOOL) --chip esp8266

# Sections: the port's own script with placement.ld put behind the line for extmod/.
# esptool takes one section .irom0.text and no second, so they cannot be added in a
# script of their own. The link is repeated because uart.o is built anew; a linker
# script as a prerequisite of the ELF would be given to the linker as an object.
TINYWEB_LAYOUT = $(BOARD_DIR)/flash_$(TINYWEB_FLASH).ld
LD_FILES = $(TINYWEB_LAYOUT)
LDFLAGS += -L$(BUILD)
# What the collector finds on the stack: cmodules/tinyweb/modtinyweb_roots.c
LDFLAGS += --wrap=gc_collect_root
# Packets of programs among what is typed: cmodules/tinyweb/modtinyweb_improv.c
LDFLAGS += $(if $(TINYWEB_IMPROV),--wrap=readline)
# The modules of a user's own, beside those that placement.ld names.
TINYWEB_OWN_MODULES = $(filter-out $(notdir $(wildcard $(TINYWEB_TOP)/cmodules/*)),\
	$(notdir $(patsubst %/micropython.mk,%,$(wildcard $(USER_C_MODULES)/*/micropython.mk))))

$(BUILD)/tinyweb_sections.ld: boards/esp8266_common.ld $(BOARD_DIR)/placement.ld
	$(Q)$(MKDIR) -p $(BUILD)
	$(Q)cp $(BOARD_DIR)/placement.ld $@.part
	$(Q)for name in $(TINYWEB_OWN_MODULES); do \
		echo "        $(BUILD)/$$name/*.o(.literal* .text*)"; done >> $@.part
	$(Q)$(SED) '/^ *\*extmod\/\*\.o\*(/r $@.part' $< > $@
	$(Q)grep -q 'httpparse' $@ || (echo '$<: no line for extmod/, see tinyweb.mk'; false)

$(BUILD)/uart.o: $(BUILD)/tinyweb_sections.ld $(TINYWEB_LAYOUT)

# Objects of the user modules alone, for checks where no vendor SDK is. Strings and
# other generated headers are then made from these modules, not from the port.
.PHONY: tinyweb-objects
tinyweb-objects: $(BUILD)/tinyweb_sections.ld
	$(Q)$(MAKE) SRC_QSTR="$(SRC_USERMOD_PATHFIX_C)" \
		$(addprefix $(BUILD)/,$(SRC_USERMOD_PATHFIX_C:.c=.o) $(SRC_USERMOD_PATHFIX_LIB_C:.c=.o))

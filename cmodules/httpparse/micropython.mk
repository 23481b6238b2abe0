# SPDX-License-Identifier: MIT
HTTPPARSE_MOD_DIR := $(USERMOD_DIR)

SRC_USERMOD_C += $(addprefix $(HTTPPARSE_MOD_DIR)/, \
	modhttpparse.c \
	modhttpparse_forms.c \
	modhttpparse_lwip.c \
	modhttpparse_multipart.c \
	modhttpparse_request.c \
	modhttpparse_response.c \
	modhttpparse_signature.c \
	modhttpparse_urlencoded.c \
	)

# No MicroPython header and no QSTR in these
SRC_USERMOD_LIB_C += $(addprefix $(HTTPPARSE_MOD_DIR)/core/, \
	body.c \
	chars.c \
	copy.c \
	form.c \
	framing.c \
	head.c \
	multipart.c \
	params.c \
	request.c \
	response.c \
	text.c \
	urlencoded.c \
	)

# Options that make code for the ESP8266's CPU smaller and hardly slower, found by trial with GCC 12;
# bench/ uses them too.
HTTPPARSE_LX106 = -fno-thread-jumps -fno-jump-tables -mno-target-align

# What these files call is near in flash: each other, and MicroPython's core, which placement.ld of
# the board puts in front of them. A call that says where it goes is 3 bytes long, one that loads it
# first 6 and 4 for the address, and one more read of flash. The C library and the division are not
# near, and are not called (tests/firmware/test_calls.py); the linker refuses what it cannot reach.
HTTPPARSE_NEAR = -mno-longcalls

# The ESP8266 reads its flash only in words, so its port has the compiler make a word's load and
# a shift of each byte's. These files read by bytes nothing but buffers and structures in RAM
# (tests/firmware/test_flash_reads.py), and need not pay for it.
HTTPPARSE_RAM_ONLY = $(patsubst %,core/%, \
	body copy form framing head multipart params request response urlencoded) \
	modhttpparse_request modhttpparse_response modhttpparse_urlencoded

# $(1): file without its suffix, $(2): options
define httpparse_lx106
$$(BUILD)/$(patsubst $(USER_C_MODULES)/%,%,$(HTTPPARSE_MOD_DIR))/$(1).o: \
	CFLAGS += $$(if $$(findstring xtensa-lx106,$$(CROSS_COMPILE)),$(2))
endef
# lwIP is not near.
$(eval $(call httpparse_lx106,modhttpparse_lwip,-mlongcalls))
$(foreach file,$(HTTPPARSE_RAM_ONLY),$(eval $(call httpparse_lx106,$(file),-mno-force-l32)))
$(foreach file,core/% mod%,$(eval $(call httpparse_lx106,$(file),$(HTTPPARSE_LX106) $(HTTPPARSE_NEAR))))

CFLAGS_USERMOD += -I$(HTTPPARSE_MOD_DIR)

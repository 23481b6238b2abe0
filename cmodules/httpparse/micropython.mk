# SPDX-License-Identifier: MIT
HTTPPARSE_MOD_DIR := $(USERMOD_DIR)

SRC_USERMOD_C += $(addprefix $(HTTPPARSE_MOD_DIR)/, \
	modhttpparse.c \
	modhttpparse_forms.c \
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
	error.c \
	form.c \
	framing.c \
	head.c \
	multipart.c \
	params.c \
	reason.c \
	request.c \
	response.c \
	urlencoded.c \
	)

# The ESP8266 reads its flash only in words, so its port has the compiler make a word's load and
# a shift of each byte's. These files read by bytes nothing but buffers and structures in RAM
# (tests/firmware/test_flash_reads.py), and need not pay for it.
define httpparse_reads_ram_only
$$(BUILD)/$(patsubst $(USER_C_MODULES)/%,%,$(HTTPPARSE_MOD_DIR))/core/$(1).o: \
	CFLAGS += $$(if $$(findstring xtensa-lx106,$$(CROSS_COMPILE)),-mno-force-l32)
endef
$(foreach file,body form framing head multipart params request urlencoded,$(eval $(call httpparse_reads_ram_only,$(file))))

CFLAGS_USERMOD += -I$(HTTPPARSE_MOD_DIR)

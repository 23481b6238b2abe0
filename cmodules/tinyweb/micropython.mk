# SPDX-License-Identifier: MIT
TINYWEB_MOD_DIR := $(USERMOD_DIR)

SRC_USERMOD_C += $(addprefix $(TINYWEB_MOD_DIR)/, \
	modtinyweb.c \
	modtinyweb_aio.c \
	modtinyweb_messages.c \
	modtinyweb_parts.c \
	modtinyweb_record.c \
	)

# The writer that responses go through
CFLAGS_USERMOD += -I$(TINYWEB_MOD_DIR) -I$(TINYWEB_MOD_DIR)/../httpparse

# SPDX-License-Identifier: MIT
TINYWEB_MOD_DIR := $(USERMOD_DIR)

SRC_USERMOD_C += $(addprefix $(TINYWEB_MOD_DIR)/, \
	modtinyweb.c \
	modtinyweb_aio.c \
	modtinyweb_event.c \
	modtinyweb_files.c \
	modtinyweb_conditional.c \
	modtinyweb_connection.c \
	modtinyweb_json.c \
	modtinyweb_memory.c \
	modtinyweb_parts.c \
	modtinyweb_record.c \
	modtinyweb_request.c \
	modtinyweb_response.c \
	modtinyweb_rest.c \
	modtinyweb_roots.c \
	modtinyweb_router.c \
	modtinyweb_signature.c \
	modtinyweb_site.c \
	modtinyweb_slot.c \
	modtinyweb_template.c \
	modtinyweb_transport.c \
	)

# 0 leaves out what tinyweb.uploads needs, for images that have no room
TINYWEB_UPLOADS ?= 1
ifeq ($(TINYWEB_UPLOADS),0)
CFLAGS_USERMOD += -DTINYWEB_UPLOADS=0
else
SRC_USERMOD_C += $(TINYWEB_MOD_DIR)/modtinyweb_reception.c
endif

# 0 leaves out what tinyweb.device needs, likewise
TINYWEB_PROGRAM ?= 1
ifeq ($(TINYWEB_PROGRAM),0)
CFLAGS_USERMOD += -DTINYWEB_PROGRAM=0
else
SRC_USERMOD_C += $(TINYWEB_MOD_DIR)/modtinyweb_program.c
endif

# 0 leaves out WebSocket, likewise
TINYWEB_WEBSOCKET ?= 1
ifeq ($(TINYWEB_WEBSOCKET),0)
CFLAGS_USERMOD += -DTINYWEB_WEBSOCKET=0
else
SRC_USERMOD_C += $(TINYWEB_MOD_DIR)/modtinyweb_websocket.c
# No MicroPython header and no QSTR in these
SRC_USERMOD_LIB_C += $(addprefix $(TINYWEB_MOD_DIR)/core/, accept.c websocket.c)
endif

# 0 leaves out the prompt over the network, and turns of the loop beside a program, likewise
TINYWEB_BACKGROUND ?= 1
ifeq ($(TINYWEB_BACKGROUND),0)
CFLAGS_USERMOD += -DTINYWEB_BACKGROUND=0
else
SRC_USERMOD_C += $(addprefix $(TINYWEB_MOD_DIR)/, modtinyweb_background.c modtinyweb_terminal.c)
endif

# A board that answers Improv beside its prompt names the module here, and gives the linker
# --wrap=readline
ifneq ($(TINYWEB_IMPROV),)
CFLAGS_USERMOD += -DTINYWEB_IMPROV=\"$(TINYWEB_IMPROV)\"
SRC_USERMOD_C += $(TINYWEB_MOD_DIR)/modtinyweb_improv.c
endif

# On the ESP8266 with loads of bytes, which only RAM allows: payload is nowhere else. See
# ../httpparse/micropython.mk.
$(BUILD)/$(patsubst $(USER_C_MODULES)/%,%,$(TINYWEB_MOD_DIR))/core/websocket.o: \
	CFLAGS += $(if $(findstring xtensa-lx106,$(CROSS_COMPILE)),-mno-force-l32)

$(BUILD)/$(patsubst $(USER_C_MODULES)/%,%,$(TINYWEB_MOD_DIR))/%.o: \
	CFLAGS += $(if $(findstring xtensa-lx106,$(CROSS_COMPILE)),$(HTTPPARSE_LX106))

# The writer that responses go through
CFLAGS_USERMOD += -I$(TINYWEB_MOD_DIR) -I$(TINYWEB_MOD_DIR)/../httpparse

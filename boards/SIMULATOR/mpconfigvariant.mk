# SPDX-License-Identifier: MIT
# The simulator: MicroPython's unix port with this project's modules.
# ci/build-simulator calls the port's Makefile with VARIANT_DIR set to this folder.

# A manifest of a user's own includes $(TINYWEB_MANIFEST).
MICROPY_MANIFEST_TINYWEB_MANIFEST = $(VARIANT_DIR)/manifest.py
FROZEN_MANIFEST ?= $(MICROPY_MANIFEST_TINYWEB_MANIFEST)

PROG = simulator

# The size of an object word, as ci/build-simulator was asked for. It is said to the compiler here,
# because the port's own switch for it (MICROPY_FORCE_32BIT) ends with 1.28;
# mpconfigvariant.h asserts what came out.
TINYWEB_BITS ?= 64
CFLAGS += -DTINYWEB_SIMULATOR_BITS=$(TINYWEB_BITS)
ifeq ($(TINYWEB_BITS),32)
CC += -m32
CXX += -m32
LD += -m32
endif

# Speed is compared between servers inside this binary, so it is built for speed;
# the symbols stay for gdb and callgrind.
COPT ?= -O2
STRIP =

# These need submodules or host libraries, and the chips' images lack them too.
MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0
MICROPY_PY_SSL = 0
MICROPY_SSL_MBEDTLS = 0

# One thread, as on the chips: the collector then takes no locks.
MICROPY_PY_THREAD = 0

# TLS comes from the system's mbedTLS, for which there is a 64-bit library only. The port's own
# switches would build the library's sources, which are a submodule.
ifeq ($(TINYWEB_BITS),64)
CFLAGS += -DMICROPY_PY_SSL=1 -DMICROPY_SSL_MBEDTLS=1
CFLAGS += -DMBEDTLS_USER_CONFIG_FILE='"$(VARIANT_DIR)/mbedtls_user_config.h"'
LDFLAGS += -lmbedtls -lmbedx509 -lmbedcrypto
endif

ifeq ($(TINYWEB_SANITIZE),1)
include $(VARIANT_DIR)/sanitize.mk
endif

ifeq ($(TINYWEB_COVERAGE),1)
include $(VARIANT_DIR)/coverage.mk
endif

ifeq ($(TINYWEB_FUZZ),1)
include $(VARIANT_DIR)/fuzz.mk
endif

# SPDX-License-Identifier: MIT
# SANITIZE=1 ci/build-simulator: gcc's sanitizers of addresses and undefined behaviour in everything
# that is compiled here, MicroPython's assertions, and those of what holds in the parsers. They know
# the objects in the collector's heap: tests/support/heap.c.

SANITIZERS = -fsanitize=address,undefined
TINYWEB_TOP = $(VARIANT_DIR)/../..

# The collector reads all of the heap. The other name that cmodules/rom gives io.IOBase would count
# as an object of its own, without slots.
PLAIN = %/py/gc.o %/py/modio.o

# MicroPython copies nothing from nowhere, and lets the sum of a tuple's hashes turn.
CFLAGS_EXTRA += -UNDEBUG -DHP_CHECKS=1
CFLAGS_EXTRA += $(if $(filter $(PLAIN),$@),,$(SANITIZERS) -fno-sanitize-recover=all -fno-sanitize=nonnull-attribute)
CFLAGS_EXTRA += $(if $(filter %/py/objtuple.o,$@),-fwrapv)
CFLAGS_EXTRA += $(if $(filter %/py/gc.o,$@),-Dmemset=heap_memset -Dmemcpy=heap_memcpy)

# What is linked, and which functions of the rest it comes before.
comma = ,
WRAPPED = main realpath getenv gc_init gc_alloc gc_free gc_realloc gc_collect_end gc_sweep_all
LDFLAGS_EXTRA += $(SANITIZERS) $(WRAPPED:%=-Wl$(comma)--wrap=%)
LDFLAGS_EXTRA += -DHP_CHECKS=1 -I$(TINYWEB_TOP)/cmodules/httpparse/core
$(BUILD)/$(PROG): $(TINYWEB_TOP)/tests/support/restarts.c $(TINYWEB_TOP)/tests/support/heap.c \
    $(TINYWEB_TOP)/tests/prove/holds.c

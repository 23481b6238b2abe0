# SPDX-License-Identifier: MIT
# FUZZ=1 ci/build-simulator 64: clang's sanitizers of addresses and undefined behaviour in everything that
# is compiled here, and libFuzzer, which the module _fuzz of tests/fuzz/modules starts. It is guided by
# the branches of the modules in C, of json and of base64, and by the steps of frozen modules.

TINYWEB_TOP = $(VARIANT_DIR)/../..
CC = clang

# The collector reads all of the heap.
PLAIN = %/py/gc.o
# MicroPython calls its functions by pointers of other types, and shifts what is negative.
SANITIZERS = -fsanitize=address
GUIDING = $(BUILD)/tinyweb/% $(BUILD)/httpparse/% %/extmod/modjson.o %/extmod/modbinascii.o

CFLAGS_EXTRA += -UNDEBUG -DHP_CHECKS=1 -fno-pie
CFLAGS_EXTRA += $(if $(filter $(PLAIN),$@),,$(SANITIZERS))
CFLAGS_EXTRA += $(if $(filter $(GUIDING),$@),-fsanitize=fuzzer-no-link)
CFLAGS_EXTRA += $(if $(filter $(BUILD)/tinyweb/% $(BUILD)/httpparse/%,$@),-fsanitize=undefined -fno-sanitize-recover=all)

# The virtual machine with a call at its switch, which it has without computed goto.
CFLAGS_EXTRA += $(if $(filter %/py/vm.o,$@),-include $(TINYWEB_TOP)/tests/support/coverage_vm.h)

# libFuzzer without its main(), and what is behind it.
LDFLAGS_EXTRA += $(SANITIZERS) -fsanitize=undefined -no-pie -DHP_CHECKS=1
LDFLAGS_EXTRA += -I$(TINYWEB_TOP)/cmodules/httpparse/core
LDFLAGS_EXTRA += $(shell clang -print-file-name=libclang_rt.fuzzer_no_main-x86_64.a) -lstdc++ -lm
$(BUILD)/$(PROG): $(TINYWEB_TOP)/tests/prove/holds.c

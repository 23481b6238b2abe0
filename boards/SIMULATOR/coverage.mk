# SPDX-License-Identifier: MIT
# COVERAGE=1 ci/build-simulator: counts the branches of the modules in C (gcov), as they are written,
# and writes down which instructions of frozen modules were executed: tests/support/coverage.c.

TINYWEB_TOP = $(VARIANT_DIR)/../..

COUNTED = $(BUILD)/tinyweb/% $(BUILD)/httpparse/%
CFLAGS_EXTRA += $(if $(filter $(COUNTED),$@),-O0 --coverage -include $(TINYWEB_TOP)/tests/support/coverage_macros.h)

# The virtual machine with a call at its switch, which it has without computed goto.
CFLAGS_EXTRA += $(if $(filter %/py/vm.o,$@),-include $(TINYWEB_TOP)/tests/support/coverage_vm.h)

LDFLAGS_EXTRA += --coverage -no-pie
$(BUILD)/$(PROG): $(TINYWEB_TOP)/tests/support/coverage.c

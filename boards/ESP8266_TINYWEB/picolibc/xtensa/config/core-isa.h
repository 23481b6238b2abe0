// SPDX-License-Identifier: MIT
// py/persistentcode.h asks for the CPU's description by the name that newlib gives it;
// picolibc has the same file elsewhere.
#include <machine/core-isa.h>

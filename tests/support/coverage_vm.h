// SPDX-License-Identifier: MIT
//
// Included before py/vm.c: each instruction calls coverage_step() before it is executed. A call of a
// function has a variable `previous`, the instruction before, from where MicroPython lets a port hook in.

#include <stdio.h>
#include <string.h>
#include <assert.h>

#include "py/emitglue.h"
#include "py/objtype.h"
#include "py/objfun.h"
#include "py/runtime.h"
#include "py/bc0.h"
#include "py/profile.h"

const byte *coverage_step(const byte *previous, const byte *ip);

#undef MICROPY_OPT_COMPUTED_GOTO
#define MICROPY_OPT_COMPUTED_GOTO (0)
#undef MICROPY_VM_HOOK_INIT
#define MICROPY_VM_HOOK_INIT const byte *previous = NULL;
// The only switch of py/vm.c
#define switch(opcode) switch (previous = coverage_step(previous, ip), (opcode))

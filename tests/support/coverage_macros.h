// SPDX-License-Identifier: MIT
//
// Included before each file whose branches are counted. Two macros of MicroPython's make branches there that
// no other image has, for want of optimisation: each text of an error would be compared with all others, to
// find its compressed form, and each type with four others, to find a mistake that shows when it is compiled.

#undef MICROPY_ROM_TEXT_COMPRESSION
#define MICROPY_ROM_TEXT_COMPRESSION (0)

#include "py/obj.h"

#undef mp_type_assert_not_bool_int_str_nonetype
#define mp_type_assert_not_bool_int_str_nonetype(t) (1)

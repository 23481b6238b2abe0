// SPDX-License-Identifier: MIT
//
// The tables of an image whose manifest puts no package into ROM. In a file of its own, because
// the compiler would take the values for those of every image.

#include "modrom.h"

MP_WEAK const mp_map_t rom_modules = { .is_fixed = 1, .is_ordered = 1 };
MP_WEAK const rom_state_t rom_states[] = { { 0, NULL, MP_ROM_PTR(NULL) } };
MP_WEAK const size_t rom_states_len = 0;

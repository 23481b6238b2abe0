// SPDX-License-Identifier: MIT
//
// Included before py/objmodule.c. The attributes of a module are ../rom_modules.c's: the macro
// renames module_attr() where it is defined, not where mp_type_module names it.

#include "py/obj.h"

void module_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) __asm__ ("rom_module_attr");

#define module_attr(self, attr, dest) module_attr_plain(self, attr, dest)
static void module_attr_plain(mp_obj_t self_in, qstr attr, mp_obj_t *dest);
extern __typeof__(module_attr_plain) rom_plain_module_attr __attribute__((alias("module_attr_plain")));

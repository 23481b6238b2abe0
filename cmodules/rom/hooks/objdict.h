// SPDX-License-Identifier: MIT
//
// Included before py/objdict.c. C code that reads or writes the globals of a module, such as
// extmod/modasyncio.c, gets the values of variables from ../rom_names.c.

#include "py/obj.h"

#define mp_obj_dict_get rom_plain_dict_get
#define mp_obj_dict_store rom_plain_dict_store

mp_obj_t rom_plain_dict_get(mp_obj_t self_in, mp_obj_t index);
mp_obj_t rom_plain_dict_store(mp_obj_t self_in, mp_obj_t key, mp_obj_t value);

// SPDX-License-Identifier: MIT
//
// Included before py/runtime.c. Names are loaded by ../rom_names.c, which asks these functions.

// py/obj.h looks for it
#include <stdarg.h>

#include "py/runtime.h"

void rom_init(void);

#ifdef MICROPY_PORT_INIT_FUNC
#error "The port defines MICROPY_PORT_INIT_FUNC, which modules in ROM need: see docs/rom.md"
#endif
#define MICROPY_PORT_INIT_FUNC rom_init()

#define mp_load_global rom_plain_load_global
#define mp_load_name rom_plain_load_name
#define mp_import_all rom_plain_import_all

mp_obj_t rom_plain_load_global(qstr qst);
mp_obj_t rom_plain_load_name(qstr qst);
void rom_plain_import_all(mp_obj_t module);

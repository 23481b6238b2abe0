// SPDX-License-Identifier: MIT
// What modules/background.py cannot do in Python.

#include "py/runtime.h"

#include "uart.h"

// _background.defer(flag): while true, Ctrl-C waits; see uart_defer_interrupt.
static mp_obj_t background_defer(mp_obj_t flag) {
    uart_defer_interrupt(mp_obj_is_true(flag));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(background_defer_obj, background_defer);

static const mp_rom_map_elem_t background_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__background) },
    { MP_ROM_QSTR(MP_QSTR_defer), MP_ROM_PTR(&background_defer_obj) },
};
static MP_DEFINE_CONST_DICT(background_globals, background_globals_table);

const mp_obj_module_t mp_module_background = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&background_globals,
};

MP_REGISTER_MODULE(MP_QSTR__background, mp_module_background);

// SPDX-License-Identifier: MIT
// Included by extmod/modos.c.

#include "py/mphal.h"
#include "py/runtime.h"

#if MICROPY_VERSION < MICROPY_MAKE_VERSION(1, 28, 0)
// os.urandom(n): since 1.28 extmod/modos.c has it, and calls mp_hal_get_random itself.
static mp_obj_t mp_os_urandom(mp_obj_t length_in) {
    vstr_t vstr;
    vstr_init_len(&vstr, mp_obj_get_int(length_in));
    mp_hal_get_random(vstr.len, (uint8_t *)vstr.buf);
    return mp_obj_new_bytes_from_vstr(&vstr);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
#endif

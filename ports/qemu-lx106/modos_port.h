// SPDX-License-Identifier: MIT
// Included by extmod/modos.c.

#include "py/runtime.h"

// os.urandom(n): bytes that vary, but are no secret; see board_random.
static mp_obj_t mp_os_urandom(mp_obj_t length_in) {
    vstr_t vstr;
    vstr_init_len(&vstr, mp_obj_get_int(length_in));
    for (size_t i = 0; i < vstr.len; ++i) {
        vstr.buf[i] = (char)(board_random() >> 16);
    }
    return mp_obj_new_bytes_from_vstr(&vstr);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);

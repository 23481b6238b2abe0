// SPDX-License-Identifier: MIT
// What the module os has here beside files: extmod/modos.c includes this.
#include <unistd.h>

#include "py/mperrno.h"
#include "py/objstr.h"
#include "py/runtime.h"

// The most that getentropy() gives at once, in bytes
#define PAGE_ENTROPY 256

// n bytes of the browser's random generator into buf; os.urandom() calls it.
static void mp_hal_get_random(size_t n, uint8_t *buf) {
    for (size_t i = 0; i < n; i += PAGE_ENTROPY) {
        if (getentropy(buf + i, MIN(n - i, PAGE_ENTROPY)) != 0) {
            mp_raise_OSError(MP_EIO);
        }
    }
}

// Ports had to bring it before.
#if MICROPY_VERSION < MICROPY_MAKE_VERSION(1, 28, 0)
static mp_obj_t mp_os_urandom(mp_obj_t n_in) {
    mp_int_t n = mp_obj_get_int(n_in);
    if (n < 0) {
        mp_raise_ValueError(NULL);
    }
    vstr_t vstr;
    vstr_init_len(&vstr, (size_t)n);
    mp_hal_get_random(vstr.len, (uint8_t *)vstr.buf);
    return mp_obj_new_bytes_from_vstr(&vstr);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
#endif

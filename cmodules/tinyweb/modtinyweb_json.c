// SPDX-License-Identifier: MIT
//
// JSON that clients send, before MicroPython parses it.

#include <stdbool.h>
#include <string.h>

#include "py/runtime.h"

#include "modtinyweb.h"

// has_long_number(text, most): whether JSON has a number of more than `most` bytes. To make an object
// of one takes time that grows with the square of its length (RFC 8259 section 9 lets a parser set a
// limit). What is no JSON may be answered in any way.
static mp_obj_t has_long_number(mp_obj_t text, mp_obj_t most_in) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(text, &info, MP_BUFFER_READ);
    mp_int_t most = mp_obj_get_int(most_in);
    const char *p = info.buf;
    mp_int_t len = 0;
    bool string = false;
    for (const char *end = p + info.len; p != end; ++p) {
        if (string) {
            if (*p == '"') {
                string = false;
            } else if (*p == '\\' && end - p > 1) {
                ++p;
            }
        } else if (*p == '"') {
            string = true;
            len = 0;
        } else if (*p != 0 && strchr("0123456789+-.eE", *p) != NULL) {
            if (++len > most) {
                return mp_const_true;
            }
        } else {
            len = 0;
        }
    }
    return mp_const_false;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_has_long_number_obj, has_long_number);

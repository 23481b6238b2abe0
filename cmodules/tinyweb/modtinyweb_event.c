// SPDX-License-Identifier: MIT
//
// The bytes of a server-sent event (WHATWG HTML section 9.2.5), made in one piece: in Python each
// concatenation would take the event's size once more.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"
#include "py/unicode.h"

#include "modtinyweb.h"

void tinyweb_print_json(const mp_print_t *print, mp_obj_t obj) {
    #if MICROPY_PY_JSON_SEPARATORS
    // The objects' printers take it for this larger struct
    const mp_print_ext_t ext = { *print, ", ", ": " };
    mp_obj_print_helper(&ext.base, obj, PRINT_JSON);
    #else
    mp_obj_print_helper(print, obj, PRINT_JSON);
    #endif
}

// A field of one line. Raises ValueError for a value that has a line's end in it.
static void add_line(vstr_t *vstr, const mp_print_t *print, const char *name, mp_obj_t value) {
    vstr_add_str(vstr, name);
    size_t begin = vstr->len;
    mp_obj_print_helper(print, value, PRINT_STR);
    for (size_t i = begin; i != vstr->len; ++i) {
        if (vstr->buf[i] == '\r' || vstr->buf[i] == '\n' || vstr->buf[i] == 0) {
            mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("line end in %.*s"), (int)strlen(name) - 2, name);
        }
    }
    vstr_add_byte(vstr, '\n');
}

// A field of each line of `text`, which ends at \r\n, \n or \r.
static void add_data(vstr_t *vstr, const char *text, size_t len) {
    const char *end = text + len;
    for (;;) {
        const char *p = text;
        while (p != end && *p != '\r' && *p != '\n') {
            ++p;
        }
        vstr_add_str(vstr, "data: ");
        vstr_add_strn(vstr, text, (size_t)(p - text));
        vstr_add_byte(vstr, '\n');
        if (p == end) {
            return;
        }
        text = p + (*p == '\r' && p + 1 != end && p[1] == '\n' ? 2 : 1);
    }
}

// event(data, event, id, retry): its bytes; None leaves a field out. data: str, or bytes in UTF-8;
// anything else is sent as JSON.
static mp_obj_t event_(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    vstr_t vstr;
    mp_print_t print;
    vstr_init_print(&vstr, 64, &print);
    if (args[3] != mp_const_none) {
        vstr_add_str(&vstr, "retry: ");
        mp_obj_print_helper(&print, MP_OBJ_NEW_SMALL_INT(mp_obj_get_int(args[3])), PRINT_STR);
        vstr_add_byte(&vstr, '\n');
    }
    if (args[1] != mp_const_none) {
        add_line(&vstr, &print, "event: ", args[1]);
    }
    if (args[2] != mp_const_none) {
        add_line(&vstr, &print, "id: ", args[2]);
    }
    mp_obj_t data = args[0];
    if (mp_obj_is_str(data)) {
        size_t len;
        const char *text = mp_obj_str_get_data(data, &len);
        add_data(&vstr, text, len);
    } else if (mp_obj_is_type(data, &mp_type_bytes) || mp_obj_is_type(data, &mp_type_bytearray)) {
        mp_buffer_info_t info;
        mp_get_buffer_raise(data, &info, MP_BUFFER_READ);
        if (!utf8_check(info.buf, info.len)) {
            mp_raise_msg(&mp_type_UnicodeError, MP_ERROR_TEXT("data isn't UTF-8"));
        }
        add_data(&vstr, info.buf, info.len);
    } else if (data != mp_const_none) {
        // JSON has no line's end, but in what an object prints for itself
        vstr_add_str(&vstr, "data: ");
        size_t begin = vstr.len;
        tinyweb_print_json(&print, data);
        if (memchr(vstr.buf + begin, '\n', vstr.len - begin) != NULL
            || memchr(vstr.buf + begin, '\r', vstr.len - begin) != NULL) {
            mp_raise_ValueError(MP_ERROR_TEXT("line end in data"));
        }
        vstr_add_byte(&vstr, '\n');
    }
    vstr_add_byte(&vstr, '\n');
    return mp_obj_new_bytes_from_vstr(&vstr);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_event_obj, 4, 4, event_);

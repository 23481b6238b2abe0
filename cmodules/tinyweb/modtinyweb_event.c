// SPDX-License-Identifier: MIT
//
// The bytes of a server-sent event (WHATWG HTML section 9.2.5), made in one piece: in Python each
// concatenation would take the event's size once more.

#include <math.h>
#include <string.h>

#include "py/cstack.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "py/unicode.h"

#include "modtinyweb.h"

// An image for 1 MiB of flash has no room for it
#if TINYWEB_FLASH_1M
#define check_json(value) (void)(value)
#else
static void check_json(mp_obj_t value);

static void check_map(const mp_map_t *map) {
    for (size_t i = 0; i < map->alloc; ++i) {
        if (mp_map_slot_is_filled(map, i)) {
            mp_obj_t key = map->table[i].key;
            if (!mp_obj_is_str_or_bytes(key) && !mp_obj_is_int(key)) {
                mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("a key in JSON is a str, not %s"), mp_obj_get_type_str(key));
            }
            check_json(map->table[i].value);
        }
    }
}

// Raises TypeError or ValueError for what has no form in JSON (RFC 8259 section 3): MicroPython would
// print it in Python's.
static void check_json(mp_obj_t value) {
    mp_cstack_check();
    if (value == mp_const_none || mp_obj_is_bool(value) || mp_obj_is_int(value) || mp_obj_is_str_or_bytes(value)) {
        return;
    }
    #if MICROPY_PY_BUILTINS_FLOAT
    if (mp_obj_is_float(value)) {
        if (!isfinite(mp_obj_get_float(value))) {
            mp_raise_ValueError(MP_ERROR_TEXT("JSON has no infinity and no NaN"));
        }
        return;
    }
    #endif
    mp_obj_t native = mp_obj_cast_to_native_base(value, MP_OBJ_FROM_PTR(&mp_type_dict));
    if (native != MP_OBJ_NULL) {
        check_map(mp_obj_dict_get_map(native));
        return;
    }
    native = mp_obj_cast_to_native_base(value, MP_OBJ_FROM_PTR(&mp_type_list));
    if (native != MP_OBJ_NULL || mp_obj_is_exact_type(value, &mp_type_tuple)) {
        size_t n;
        mp_obj_t *items;
        mp_obj_get_array(native == MP_OBJ_NULL ? value : native, &n, &items);
        for (size_t i = 0; i < n; ++i) {
            check_json(items[i]);
        }
        return;
    }
    mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("JSON has no %s: make a dict, list, str or number of it"), mp_obj_get_type_str(value));
}
#endif

void tinyweb_print_json(const mp_print_t *print, mp_obj_t obj) {
    check_json(obj);
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

// SPDX-License-Identifier: MIT
//
// The module httpparse: its table, its exception, and the access to streams.

#include "py/mperrno.h"
#include "py/objexcept.h"
#include "py/objtype.h"
#include "py/runtime.h"

#include "modhttpparse.h"

// Error(status, text): the request cannot be understood; answer with the status code and close.

static mp_obj_exception_t *error_native(mp_obj_t self_in) {
    return MP_OBJ_TO_PTR(mp_obj_cast_to_native_base(self_in, MP_OBJ_FROM_PTR(&httpparse_type_Error)));
}

static void error_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    const mp_obj_exception_t *self = MP_OBJ_TO_PTR(self_in);
    if ((kind & ~PRINT_EXC_SUBCLASS) == PRINT_REPR || self->args->len != 2) {
        mp_obj_exception_print(print, self_in, kind);
        return;
    }
    if (kind & PRINT_EXC) {
        mp_printf(print, "%q: ", self->base.type->name);
    }
    mp_obj_print_helper(print, self->args->items[1], PRINT_STR);
}

static void error_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] == MP_OBJ_NULL && attr == MP_QSTR_status) {
        mp_obj_exception_t *self = error_native(self_in);
        dest[0] = self->args->len != 0 ? self->args->items[0] : mp_const_none;
        return;
    }
    mp_obj_exception_attr(self_in, attr, dest);
}

MP_DEFINE_CONST_OBJ_TYPE(
    httpparse_type_Error,
    MP_QSTR_Error,
    MP_TYPE_FLAG_NONE,
    make_new, mp_obj_exception_make_new,
    print, error_print,
    attr, error_attr,
    parent, &mp_type_Exception
    );

MP_NORETURN void httpparse_raise(hp_result_t e) {
    char text[HP_TEXT_MAX];
    mp_obj_t args[2] = {
        MP_OBJ_NEW_SMALL_INT(hp_error_status(e)),
        mp_obj_new_str(text, hp_error_text((uint8_t *)text, e)),
    };
    nlr_raise(mp_obj_exception_make_new(&httpparse_type_Error, 2, 0, args));
}

mp_obj_t httpparse_event(hp_result_t e) {
    if (e == HP_MORE) {
        return mp_const_none;
    }
    if (e >= HP_ERROR) {
        httpparse_raise(e);
    }
    return MP_OBJ_NEW_SMALL_INT(e);
}

uint32_t httpparse_limit(mp_int_t n, uint32_t min, uint32_t max) {
    if (n < (mp_int_t)min || n > (mp_int_t)max) {
        mp_raise_ValueError(MP_ERROR_TEXT("limit out of range"));
    }
    return (uint32_t)n;
}

void *httpparse_new(const mp_obj_type_t *type, size_t size) {
    mp_obj_base_t *self = m_malloc0(size);
    self->type = type;
    return self;
}

mp_obj_t httpparse_view(mp_obj_array_t **view, void *self, const uint8_t *p, size_t len, bool writable) {
    size_t offset = 0;
    if (len != 0) {
        offset = (size_t)(p - (const uint8_t *)self);
    }
    if (*view == NULL) {
        *view = m_new_obj(mp_obj_array_t);
    }
    size_t typecode = writable ? 'B' | MP_OBJ_ARRAY_TYPECODE_FLAG_RW : 'B';
    mp_obj_memoryview_init(*view, typecode, offset, len, self);
    return MP_OBJ_FROM_PTR(*view);
}

bool httpparse_equal(const void *name, const void *other, size_t len, unsigned fold) {
    const uint8_t *a = name;
    const uint8_t *b = other;
    for (; len != 0; --len, ++a, ++b) {
        unsigned differ = (unsigned)(*a ^ *b);
        if (differ != 0 && (differ != fold || (uint8_t)((*a | 0x20) - 'a') > 25)) {
            return false;
        }
    }
    return true;
}

void httpparse_check_idle(bool busy) {
    if (busy) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("a stream must not call back into what reads or writes it"));
    }
}

bool httpparse_runs_python(mp_obj_t stream) {
    return mp_obj_is_instance_type(mp_obj_get_type(stream));
}

static mp_uint_t call_stream(const mp_stream_p_t *protocol, int flags, mp_obj_t stream, void *buf,
    size_t len, int *error, bool *busy) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        *busy = false;
        nlr_jump(nlr.ret_val);
    }
    *busy = true;
    mp_uint_t n;
    if (flags == MP_STREAM_OP_READ) {
        n = protocol->read(stream, buf, len, error);
    } else {
        n = protocol->write(stream, buf, len, error);
    }
    *busy = false;
    nlr_pop();
    return n;
}

static mp_uint_t transfer(mp_obj_t stream, void *buf, size_t len, int flags, bool *busy) {
    int error = 0;
    const mp_stream_p_t *protocol = mp_get_stream_raise(stream, flags);
    mp_uint_t n = call_stream(protocol, flags, stream, buf, len, &error, busy);
    if (n == MP_STREAM_ERROR) {
        if (mp_is_nonblocking_error(error) || error == MP_EINTR) {
            return MP_STREAM_ERROR;
        }
        mp_raise_OSError(error);
    }
    // A stream written in Python may claim more than it was asked for
    return n <= len ? n : len;
}

mp_uint_t httpparse_read(mp_obj_t stream, void *buf, size_t len, bool *busy) {
    return transfer(stream, buf, len, MP_STREAM_OP_READ, busy);
}

#if MICROPY_PY_LWIP
// How many of len bytes a stream may be given without stopping the program; see modhttpparse_lwip.c.
size_t httpparse_lwip_room(mp_obj_t stream, size_t len);
#endif

mp_uint_t httpparse_write(mp_obj_t stream, const void *buf, size_t len, bool *busy) {
    #if MICROPY_PY_LWIP
    if (len != 0 && (len = httpparse_lwip_room(stream, len)) == 0) {
        return MP_STREAM_ERROR;
    }
    #endif
    return transfer(stream, (void *)(uintptr_t)buf, len, MP_STREAM_OP_WRITE, busy);
}

static const mp_rom_map_elem_t httpparse_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_httpparse) },
    { MP_ROM_QSTR(MP_QSTR_Error), MP_ROM_PTR(&httpparse_type_Error) },
    { MP_ROM_QSTR(MP_QSTR_Request), MP_ROM_PTR(&httpparse_type_Request) },
    { MP_ROM_QSTR(MP_QSTR_Response), MP_ROM_PTR(&httpparse_type_Response) },
    { MP_ROM_QSTR(MP_QSTR_Multipart), MP_ROM_PTR(&httpparse_type_Multipart) },
    { MP_ROM_QSTR(MP_QSTR_Urlencoded), MP_ROM_PTR(&httpparse_type_Urlencoded) },
    { MP_ROM_QSTR(MP_QSTR_argument_names), MP_ROM_PTR(&httpparse_argument_names_obj) },
    { MP_ROM_QSTR(MP_QSTR_unquote), MP_ROM_PTR(&httpparse_unquote_obj) },
    { MP_ROM_QSTR(MP_QSTR_unquote_str), MP_ROM_PTR(&httpparse_unquote_str_obj) },
    { MP_ROM_QSTR(MP_QSTR_quote), MP_ROM_PTR(&httpparse_quote_obj) },
    { MP_ROM_QSTR(MP_QSTR_parse_qs), MP_ROM_PTR(&httpparse_parse_qs_obj) },
    { MP_ROM_QSTR(MP_QSTR_parse_qsl), MP_ROM_PTR(&httpparse_parse_qsl_obj) },
    { MP_ROM_QSTR(MP_QSTR_parse_params), MP_ROM_PTR(&httpparse_parse_params_obj) },
    { MP_ROM_QSTR(MP_QSTR_parse_cookies), MP_ROM_PTR(&httpparse_parse_cookies_obj) },
    { MP_ROM_QSTR(MP_QSTR_reason), MP_ROM_PTR(&httpparse_reason_obj) },
    { MP_ROM_QSTR(MP_QSTR_CLOSED), MP_ROM_INT(HTTPPARSE_CLOSED) },
    { MP_ROM_QSTR(MP_QSTR_REQUEST_LINE), MP_ROM_INT(HTTPPARSE_REQUEST_LINE) },
    { MP_ROM_QSTR(MP_QSTR_HEAD), MP_ROM_INT(HTTPPARSE_HEAD) },
    { MP_ROM_QSTR(MP_QSTR_PART), MP_ROM_INT(HTTPPARSE_PART) },
    { MP_ROM_QSTR(MP_QSTR_DATA), MP_ROM_INT(HTTPPARSE_DATA) },
    { MP_ROM_QSTR(MP_QSTR_PART_END), MP_ROM_INT(HTTPPARSE_PART_END) },
    { MP_ROM_QSTR(MP_QSTR_PAIR), MP_ROM_INT(HTTPPARSE_PAIR) },
    { MP_ROM_QSTR(MP_QSTR_END), MP_ROM_INT(HTTPPARSE_END) },
};
static MP_DEFINE_CONST_DICT(httpparse_globals, httpparse_globals_table);

const mp_obj_module_t httpparse_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&httpparse_globals,
};

MP_REGISTER_MODULE(MP_QSTR_httpparse, httpparse_module);

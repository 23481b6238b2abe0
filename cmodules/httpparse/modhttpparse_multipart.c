// SPDX-License-Identifier: MIT
//
// class Multipart: the body of a form with files, in slices of one fixed buffer.

#include "py/runtime.h"

#include "core/multipart.h"
#include "modhttpparse.h"

#define MAX_FIELDS 16       // header fields of one part; forms have two or three

typedef struct {
    mp_obj_base_t base;
    hp_multipart_t core;
    mp_obj_array_t *space;
    mp_obj_array_t *data;
    uintptr_t buf[];
} multipart_obj_t;

// Multipart(content_type, size=512, *, max_parts=32, max_header=1024)
static mp_obj_t multipart_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
    const mp_obj_t *all_args) {
    enum { ARG_content_type, ARG_size, ARG_max_parts, ARG_max_header };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_content_type, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL} },
        { MP_QSTR_size, MP_ARG_INT, {.u_int = 512} },
        { MP_QSTR_max_parts, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 32} },
        { MP_QSTR_max_header, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 1024} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    mp_buffer_info_t content_type;
    mp_get_buffer_raise(args[ARG_content_type].u_obj, &content_type, MP_BUFFER_READ);
    size_t size = httpparse_limit(args[ARG_size].u_int, HP_MULTIPART_SIZE_MIN, HTTPPARSE_SIZE_MAX);
    uint16_t max_parts = (uint16_t)httpparse_limit(args[ARG_max_parts].u_int, 0, 65535);
    uint32_t max_header = httpparse_limit(args[ARG_max_header].u_int, 1, INT32_MAX);
    multipart_obj_t *self = httpparse_new(type, offsetof(multipart_obj_t, buf) + size + HP_BUFFER_PAD);
    hp_result_t e = hp_multipart_init(&self->core, (uint8_t *)self->buf, size, content_type.buf,
        content_type.len, max_parts, max_header, MAX_FIELDS);
    if (e >= HP_ERROR) {
        httpparse_raise(e);
    }
    return MP_OBJ_FROM_PTR(self);
}

// parse(n=None) -> None | PART | DATA | PART_END | END
static mp_obj_t multipart_parse(size_t n_args, const mp_obj_t *args) {
    multipart_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    hp_result_t e = HP_MORE;
    if (n_args > 1) {
        size_t n = httpparse_limit(mp_obj_get_int(args[1]), 0, HTTPPARSE_SIZE_MAX);
        hp_multipart_received(&self->core, n);
        if (n == 0) {
            e = hp_multipart_end(&self->core);
        }
    }
    if (e < HP_ERROR) {
        e = hp_multipart_parse(&self->core);
    }
    return httpparse_event(e);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(multipart_parse_obj, 1, 2, multipart_parse);

static mp_obj_t str_or_none(const uint8_t *p, size_t len) {
    return p == NULL ? mp_const_none : httpparse_str(p, len);
}

static void multipart_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    multipart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    hp_multipart_t *m = &self->core;
    switch (attr) {
        case MP_QSTR_name:
            dest[0] = str_or_none(m->name, m->name_len);
            break;
        case MP_QSTR_filename:
            dest[0] = str_or_none(m->filename, m->filename_len);
            break;
        case MP_QSTR_content_type:
            dest[0] = str_or_none(m->type, m->type_len);
            break;
        case MP_QSTR_data:
            dest[0] = httpparse_view(&self->data, self, m->data, m->data_len, false);
            break;
        case MP_QSTR_space: {
            size_t len;
            uint8_t *space = hp_multipart_space(m, &len);
            dest[0] = httpparse_view(&self->space, self, space, len, true);
            break;
        }
        default:
            dest[1] = MP_OBJ_SENTINEL;      // a method: look in the table below
            break;
    }
}

static const mp_rom_map_elem_t multipart_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_parse), MP_ROM_PTR(&multipart_parse_obj) },
};
static MP_DEFINE_CONST_DICT(multipart_locals_dict, multipart_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    httpparse_type_Multipart,
    MP_QSTR_Multipart,
    MP_TYPE_FLAG_NONE,
    make_new, multipart_make_new,
    attr, multipart_attr,
    locals_dict, &multipart_locals_dict
    );

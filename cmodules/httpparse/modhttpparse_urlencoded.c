// SPDX-License-Identifier: MIT
//
// class Urlencoded: a form's pairs as they complete, through one fixed buffer.

#include "py/runtime.h"

#include "core/form.h"
#include "modhttpparse.h"

typedef struct {
    mp_obj_base_t base;
    hp_form_t core;
    mp_obj_array_t *space;
    mp_obj_array_t *data;
    uint8_t buf[];
} urlencoded_obj_t;

// Urlencoded(size=256, *, max_pairs=100, slices=False)
static mp_obj_t urlencoded_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
    const mp_obj_t *all_args) {
    enum { ARG_size, ARG_max_pairs, ARG_slices };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_size, MP_ARG_INT, {.u_int = 256} },
        { MP_QSTR_max_pairs, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 100} },
        { MP_QSTR_slices, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    size_t size = httpparse_limit(args[ARG_size].u_int, HP_FORM_SIZE_MIN, HTTPPARSE_SIZE_MAX);
    uint16_t max_pairs = (uint16_t)httpparse_limit(args[ARG_max_pairs].u_int, 0, 65535);
    urlencoded_obj_t *self = httpparse_new(type, offsetof(urlencoded_obj_t, buf) + size);
    hp_form_init(&self->core, self->buf, size, max_pairs, args[ARG_slices].u_bool);
    return MP_OBJ_FROM_PTR(self);
}

// parse(n=None) -> None | PAIR | END
static mp_obj_t urlencoded_parse(size_t n_args, const mp_obj_t *args) {
    urlencoded_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    if (n_args > 1) {
        hp_form_received(&self->core, httpparse_limit(mp_obj_get_int(args[1]), 0, HTTPPARSE_SIZE_MAX));
    }
    return httpparse_event(hp_form_parse(&self->core));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(urlencoded_parse_obj, 1, 2, urlencoded_parse);

static void urlencoded_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    urlencoded_obj_t *self = MP_OBJ_TO_PTR(self_in);
    hp_form_t *f = &self->core;
    switch (attr) {
        case MP_QSTR_name:
            dest[0] = httpparse_str(f->pair.name, f->pair.name_len);
            break;
        case MP_QSTR_value:
            dest[0] = httpparse_str(f->pair.value, f->pair.value_len);
            break;
        case MP_QSTR_more:
            dest[0] = mp_obj_new_bool(f->more);
            break;
        case MP_QSTR_data:
            dest[0] = httpparse_view(&self->data, self, f->pair.value, f->pair.value_len, false);
            break;
        case MP_QSTR_space: {
            size_t len;
            uint8_t *space = hp_form_space(f, &len);
            dest[0] = httpparse_view(&self->space, self, space, len, true);
            break;
        }
        default:
            dest[1] = MP_OBJ_SENTINEL;      // a method: look in the table below
            break;
    }
}

static const mp_rom_map_elem_t urlencoded_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_parse), MP_ROM_PTR(&urlencoded_parse_obj) },
};
static MP_DEFINE_CONST_DICT(urlencoded_locals_dict, urlencoded_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    httpparse_type_Urlencoded,
    MP_QSTR_Urlencoded,
    MP_TYPE_FLAG_NONE,
    make_new, urlencoded_make_new,
    attr, urlencoded_attr,
    locals_dict, &urlencoded_locals_dict
    );

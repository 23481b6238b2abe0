// SPDX-License-Identifier: MIT
//
// Records and their handles: see modtinyweb.h.

#include "py/runtime.h"

#include "modtinyweb.h"

mp_obj_t tinyweb_record_new(const mp_obj_type_t *type, size_t n_fields) {
    tinyweb_record_t *self = mp_obj_malloc_var(tinyweb_record_t, fields, mp_obj_t, n_fields, type);
    self->extra = MP_OBJ_NULL;
    for (size_t i = 0; i < n_fields; ++i) {
        self->fields[i] = MP_OBJ_NULL;
    }
    return MP_OBJ_FROM_PTR(self);
}

mp_obj_t tinyweb_handle_new(const mp_obj_type_t *type, tinyweb_record_t *record) {
    tinyweb_handle_t *self = mp_obj_malloc(tinyweb_handle_t, type);
    self->record = record;
    return MP_OBJ_FROM_PTR(self);
}

tinyweb_record_t *tinyweb_handle_record(mp_obj_t handle, const mp_obj_type_t *type) {
    tinyweb_check_type(handle, type);
    const tinyweb_handle_t *self = MP_OBJ_TO_PTR(handle);
    if (self->record == NULL) {
        mp_raise_msg_varg(&mp_type_RuntimeError,
            MP_ERROR_TEXT("the request has ended, its %q cannot be used any more"), (qstr)type->name);
    }
    return self->record;
}

void tinyweb_handle_end(mp_obj_t *handle) {
    if (*handle != MP_OBJ_NULL) {
        tinyweb_handle_t *self = MP_OBJ_TO_PTR(*handle);
        self->record = NULL;
        *handle = MP_OBJ_NULL;
    }
}

void tinyweb_check_type(mp_obj_t obj, const mp_obj_type_t *type) {
    if (!mp_obj_is_type(obj, type)) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("%q expected, not %s"), (qstr)type->name,
            mp_obj_get_type_str(obj));
    }
}

void tinyweb_record_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest, const uint32_t *names,
    size_t n_fixed, size_t n) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    size_t i = 0;
    while (i < n && names[i] != attr) {
        ++i;
    }
    if (dest[0] == MP_OBJ_NULL) {
        if (i < n) {
            dest[0] = self->fields[i] == MP_OBJ_NULL ? mp_const_none : self->fields[i];
            return;
        }
        if (self->extra != MP_OBJ_NULL) {
            mp_map_elem_t *elem = mp_map_lookup(mp_obj_dict_get_map(self->extra),
                MP_OBJ_NEW_QSTR(attr), MP_MAP_LOOKUP);
            if (elem != NULL) {
                dest[0] = elem->value;
                return;
            }
        }
        dest[1] = MP_OBJ_SENTINEL;      // a method
    } else if (i < n_fixed) {
        mp_raise_msg_varg(&mp_type_AttributeError, MP_ERROR_TEXT("%q cannot be changed"), attr);
    } else if (dest[1] != MP_OBJ_NULL) {
        if (i < n) {
            self->fields[i] = dest[1];
        } else if (self->base.type == &tinyweb_type_slot) {
            return;     // it cannot be put in the place of a method
        } else {
            if (self->extra == MP_OBJ_NULL) {
                self->extra = mp_obj_new_dict(1);
            }
            mp_obj_dict_store(self->extra, MP_OBJ_NEW_QSTR(attr), dest[1]);
        }
        dest[0] = MP_OBJ_NULL;
    }
}

void tinyweb_record_method(mp_obj_t self_in, mp_obj_t class_in, qstr attr, mp_obj_t *dest) {
    dest[1] = MP_OBJ_NULL;
    const mp_obj_type_t *class = MP_OBJ_TO_PTR(class_in);
    mp_obj_dict_t *dict = MP_OBJ_TYPE_GET_SLOT(class, locals_dict);
    const mp_map_elem_t *elem = mp_map_lookup(&dict->map, MP_OBJ_NEW_QSTR(attr), MP_MAP_LOOKUP);
    if (elem != NULL && mp_obj_is_obj(elem->value)
        && (mp_obj_get_type(elem->value)->flags & MP_TYPE_FLAG_BINDS_SELF)) {
        dest[0] = elem->value;      // a function, as nearly always
        dest[1] = self_in;
        return;
    }
    mp_obj_t member[2];
    mp_load_method_maybe(class_in, attr, member);
    if (member[0] != MP_OBJ_NULL) {
        mp_convert_member_lookup(self_in, mp_obj_get_type(self_in), member[0], dest);
    }
}

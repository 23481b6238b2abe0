// SPDX-License-Identifier: MIT
//
// Records, their handles, and lazy methods: see modtinyweb.h.

#include "py/builtin.h"
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

void tinyweb_record_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest, const uint16_t *names,
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
        dest[1] = MP_OBJ_SENTINEL;      // a method: look in the type's table
    } else if (i < n_fixed) {
        mp_raise_msg_varg(&mp_type_AttributeError, MP_ERROR_TEXT("%q cannot be changed"), attr);
    } else if (dest[1] != MP_OBJ_NULL) {
        if (i < n) {
            self->fields[i] = dest[1];
        } else {
            if (self->extra == MP_OBJ_NULL) {
                self->extra = mp_obj_new_dict(1);
            }
            mp_obj_dict_store(self->extra, MP_OBJ_NEW_QSTR(attr), dest[1]);
        }
        dest[0] = MP_OBJ_NULL;
    }
}

mp_obj_t tinyweb_lazy_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    const tinyweb_lazy_t *self = MP_OBJ_TO_PTR(self_in);
    // What this is called for may be an import that has failed
    tinyweb_aio_mend();
    // With a list of names, even none of them, the import gives the module itself
    mp_obj_t module = mp_import_name(qstr_from_str(self->module), mp_const_empty_tuple, MP_OBJ_NEW_SMALL_INT(0));
    return mp_call_function_n_kw(mp_load_attr(module, self->function), n_args, n_kw, args);
}

static mp_obj_t method_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    const tinyweb_method_t *self = MP_OBJ_TO_PTR(self_in);
    mp_arg_check_num(n_args, n_kw, self->n_args, self->more ? MP_OBJ_FUN_ARGS_MAX : self->n_args, false);
    return self->function(n_args, args);
}

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_method,
    MP_QSTR_function,
    MP_TYPE_FLAG_BINDS_SELF,
    call, method_call
    );

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_lazy,
    MP_QSTR_function,
    MP_TYPE_FLAG_BINDS_SELF,
    call, tinyweb_lazy_call
    );

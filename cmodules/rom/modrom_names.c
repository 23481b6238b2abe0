// SPDX-License-Identifier: MIT
//
// Names of modules in ROM: loading and storing them follows links.

#include "py/runtime.h"

#include "modrom.h"

// MicroPython's own functions, under the names that hooks/ gives them.
mp_obj_t rom_plain_load_global(qstr qst);
mp_obj_t rom_plain_load_name(qstr qst);
void rom_plain_import_all(mp_obj_t module);
mp_obj_t rom_plain_dict_get(mp_obj_t self_in, mp_obj_t index);
mp_obj_t rom_plain_dict_store(mp_obj_t self_in, mp_obj_t key, mp_obj_t value);

// Variables of the modules with state: an array for each module, NULL until it is initialized.
MP_REGISTER_ROOT_POINTER(mp_obj_t * *rom_variables);

void rom_init(void) {
    MP_STATE_VM(rom_variables) = NULL;
}

// Where a variable is, or NULL before its module is initialized.
static mp_obj_t *place(const rom_link_t *link) {
    mp_obj_t **states = MP_STATE_VM(rom_variables);
    if (states == NULL) {
        return NULL;
    }
    mp_obj_t *variables = states[ROM_PLACE_STATE(link->index)];
    return variables == NULL ? NULL : &variables[ROM_PLACE_VARIABLE(link->index)];
}

mp_obj_t rom_follow(mp_obj_t link_in) {
    const rom_link_t *link = MP_OBJ_TO_PTR(link_in);
    if (link->module != NULL) {
        return mp_load_attr(MP_OBJ_FROM_PTR(link->module), link->index);
    }
    mp_obj_t *variable = place(link);
    return variable == NULL ? MP_OBJ_NULL : *variable;
}

// Give the variable that a link stands for a value; MP_OBJ_NULL takes it away. False if the link
// stands for something else, or its module is not initialized.
bool rom_store(mp_obj_t link_in, mp_obj_t value) {
    const rom_link_t *link = MP_OBJ_TO_PTR(link_in);
    mp_obj_t *variable = link->module == NULL ? place(link) : NULL;
    if (variable == NULL) {
        return false;
    }
    *variable = value;
    return true;
}

static void no_name(qstr name) {
    mp_raise_msg_varg(&mp_type_NameError, MP_ERROR_TEXT("name '%q' isn't defined"), name);
}

static inline mp_obj_t loaded(qstr name, mp_obj_t value) {
    if (MP_UNLIKELY(rom_is_link(value))) {
        value = rom_follow(value);
        if (value == MP_OBJ_NULL) {
            no_name(name);
        }
    }
    return value;
}

mp_obj_t mp_load_global(qstr name) {
    return loaded(name, rom_plain_load_global(name));
}

mp_obj_t mp_load_name(qstr name) {
    return loaded(name, rom_plain_load_name(name));
}

void mp_import_all(mp_obj_t module) {
    const mp_obj_dict_t *globals = mp_obj_module_get_globals(module);
    if (!rom_is_globals(globals)) {
        rom_plain_import_all(module);
        return;
    }
    for (size_t i = 0; i < globals->map.alloc; ++i) {
        if (mp_map_slot_is_filled(&globals->map, i)) {
            qstr name = MP_OBJ_QSTR_VALUE(globals->map.table[i].key);
            mp_obj_t value = globals->map.table[i].value;
            if (rom_is_link(value)) {
                value = rom_follow(value);
            }
            if (*qstr_str(name) != '_' && value != MP_OBJ_NULL) {
                mp_store_name(name, value);
            }
        }
    }
}

// The globals of a module as a dictionary

static mp_map_elem_t *find(mp_obj_t self_in, mp_obj_t key) {
    mp_obj_dict_t *self = MP_OBJ_TO_PTR(self_in);
    return mp_map_lookup(&self->map, key, MP_MAP_LOOKUP);
}

mp_obj_t mp_obj_dict_get(mp_obj_t self, mp_obj_t key) {
    mp_obj_t value = rom_plain_dict_get(self, key);
    if (rom_is_link(value)) {
        value = rom_follow(value);
        if (value == MP_OBJ_NULL) {
            mp_raise_type_arg(&mp_type_KeyError, key);
        }
    }
    return value;
}

static void cannot_set(mp_obj_t self, mp_obj_t key) {
    mp_raise_msg_varg(&mp_type_TypeError,
        MP_ERROR_TEXT("module '%q' is in ROM: it has no variable '%q'"),
        MP_OBJ_QSTR_VALUE(rom_plain_dict_get(self, MP_OBJ_NEW_QSTR(MP_QSTR___name__))),
        mp_obj_str_get_qstr(key));
}

mp_obj_t mp_obj_dict_store(mp_obj_t self, mp_obj_t key, mp_obj_t value) {
    if (!rom_is_globals(MP_OBJ_TO_PTR(self))) {
        return rom_plain_dict_store(self, key, value);
    }
    mp_map_elem_t *elem = find(self, key);
    if (elem == NULL || !rom_is_link(elem->value) || !rom_store(elem->value, value)) {
        cannot_set(self, key);
    }
    return self;
}

static mp_obj_t globals_subscr(mp_obj_t self, mp_obj_t key, mp_obj_t value) {
    if (value == MP_OBJ_SENTINEL) {
        return mp_obj_dict_get(self, key);
    }
    // A deletion stores MP_OBJ_NULL
    return mp_obj_dict_store(self, key, value);
}

// get(key, default=None)
static mp_obj_t globals_get(size_t n_args, const mp_obj_t *args) {
    mp_map_elem_t *elem = find(args[0], args[1]);
    mp_obj_t value = MP_OBJ_NULL;
    if (elem != NULL) {
        value = rom_is_link(elem->value) ? rom_follow(elem->value) : elem->value;
    }
    return value != MP_OBJ_NULL ? value : n_args > 2 ? args[2] : mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(globals_get_obj, 2, 3, globals_get);

static const mp_rom_map_elem_t globals_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_get), MP_ROM_PTR(&globals_get_obj) },
};
static MP_DEFINE_CONST_DICT(globals_locals, globals_locals_table);

static void globals_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    mp_printf(print, "<globals of '%q'>",
        MP_OBJ_QSTR_VALUE(rom_plain_dict_get(self_in, MP_OBJ_NEW_QSTR(MP_QSTR___name__))));
}

static mp_obj_t globals_unary_op(mp_unary_op_t op, mp_obj_t self) {
    return MP_OBJ_TYPE_GET_SLOT(&mp_type_dict, unary_op)(op, self);
}

static mp_obj_t globals_binary_op(mp_binary_op_t op, mp_obj_t left, mp_obj_t right) {
    if (op != MP_BINARY_OP_CONTAINS) {
        return MP_OBJ_NULL;
    }
    return mp_obj_new_bool(find(left, right) != NULL);
}

static mp_obj_t globals_iter(mp_obj_t self, mp_obj_iter_buf_t *buf) {
    return ((mp_getiter_fun_t)MP_OBJ_TYPE_GET_SLOT(&mp_type_dict, iter))(self, buf);
}

MP_DEFINE_CONST_OBJ_TYPE(
    rom_type_globals,
    MP_QSTR_dict,
    MP_TYPE_FLAG_ITER_IS_GETITER,
    print, globals_print,
    unary_op, globals_unary_op,
    binary_op, globals_binary_op,
    subscr, globals_subscr,
    iter, globals_iter,
    locals_dict, &globals_locals
    );

MP_DEFINE_CONST_OBJ_TYPE(
    rom_type_link,
    MP_QSTR_link,
    MP_TYPE_FLAG_NONE
    );

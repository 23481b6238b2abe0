// SPDX-License-Identifier: MIT
//
// Modules in ROM: their import, what it starts, and their attributes.

#include <string.h>

#include "py/builtin.h"
#include "py/lexer.h"
#include "py/runtime.h"

#include "modrom.h"

bool rom_store(mp_obj_t link_in, mp_obj_t value);
void rom_plain_module_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest);
void rom_module_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest);

static mp_obj_t loaded_module(qstr name) {
    mp_map_elem_t *elem = mp_map_lookup(&MP_STATE_VM(mp_loaded_modules_dict).map, MP_OBJ_NEW_QSTR(name), MP_MAP_LOOKUP);
    return elem == NULL ? MP_OBJ_NULL : elem->value;
}

static const rom_module_t *find_module(qstr name) {
    mp_map_elem_t *elem = mp_map_lookup((mp_map_t *)&rom_modules, MP_OBJ_NEW_QSTR(name), MP_MAP_LOOKUP);
    return elem == NULL ? NULL : MP_OBJ_TO_PTR(elem->value);
}

// State

typedef struct {
    nlr_jump_callback_node_t callback;
    size_t state;
} undo_t;

static void undo(void *self) {
    // The next import tries again, as that of any module does
    MP_STATE_VM(rom_variables)[((undo_t *)self)->state] = NULL;
}

static void start_state(size_t i) {
    const rom_state_t *state = &rom_states[i];
    // One more than there are, so that it is never NULL
    mp_obj_t *variables = m_new0(mp_obj_t, state->n ? state->n : 1);
    if (state->initial != NULL) {
        memcpy(variables, state->initial, state->n * sizeof(mp_obj_t));
    }
    MP_STATE_VM(rom_variables)[i] = variables;
    if (state->init != MP_ROM_PTR(NULL)) {
        undo_t node = { .state = i };
        nlr_push_jump_callback(&node.callback, undo);
        mp_call_function_0((mp_obj_t)state->init);
        nlr_pop_jump_callback(false);
    }
}

void rom_start(const rom_module_t *module) {
    if (module->order == NULL) {
        return;
    }
    if (MP_STATE_VM(rom_variables) == NULL) {
        MP_STATE_VM(rom_variables) = m_new0(mp_obj_t *, rom_states_len);
    }
    for (const uint16_t *i = module->order; *i != ROM_ORDER_END; ++i) {
        if (MP_STATE_VM(rom_variables)[*i] == NULL) {
            start_state(*i);
        }
    }
}

// Import

// Whether a file that sys.path names before the frozen modules takes precedence over one of them.
static bool is_shadowed(qstr name) {
    #if MICROPY_PY_SYS_PATH
    static const char *const suffixes[] = { "", ".py", ".mpy" };
    size_t n;
    mp_obj_t *folders;
    mp_obj_get_array(mp_load_attr(MP_OBJ_FROM_PTR(&mp_module_sys), MP_QSTR_path), &n, &folders);
    for (size_t i = 0; i < n && folders[i] != MP_OBJ_NEW_QSTR(MP_QSTR__dot_frozen); ++i) {
        const char *folder = mp_obj_str_get_str(folders[i]);
        for (size_t j = 0; j < MP_ARRAY_SIZE(suffixes); ++j) {
            VSTR_FIXED(path, MICROPY_ALLOC_PATH_MAX);
            vstr_printf(&path, "%s%s%q%s", folder, *folder ? "/" : "", name, suffixes[j]);
            mp_import_stat_t found = mp_import_stat(vstr_null_terminated_str(&path));
            if (found == (j == 0 ? MP_IMPORT_STAT_DIR : MP_IMPORT_STAT_FILE)) {
                return true;
            }
        }
    }
    #else
    (void)name;
    #endif
    return false;
}

// The dotted name of an import, relative ones resolved; MP_QSTRnull if it leaves the package.
static qstr absolute_name(const mp_obj_t *args, size_t n_args, mp_int_t level) {
    if (level == 0) {
        return mp_obj_str_get_qstr(args[0]);
    }
    mp_obj_dict_t *globals = mp_globals_get();
    if (n_args > 1 && args[1] != mp_const_none) {
        globals = MP_OBJ_TO_PTR(args[1]);
    }
    mp_map_elem_t *elem = mp_map_lookup(&globals->map, MP_OBJ_NEW_QSTR(MP_QSTR___name__), MP_MAP_LOOKUP);
    if (elem == NULL || !mp_obj_is_str(elem->value)) {
        return MP_QSTRnull;
    }
    size_t len;
    const char *package = mp_obj_str_get_data(elem->value, &len);
    if (mp_map_lookup(&globals->map, MP_OBJ_NEW_QSTR(MP_QSTR___path__), MP_MAP_LOOKUP) != NULL) {
        --level;
    }
    while (level > 0 && len > 0) {
        if (package[--len] == '.') {
            --level;
        }
    }
    if (len == 0) {
        return MP_QSTRnull;
    }
    size_t name_len;
    const char *name = mp_obj_str_get_data(args[0], &name_len);
    VSTR_FIXED(full, MICROPY_ALLOC_PATH_MAX);
    vstr_add_strn(&full, package, len);
    if (name_len != 0) {
        vstr_add_char(&full, '.');
        vstr_add_strn(&full, name, name_len);
    }
    return qstr_from_strn(full.buf, full.len);
}

// The first package of a module in ROM goes into sys.modules, where a program may look for it and
// the import of a module that is not in ROM looks. Returns what is there: that package, or what a
// program has put in its place. MP_OBJ_NULL if a package of the file system takes precedence.
static mp_obj_t register_top(qstr name, const mp_obj_module_t *module) {
    mp_obj_t loaded = loaded_module(name);
    if (loaded == MP_OBJ_NULL) {
        if (!rom_is_globals(mp_globals_get()) && is_shadowed(name)) {
            return MP_OBJ_NULL;
        }
        loaded = MP_OBJ_FROM_PTR(module);
        mp_obj_dict_store(MP_OBJ_FROM_PTR(&MP_STATE_VM(mp_loaded_modules_dict)), MP_OBJ_NEW_QSTR(name), loaded);
    } else if (loaded != MP_OBJ_FROM_PTR(module) && mp_obj_is_type(loaded, &mp_type_module)) {
        return MP_OBJ_NULL;
    }
    return loaded;
}

// The packages in ROM of a module that is not.
static void register_packages(const char *name) {
    for (const char *p = strchr(name, '.'); p != NULL; p = strchr(p + 1, '.')) {
        qstr package = qstr_find_strn(name, p - name);
        const rom_module_t *module = package == MP_QSTRnull ? NULL : find_module(package);
        if (module == NULL || register_top(module->top_name, module->top) == MP_OBJ_NULL) {
            return;
        }
        rom_start(module);
    }
}

// __import__(name, globals=None, locals=None, fromlist=(), level=0): MicroPython calls it for every
// import, because mp_builtin___import__ is defined as rom_import.
mp_obj_t rom_import(size_t n_args, const mp_obj_t *args) {
    mp_int_t level = n_args > 4 ? MP_OBJ_SMALL_INT_VALUE(args[4]) : 0;
    qstr name = absolute_name(args, n_args, level);
    const rom_module_t *module = name == MP_QSTRnull ? NULL : find_module(name);
    mp_obj_t top = module == NULL ? MP_OBJ_NULL : register_top(module->top_name, module->top);
    if (top != MP_OBJ_NULL) {
        rom_start(module);
        if (n_args <= 3 || args[3] == mp_const_none) {
            return top;
        }
        // What a program has put there is what it gets
        mp_obj_t loaded = loaded_module(name);
        return loaded == MP_OBJ_NULL ? MP_OBJ_FROM_PTR(module->module) : loaded;
    }
    if (name == MP_QSTRnull) {
        return mp_builtin___import___default(n_args, args);
    }
    if (module == NULL) {
        register_packages(qstr_str(name));
    }
    mp_obj_t absolute[5] = {
        MP_OBJ_NEW_QSTR(name), mp_const_none, mp_const_none,
        n_args > 3 ? args[3] : mp_const_none, MP_OBJ_NEW_SMALL_INT(0),
    };
    return mp_builtin___import___default(MP_ARRAY_SIZE(absolute), absolute);
}

// Attributes

static qstr module_name(const mp_obj_module_t *module) {
    mp_map_elem_t *elem = mp_map_lookup(&module->globals->map, MP_OBJ_NEW_QSTR(MP_QSTR___name__), MP_MAP_LOOKUP);
    return MP_OBJ_QSTR_VALUE(elem->value);
}

// A module of this package that is not in ROM and was imported, or MP_OBJ_NULL.
static mp_obj_t loaded_submodule(const mp_obj_module_t *package, qstr attr) {
    VSTR_FIXED(full, MICROPY_ALLOC_PATH_MAX);
    vstr_printf(&full, "%q.%q", module_name(package), attr);
    qstr name = qstr_find_strn(full.buf, full.len);
    return name == MP_QSTRnull ? MP_OBJ_NULL : loaded_module(name);
}

// A name that the globals lack: the module's __getattr__() is asked.
static void load_other(const mp_obj_module_t *self, qstr attr, mp_obj_t *dest) {
    #if MICROPY_CPYTHON_COMPAT
    if (attr == MP_QSTR___dict__) {
        dest[0] = MP_OBJ_FROM_PTR(self->globals);
        return;
    }
    #endif
    #if MICROPY_MODULE_GETATTR
    if (attr != MP_QSTR___getattr__) {
        mp_obj_t getattr[2];
        mp_load_method_maybe(MP_OBJ_FROM_PTR(self), MP_QSTR___getattr__, getattr);
        if (getattr[0] != MP_OBJ_NULL) {
            dest[0] = mp_call_function_1(getattr[0], MP_OBJ_NEW_QSTR(attr));
        }
    }
    #endif
}

static void load(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    const mp_obj_module_t *self = MP_OBJ_TO_PTR(self_in);
    mp_map_elem_t *elem = mp_map_lookup(&self->globals->map, MP_OBJ_NEW_QSTR(attr), MP_MAP_LOOKUP);
    mp_obj_t value = elem == NULL ? loaded_submodule(self, attr) : elem->value;
    if (value == MP_OBJ_NULL) {
        load_other(self, attr, dest);
        return;
    }
    if (rom_is_link(value)) {
        const rom_link_t *link = MP_OBJ_TO_PTR(value);
        if (link->module != NULL) {
            mp_load_method_maybe(MP_OBJ_FROM_PTR(link->module), link->index, dest);
            return;
        }
        value = rom_follow(value);
    } else if (mp_obj_is_type(value, &mp_type_module)) {
        // A package has its modules as attributes before they are imported
        const mp_obj_module_t *module = MP_OBJ_TO_PTR(value);
        if (rom_is_globals(module->globals)) {
            mp_obj_t loaded = loaded_module(module_name(module));
            if (loaded != MP_OBJ_NULL) {
                value = loaded;
            } else {
                rom_start(((const rom_globals_t *)module->globals)->module);
            }
        }
    }
    dest[0] = value;
}

// Attributes of a module, loaded, set or deleted; the protocol is in py/obj.h.
void rom_module_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    const mp_obj_module_t *self = MP_OBJ_TO_PTR(self_in);
    if (!rom_is_globals(self->globals)) {
        rom_plain_module_attr(self_in, attr, dest);
        return;
    }
    if (dest[0] == MP_OBJ_NULL) {
        load(self_in, attr, dest);
        return;
    }
    mp_map_elem_t *elem = mp_map_lookup(&self->globals->map, MP_OBJ_NEW_QSTR(attr), MP_MAP_LOOKUP);
    if (elem != NULL && rom_is_link(elem->value) && rom_store(elem->value, dest[1])) {
        dest[0] = MP_OBJ_NULL;
        return;
    }
    // An import gives a package its module, which sys.modules keeps
    if (dest[1] != MP_OBJ_NULL && mp_obj_is_type(dest[1], &mp_type_module)
        && (loaded_submodule(self, attr) == dest[1] || (elem != NULL && elem->value == dest[1]))) {
        dest[0] = MP_OBJ_NULL;
        return;
    }
    mp_raise_msg_varg(&mp_type_AttributeError,
        MP_ERROR_TEXT("module '%q' is in ROM: '%q' cannot be set"), module_name(self), attr);
}

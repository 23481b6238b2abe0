// SPDX-License-Identifier: MIT
//
// Modules in ROM: what ci/rom writes into frozen_content.c, and what stands for it at run time.
//
// A module in ROM is an ordinary module object whose globals are a fixed dictionary, of the type
// rom_type_globals. A name whose value changes, or is made on the device, has a link as its value
// there: whoever loads the name gets what the link stands for. docs/rom.md explains the whole.

#ifndef TINYWEB_ROM_H
#define TINYWEB_ROM_H

#include "py/bc.h"
#include "py/obj.h"
#include "py/objfun.h"
#include "py/objmodule.h"
#include "py/objtype.h"

// A name that is looked up when it is used. In the globals of a module in ROM, or the attributes
// of a class there. module: the module that has the name `index`; NULL if `index` is a ROM_PLACE.
typedef struct {
    mp_obj_base_t base;
    const void *module;
    size_t index;
} rom_link_t;

// The place of a variable: which module with state, and which of its variables.
#define ROM_PLACE(state, variable) ((size_t)(state) << 16 | (variable))
#define ROM_PLACE_STATE(place) ((place) >> 16)
#define ROM_PLACE_VARIABLE(place) ((place) & 0xffff)

// The state of a module. n: how many variables; initial: their first values, or NULL, a value of
// MP_OBJ_NULL for none; init: a function that makes the others, or MP_OBJ_NULL.
typedef struct {
    size_t n;
    const mp_rom_obj_t *initial;
    mp_rom_obj_t init;
} rom_state_t;

// An entry of the table of modules. top, top_name: the first package of its dotted name; order:
// the states that its import initializes, up to ROM_ORDER_END, or NULL.
typedef struct {
    const mp_obj_module_t *module;
    const mp_obj_module_t *top;
    size_t top_name;
    const uint16_t *order;
} rom_module_t;

#define ROM_ORDER_END (0xffff)

// The globals of a module: a dictionary that knows its module.
typedef struct {
    mp_obj_base_t base;
    mp_map_t map;
    const rom_module_t *module;
} rom_globals_t;

// A static method, a class method, or the cell of a closure.
typedef struct {
    mp_obj_base_t base;
    mp_rom_obj_t obj;
} rom_object_t;

typedef struct {
    mp_obj_base_t base;
    mp_rom_obj_t proxy[3];
} rom_property_t;

// The flags that mp_obj_new_type() gives a class.
#define ROM_CLASS_FLAGS (MP_TYPE_FLAG_EQ_NOT_REFLEXIVE | MP_TYPE_FLAG_EQ_CHECKS_OTHER_TYPE \
    | MP_TYPE_FLAG_EQ_HAS_NEQ_TEST | MP_TYPE_FLAG_ITER_IS_GETITER | MP_TYPE_FLAG_INSTANCE_TYPE)
#if MICROPY_PY_DELATTR_SETATTR
#define ROM_SETATTR_FLAG MP_TYPE_FLAG_HAS_SPECIAL_ACCESSORS
#else
#define ROM_SETATTR_FLAG (0)
#endif

// What frozen_content.c defines; modrom_none.c does where no package is in ROM.
extern const mp_map_t rom_modules;
extern const rom_state_t rom_states[];
extern const size_t rom_states_len;

extern const mp_obj_type_t rom_type_link;
extern const mp_obj_type_t rom_type_globals;
extern const mp_obj_type_t mp_type_closure;

// Static functions of objtype.c, which hooks/objtype.h names: the slots of a class.
extern mp_obj_t rom_instance_make_new(const mp_obj_type_t *, size_t, size_t, const mp_obj_t *);
extern void rom_instance_print(const mp_print_t *, mp_obj_t, mp_print_kind_t);
extern mp_obj_t rom_instance_unary_op(mp_unary_op_t, mp_obj_t);
extern mp_obj_t rom_instance_binary_op(mp_binary_op_t, mp_obj_t, mp_obj_t);
extern void rom_instance_attr(mp_obj_t, qstr, mp_obj_t *);
extern mp_obj_t rom_instance_subscr(mp_obj_t, mp_obj_t, mp_obj_t);
extern mp_int_t rom_instance_get_buffer(mp_obj_t, mp_buffer_info_t *, mp_uint_t);
#define rom_instance_call mp_obj_instance_call
#define rom_instance_iter mp_obj_instance_getiter
#define rom_instance_buffer rom_instance_get_buffer

static inline bool rom_is_globals(const mp_obj_dict_t *dict) {
    return dict->base.type == &rom_type_globals;
}

static inline bool rom_is_link(mp_obj_t value) {
    return mp_obj_is_obj(value) && ((mp_obj_base_t *)MP_OBJ_TO_PTR(value))->type == &rom_type_link;
}

// The value that a link stands for; MP_OBJ_NULL if its variable has none.
mp_obj_t rom_follow(mp_obj_t link);

// Run what the import of a module starts on the device, unless it has run.
void rom_start(const rom_module_t *module);

// Forget all state: at the start of the interpreter.
void rom_init(void);

#endif // TINYWEB_ROM_H

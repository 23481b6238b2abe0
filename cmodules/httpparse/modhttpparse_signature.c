// SPDX-License-Identifier: MIT
// argument_names(): how a Python function is called. The server needs it once per route, when the
// route is registered, to tell the two forms of REST handlers apart without calling them.

#include "py/bc.h"
#include "py/objfun.h"
#include "py/runtime.h"

#include "modhttpparse.h"

// These live in py/objboundmeth.c and py/objclosure.c, which have no header.
extern const mp_obj_type_t mp_type_closure;

typedef struct _bound_meth_t {
    mp_obj_base_t base;
    mp_obj_t meth;
    mp_obj_t self;
} bound_meth_t;

typedef struct _closure_t {
    mp_obj_base_t base;
    mp_obj_t fun;
    size_t n_closed;
    mp_obj_t closed[];
} closure_t;

// The start of the function's prelude (py/bc.h), or NULL if `fun` is no Python function.
static const byte *get_prelude(mp_obj_t fun) {
    const mp_obj_type_t *type = mp_obj_get_type(fun);
    const mp_obj_fun_bc_t *self = MP_OBJ_TO_PTR(fun);
    if (type == &mp_type_fun_bc || type == &mp_type_gen_wrap) {
        return self->bytecode;
    }
    #if MICROPY_EMIT_NATIVE
    if (type == &mp_type_fun_native || type == &mp_type_native_gen_wrap) {
        return mp_obj_fun_native_get_prelude_ptr(self);
    }
    #endif
    return NULL;
}

// argument_names(f): the positional arguments that a call of `f` takes.
//
// Returns (names, required, varargs): a tuple of str without `self` of a bound method, how many of
// them have no default, and whether f has *args. Returns None if `f` is not a Python function, a
// closure, or a method of one. Source: py/bc.c, mp_setup_code_state.
static mp_obj_t httpparse_argument_names(mp_obj_t fun) {
    size_t skip = 0;
    if (mp_obj_is_type(fun, &mp_type_bound_meth)) {
        fun = ((bound_meth_t *)MP_OBJ_TO_PTR(fun))->meth;
        skip += 1;
    }
    if (mp_obj_is_type(fun, &mp_type_closure)) {
        const closure_t *closure = MP_OBJ_TO_PTR(fun);
        skip += closure->n_closed;
        fun = closure->fun;
    }
    if (!mp_obj_is_obj(fun)) {
        return mp_const_none;
    }
    const byte *ip = get_prelude(fun);
    if (ip == NULL) {
        return mp_const_none;
    }
    MP_BC_PRELUDE_SIG_DECODE(ip);
    MP_BC_PRELUDE_SIZE_DECODE(ip);
    (void)n_state;
    (void)n_exc_stack;
    (void)n_kwonly_args;
    (void)n_info;
    (void)n_cell;
    if (n_pos_args < skip) {
        // A bound method that takes its self by *args.
        skip = n_pos_args;
    }
    mp_obj_tuple_t *names = MP_OBJ_TO_PTR(mp_obj_new_tuple(n_pos_args - skip, NULL));
    const byte *name = mp_decode_uint_skip(ip);
    for (size_t i = 0; i < n_pos_args; i++) {
        mp_uint_t arg_qstr = mp_decode_uint(&name);
        #if MICROPY_EMIT_BYTECODE_USES_QSTR_TABLE
        arg_qstr = ((const mp_obj_fun_bc_t *)MP_OBJ_TO_PTR(fun))->context->constants.qstr_table[arg_qstr];
        #endif
        if (i >= skip) {
            names->items[i - skip] = MP_OBJ_NEW_QSTR(arg_qstr);
        }
    }
    size_t n_required = n_pos_args - n_def_pos_args;
    mp_obj_t result[3] = {
        MP_OBJ_FROM_PTR(names),
        MP_OBJ_NEW_SMALL_INT(n_required > skip ? n_required - skip : 0),
        mp_obj_new_bool(scope_flags & MP_SCOPE_FLAG_VARARGS),
    };
    return mp_obj_new_tuple(3, result);
}
MP_DEFINE_CONST_FUN_OBJ_1(httpparse_argument_names_obj, httpparse_argument_names);

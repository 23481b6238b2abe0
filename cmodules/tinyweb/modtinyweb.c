// SPDX-License-Identifier: MIT
//
// The module _tinyweb: what the server does for every request.

#include "py/objexcept.h"
#include "py/runtime.h"

#include "modtinyweb.h"

// HTTPException(code=400): raise it in a handler to answer with an error status.

static void http_exception_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] == MP_OBJ_NULL && attr == MP_QSTR_code) {
        const mp_obj_exception_t *self = MP_OBJ_TO_PTR(
            mp_obj_cast_to_native_base(self_in, MP_OBJ_FROM_PTR(&tinyweb_type_HTTPException)));
        dest[0] = self->args->len != 0 ? self->args->items[0] : MP_OBJ_NEW_SMALL_INT(400);
        return;
    }
    mp_obj_exception_attr(self_in, attr, dest);
}

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_HTTPException,
    MP_QSTR_HTTPException,
    MP_TYPE_FLAG_NONE,
    make_new, mp_obj_exception_make_new,
    print, mp_obj_exception_print,
    attr, http_exception_attr,
    parent, &mp_type_Exception
    );

void tinyweb_raise(unsigned code) {
    mp_obj_t arg = MP_OBJ_NEW_SMALL_INT(code);
    nlr_raise(mp_obj_exception_make_new(&tinyweb_type_HTTPException, 1, 0, &arg));
}

// The finished coroutine. asyncio.create_task() and wait_for() take it like any other.

static mp_obj_t done_iternext(mp_obj_t self_in) {
    (void)self_in;
    return MP_OBJ_STOP_ITERATION;
}

static mp_obj_t done_send(mp_obj_t self_in, mp_obj_t value) {
    (void)self_in;
    (void)value;
    mp_raise_StopIteration(MP_OBJ_NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_2(done_send_obj, done_send);

static mp_obj_t done_throw(size_t n_args, const mp_obj_t *args) {
    nlr_raise(mp_make_raise_obj(args[n_args > 2 ? 2 : 1]));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(done_throw_obj, 2, 4, done_throw);

static mp_obj_t done_close(mp_obj_t self_in) {
    (void)self_in;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(done_close_obj, done_close);

static const mp_rom_map_elem_t done_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&done_send_obj) },
    { MP_ROM_QSTR(MP_QSTR_throw), MP_ROM_PTR(&done_throw_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&done_close_obj) },
};
static MP_DEFINE_CONST_DICT(done_locals_dict, done_locals_dict_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    done_type,
    MP_QSTR_generator,
    MP_TYPE_FLAG_ITER_IS_ITERNEXT,
    iter, done_iternext,
    locals_dict, &done_locals_dict
    );

const mp_obj_base_t tinyweb_done_obj = { &done_type };

// The finished coroutine of a value.

typedef struct {
    mp_obj_base_t base;
    mp_obj_t value;
} result_t;

static mp_obj_t result_iternext(mp_obj_t self_in) {
    result_t *self = MP_OBJ_TO_PTR(self_in);
    return mp_make_stop_iteration(self->value);
}

static mp_obj_t result_send(mp_obj_t self_in, mp_obj_t value) {
    (void)value;
    result_t *self = MP_OBJ_TO_PTR(self_in);
    mp_raise_StopIteration(self->value);
}
static MP_DEFINE_CONST_FUN_OBJ_2(result_send_obj, result_send);

static const mp_rom_map_elem_t result_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&result_send_obj) },
    { MP_ROM_QSTR(MP_QSTR_throw), MP_ROM_PTR(&done_throw_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&done_close_obj) },
};
static MP_DEFINE_CONST_DICT(result_locals_dict, result_locals_dict_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    result_type,
    MP_QSTR_generator,
    MP_TYPE_FLAG_ITER_IS_ITERNEXT,
    iter, result_iternext,
    locals_dict, &result_locals_dict
    );

mp_obj_t tinyweb_result(mp_obj_t value) {
    result_t *self = mp_obj_malloc(result_t, &result_type);
    self->value = value;
    return MP_OBJ_FROM_PTR(self);
}

mp_obj_t tinyweb_call(mp_obj_t self, qstr name, size_t n, const mp_obj_t *values) {
    mp_obj_t args[2 + 3];
    mp_load_method(self, name, args);
    for (size_t i = 0; i < n; ++i) {
        args[2 + i] = values[i];
    }
    return mp_call_method_n_kw(n, 0, args);
}

static const mp_rom_map_elem_t tinyweb_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__tinyweb) },
    { MP_ROM_QSTR(MP_QSTR_HTTPException), MP_ROM_PTR(&tinyweb_type_HTTPException) },
    { MP_ROM_QSTR(MP_QSTR_slot), MP_ROM_PTR(&tinyweb_type_slot) },
    { MP_ROM_QSTR(MP_QSTR_enter), MP_ROM_PTR(&tinyweb_enter_obj) },
    { MP_ROM_QSTR(MP_QSTR_move), MP_ROM_PTR(&tinyweb_move_obj) },
    { MP_ROM_QSTR(MP_QSTR_within), MP_ROM_PTR(&tinyweb_within_obj) },
    { MP_ROM_QSTR(MP_QSTR_expired), MP_ROM_PTR(&tinyweb_expired_obj) },
    { MP_ROM_QSTR(MP_QSTR_ended), MP_ROM_PTR(&tinyweb_ended_obj) },
    { MP_ROM_QSTR(MP_QSTR_close_slot), MP_ROM_PTR(&tinyweb_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_open_slot), MP_ROM_PTR(&tinyweb_open_obj) },
    { MP_ROM_QSTR(MP_QSTR_forget), MP_ROM_PTR(&tinyweb_forget_obj) },
    { MP_ROM_QSTR(MP_QSTR_transfer), MP_ROM_PTR(&tinyweb_type_transfer) },
    #if TINYWEB_UPLOADS
    { MP_ROM_QSTR(MP_QSTR_reception), MP_ROM_PTR(&tinyweb_type_reception) },
    #endif
    { MP_ROM_QSTR(MP_QSTR_stall), MP_ROM_PTR(&tinyweb_stall_obj) },
    { MP_ROM_QSTR(MP_QSTR_feed), MP_ROM_PTR(&tinyweb_feed_obj) },
    { MP_ROM_QSTR(MP_QSTR_route_request), MP_ROM_PTR(&tinyweb_route_request_obj) },
    { MP_ROM_QSTR(MP_QSTR_begin), MP_ROM_PTR(&tinyweb_begin_obj) },
    { MP_ROM_QSTR(MP_QSTR_finish), MP_ROM_PTR(&tinyweb_finish_obj) },
    { MP_ROM_QSTR(MP_QSTR_wait_for_next), MP_ROM_PTR(&tinyweb_wait_for_next_obj) },
    { MP_ROM_QSTR(MP_QSTR_free_slot), MP_ROM_PTR(&tinyweb_free_slot_obj) },
    { MP_ROM_QSTR(MP_QSTR_settle), MP_ROM_PTR(&tinyweb_settle_obj) },
    { MP_ROM_QSTR(MP_QSTR_resume), MP_ROM_PTR(&tinyweb_resume_obj) },
    { MP_ROM_QSTR(MP_QSTR_expect), MP_ROM_PTR(&tinyweb_expect_obj) },
    { MP_ROM_QSTR(MP_QSTR_small_form), MP_ROM_PTR(&tinyweb_small_form_obj) },
    { MP_ROM_QSTR(MP_QSTR_add_header), MP_ROM_PTR(&tinyweb_add_header_obj) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&tinyweb_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_start_html), MP_ROM_PTR(&tinyweb_start_html_obj) },
    { MP_ROM_QSTR(MP_QSTR_start_json), MP_ROM_PTR(&tinyweb_start_json_obj) },
    { MP_ROM_QSTR(MP_QSTR_send_headers), MP_ROM_PTR(&tinyweb_send_headers_obj) },
    { MP_ROM_QSTR(MP_QSTR_later), MP_ROM_PTR(&tinyweb_later_obj) },
    { MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&tinyweb_send_obj) },
    { MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&tinyweb_flush_obj) },
    { MP_ROM_QSTR(MP_QSTR_end), MP_ROM_PTR(&tinyweb_end_obj) },
    { MP_ROM_QSTR(MP_QSTR_parts), MP_ROM_PTR(&tinyweb_parts_obj) },
    #if MICROPY_PY_SSL && MICROPY_SSL_MBEDTLS
    { MP_ROM_QSTR(MP_QSTR_transport), MP_ROM_PTR(&tinyweb_type_transport) },
    #endif
    { MP_ROM_QSTR(MP_QSTR_request), MP_ROM_PTR(&tinyweb_type_request) },
    { MP_ROM_QSTR(MP_QSTR_response), MP_ROM_PTR(&tinyweb_type_response) },
    { MP_ROM_QSTR(MP_QSTR_DONE), MP_ROM_PTR(&tinyweb_done_obj) },
    { MP_ROM_QSTR(MP_QSTR_DRAIN_BYTES), MP_ROM_INT(TINYWEB_DRAIN_BYTES) },
    { MP_ROM_QSTR(MP_QSTR_aio), MP_ROM_PTR(&tinyweb_aio_module) },
    { MP_ROM_QSTR(MP_QSTR_site), MP_ROM_PTR(&tinyweb_site_obj) },
    { MP_ROM_QSTR(MP_QSTR_lists), MP_ROM_PTR(&tinyweb_lists_obj) },
    { MP_ROM_QSTR(MP_QSTR_is_settled), MP_ROM_PTR(&tinyweb_is_settled_obj) },
    { MP_ROM_QSTR(MP_QSTR_hash_content), MP_ROM_PTR(&tinyweb_hash_content_obj) },
    { MP_ROM_QSTR(MP_QSTR_media_type), MP_ROM_PTR(&tinyweb_media_type_obj) },
    { MP_ROM_QSTR(MP_QSTR_http_date), MP_ROM_PTR(&tinyweb_http_date_obj) },
    { MP_ROM_QSTR(MP_QSTR_heap), MP_ROM_PTR(&tinyweb_heap_obj) },
    #if TINYWEB_PROGRAM
    { MP_ROM_QSTR(MP_QSTR_program), MP_ROM_PTR(&tinyweb_program_obj) },
    #endif
    #ifdef TINYWEB_RESET_PIN
    { MP_ROM_QSTR(MP_QSTR_RESET_PIN), MP_ROM_INT(TINYWEB_RESET_PIN) },
    { MP_ROM_QSTR(MP_QSTR_RESET_WINDOW), MP_ROM_INT(TINYWEB_RESET_WINDOW) },
    #endif
    #if TINYWEB_SIGNATURE
    { MP_ROM_QSTR(MP_QSTR_verify), MP_ROM_PTR(&tinyweb_verify_obj) },
    #endif
    { MP_ROM_QSTR(MP_QSTR_route), MP_ROM_PTR(&tinyweb_type_route) },
    { MP_ROM_QSTR(MP_QSTR_find), MP_ROM_PTR(&tinyweb_find_obj) },
    { MP_ROM_QSTR(MP_QSTR_date), MP_ROM_PTR(&tinyweb_date_obj) },
    { MP_ROM_QSTR(MP_QSTR_has_long_number), MP_ROM_PTR(&tinyweb_has_long_number_obj) },
    { MP_ROM_QSTR(MP_QSTR_json), MP_ROM_PTR(&tinyweb_json_obj) },
    { MP_ROM_QSTR(MP_QSTR_dumps), MP_ROM_PTR(&tinyweb_dumps_obj) },
    { MP_ROM_QSTR(MP_QSTR_escape), MP_ROM_PTR(&tinyweb_escape_obj) },
    { MP_ROM_QSTR(MP_QSTR_simple_value), MP_ROM_PTR(&tinyweb_simple_value_obj) },
    { MP_ROM_QSTR(MP_QSTR_event), MP_ROM_PTR(&tinyweb_event_obj) },
    { MP_ROM_QSTR(MP_QSTR_find_pattern), MP_ROM_PTR(&tinyweb_find_pattern_obj) },
    { MP_ROM_QSTR(MP_QSTR_for_method), MP_ROM_PTR(&tinyweb_for_method_obj) },
    { MP_ROM_QSTR(MP_QSTR_match), MP_ROM_PTR(&tinyweb_match_obj) },
    { MP_ROM_QSTR(MP_QSTR_PATH), MP_ROM_PTR(&tinyweb_path_segment) },
    #if TINYWEB_BACKGROUND
    { MP_ROM_QSTR(MP_QSTR_terminal), MP_ROM_PTR(&tinyweb_type_terminal) },
    #endif
    #ifdef TINYWEB_IMPROV
    { MP_ROM_QSTR(MP_QSTR_improv), MP_ROM_PTR(&tinyweb_improv_obj) },
    #endif
    #if TINYWEB_WEBSOCKET
    { MP_ROM_QSTR(MP_QSTR_frames), MP_ROM_PTR(&tinyweb_type_frames) },
    #endif
};
static MP_DEFINE_CONST_DICT(tinyweb_globals, tinyweb_globals_table);

const mp_obj_module_t tinyweb_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&tinyweb_globals,
};

MP_REGISTER_MODULE(MP_QSTR__tinyweb, tinyweb_module);

// SPDX-License-Identifier: MIT
//
// Answers in JSON.

#include "py/objstr.h"
#include "py/runtime.h"

#include "modhttpparse.h"
#include "modtinyweb.h"

static const MP_DEFINE_STR_OBJ(type_json, "application/json");
static const MP_DEFINE_STR_OBJ(allow_origin, "Access-Control-Allow-Origin");
static const MP_DEFINE_STR_OBJ(allow_methods, "Access-Control-Allow-Methods");
static const MP_DEFINE_STR_OBJ(allow_headers, "Access-Control-Allow-Headers");

// dumps(value): `value` as JSON, bytes; str and bytes as they are. Raises TypeError or ValueError for
// what JSON has not.
static mp_obj_t dumps(mp_obj_t value) {
    if (mp_obj_is_str_or_bytes(value)) {
        return value;
    }
    vstr_t vstr;
    mp_print_t print;
    vstr_init_print(&vstr, 48, &print);
    tinyweb_print_json(&print, value);
    return mp_obj_new_bytes_from_vstr(&vstr);
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_dumps_obj, dumps);

// json(response, value): answer with `value` as JSON, str and bytes as they are, and the fields that
// let scripts of other origins use it. Coroutine.
static mp_obj_t json_answer(mp_obj_t response, mp_obj_t value) {
    mp_obj_t body = dumps(value);
    mp_obj_t req = mp_load_attr(response, MP_QSTR__request);
    const tinyweb_route_t *route = tinyweb_route(mp_load_attr(req, MP_QSTR_route));
    // Hooks want to see them among the headers
    bool hooks = route->hooks != mp_const_none;
    if (hooks) {
        tinyweb_call(response, MP_QSTR_add_access_control_headers, 0, NULL);
    }
    mp_obj_t type = MP_OBJ_FROM_PTR(&type_json);
    tinyweb_call(response, MP_QSTR__start, 1, &type);
    if (!hooks && mp_obj_is_str(route->cors_origins)) {
        mp_obj_t writer = mp_load_attr(response, MP_QSTR__writer);
        httpparse_response_header(writer, MP_OBJ_FROM_PTR(&allow_origin), route->cors_origins);
        httpparse_response_header(writer, MP_OBJ_FROM_PTR(&allow_methods), route->cors_methods);
        httpparse_response_header(writer, MP_OBJ_FROM_PTR(&allow_headers), route->cors_headers);
    }
    return tinyweb_call(response, MP_QSTR_send, 1, &body);
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_json_obj, json_answer);

// SPDX-License-Identifier: MIT
//
// Answers in JSON, and resources that need nothing else: no body to wait for, no parts to send one
// by one. The rest of tinyweb.rest is in Python.

#include "py/objstr.h"
#include "py/runtime.h"

#include "modhttpparse.h"
#include "modtinyweb.h"

enum {
    ROUTE_CORS_ORIGINS = 5,
    ROUTE_CORS_HEADERS,
    ROUTE_CORS_METHODS,
    ROUTE_HOOKS,
};

// A bit of what rest._form() says of a callable
#define WITH_HEADERS 1

static const MP_DEFINE_STR_OBJ(type_json, "application/json");
static const MP_DEFINE_STR_OBJ(allow_origin, "Access-Control-Allow-Origin");
static const MP_DEFINE_STR_OBJ(allow_methods, "Access-Control-Allow-Methods");
static const MP_DEFINE_STR_OBJ(allow_headers, "Access-Control-Allow-Headers");

static mp_obj_t json_of(mp_obj_t value) {
    if (mp_obj_is_str_or_bytes(value)) {
        return value;
    }
    vstr_t vstr;
    mp_print_t print;
    vstr_init_print(&vstr, 48, &print);
    tinyweb_print_json(&print, value);
    return mp_obj_new_bytes_from_vstr(&vstr);
}

// json(response, value): answer with `value` as JSON, str and bytes as they are, and the fields that
// let scripts of other origins use it. Coroutine.
static mp_obj_t json_answer(mp_obj_t response, mp_obj_t value) {
    mp_obj_t body = json_of(value);
    mp_obj_t req = mp_load_attr(response, MP_QSTR__request);
    size_t n;
    mp_obj_t *route;
    mp_obj_get_array(mp_load_attr(req, MP_QSTR_route), &n, &route);
    // Hooks want to see them among the headers
    bool hooks = n <= ROUTE_HOOKS || route[ROUTE_HOOKS] != mp_const_none;
    if (hooks) {
        tinyweb_call(response, MP_QSTR_add_access_control_headers, 0, NULL);
    }
    mp_obj_t type = MP_OBJ_FROM_PTR(&type_json);
    tinyweb_call(response, MP_QSTR__start, 1, &type);
    if (!hooks && mp_obj_is_str(route[ROUTE_CORS_ORIGINS])) {
        mp_obj_t writer = mp_load_attr(response, MP_QSTR__writer);
        httpparse_response_header(writer, MP_OBJ_FROM_PTR(&allow_origin), route[ROUTE_CORS_ORIGINS]);
        httpparse_response_header(writer, MP_OBJ_FROM_PTR(&allow_methods), route[ROUTE_CORS_METHODS]);
        httpparse_response_header(writer, MP_OBJ_FROM_PTR(&allow_headers), route[ROUTE_CORS_HEADERS]);
    }
    return tinyweb_call(response, MP_QSTR_send, 1, &body);
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_json_obj, json_answer);

TINYWEB_LAZY(resource_whole_obj, "tinyweb.rest", MP_QSTR_whole);
TINYWEB_LAZY(resource_finish_obj, "tinyweb.rest", MP_QSTR_finish);

// The (callable, form) of a resource's table for the method of `req`.
static mp_obj_t *entry_of(mp_obj_t table, mp_obj_t req) {
    mp_map_t *map = mp_obj_dict_get_map(table);
    mp_map_elem_t *elem = mp_map_lookup(map, mp_load_attr(req, MP_QSTR_method), MP_MAP_LOOKUP);
    mp_obj_t entry = elem != NULL ? elem->value
        : mp_obj_dict_get(table, MP_OBJ_FROM_PTR(&httpparse_method_get));
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(entry, 2, &items);
    return items;
}

// handle(resource, request, response, *parameters): answer a request to a tinyweb.rest.Resource.
// Coroutine.
static mp_obj_t resource_handle(size_t n_args, const mp_obj_t *args) {
    mp_obj_t req = args[1];
    mp_obj_t *entry = entry_of(mp_load_attr(args[0], MP_QSTR__table), req);
    mp_int_t form = mp_obj_get_int(entry[1]);
    mp_obj_t parser = mp_load_attr(req, MP_QSTR__parser);
    if (hp_request_remaining(httpparse_request_core(parser)) != 0
        || mp_obj_is_true(mp_load_attr(args[0], MP_QSTR__kwargs)) || n_args > 3) {
        return tinyweb_lazy_call(MP_OBJ_FROM_PTR(&resource_whole_obj), n_args, 0, args);
    }
    mp_obj_t query = mp_load_attr(req, MP_QSTR_query_string);
    mp_obj_t values[2];
    size_t n = 1;
    values[0] = mp_obj_is_true(query) ? mp_call_function_1(MP_OBJ_FROM_PTR(&httpparse_parse_qs_obj), query)
        : mp_obj_new_dict(0);
    if (form & WITH_HEADERS) {
        values[n++] = mp_load_attr(req, MP_QSTR_headers);
    }
    mp_obj_t result = mp_call_function_n_kw(entry[0], n, 0, values);
    if (mp_obj_is_type(result, &mp_type_dict) || mp_obj_is_type(result, &mp_type_list)) {
        // None is an answer that is out, with nothing more to do
        result = json_answer(args[2], result);
        return result == MP_OBJ_FROM_PTR(&tinyweb_done_obj) ? mp_const_none : result;
    }
    const mp_obj_t rest[] = { result, args[2] };
    return tinyweb_lazy_call(MP_OBJ_FROM_PTR(&resource_finish_obj), 2, 0, rest);
}
const tinyweb_method_t tinyweb_resource_obj = { { &tinyweb_type_method }, 3, true, resource_handle };

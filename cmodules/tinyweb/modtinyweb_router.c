// SPDX-License-Identifier: MIT
//
// How a request finds its route. What is less common, and answers where there is none, are in
// tinyweb.router; the members of a route are listed in tinyweb.server, patterns in
// tinyweb.patterns.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"

#include "modhttpparse.h"
#include "modtinyweb.h"

enum {
    ROUTE_METHODS = 1,
    ROUTE_NEXT = 9,
    ROUTE_MEMBERS,
};

// What stands for `<path:name>` among the segments of a pattern: no segment has a slash
const MP_DEFINE_BYTES_OBJ(tinyweb_path_segment, "/", 1);
#define PATH MP_OBJ_FROM_PTR(&tinyweb_path_segment)

static mp_obj_t *route_members(mp_obj_t route) {
    size_t n;
    mp_obj_t *items;
    mp_obj_get_array(route, &n, &items);
    if (n < ROUTE_MEMBERS) {
        mp_raise_TypeError(MP_ERROR_TEXT("a route is what add_route() makes"));
    }
    return items;
}

static bool has_method(mp_obj_t route, mp_obj_t method) {
    size_t n;
    mp_obj_t *methods;
    mp_obj_get_array(route_members(route)[ROUTE_METHODS], &n, &methods);
    for (size_t i = 0; i < n; ++i) {
        if (mp_obj_equal(methods[i], method)) {
            return true;
        }
    }
    return false;
}

// for_method(route, method): the route in the chain `route` that answers `method`, or None. GET
// answers HEAD.
static mp_obj_t for_method(mp_obj_t route, mp_obj_t method) {
    for (mp_obj_t each = route; each != mp_const_none; each = route_members(each)[ROUTE_NEXT]) {
        if (has_method(each, method)) {
            return each;
        }
    }
    if (method == MP_OBJ_FROM_PTR(&httpparse_method_head)) {
        return for_method(route, MP_OBJ_FROM_PTR(&httpparse_method_get));
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_for_method_obj, for_method);

// A part of the path, as an object that lives as long as the call.
typedef mp_obj_str_t part_t;

static part_t part_of(const byte *begin, const byte *end) {
    part_t part = { { &mp_type_bytes }, 0, (size_t)(end - begin), begin };
    return part;
}

static const byte *end_of_part(const byte *p, const byte *end) {
    const byte *slash = p == end ? NULL : memchr(p, '/', (size_t)(end - p));
    return slash == NULL ? end : slash;
}

static mp_obj_t call_unquote(const mp_obj_fun_builtin_var_t *unquote, part_t *part) {
    mp_obj_t arg = MP_OBJ_FROM_PTR(part);
    return mp_call_function_n_kw(MP_OBJ_FROM_PTR(unquote), 1, 0, &arg);
}

static bool is_literal(mp_obj_t segment, part_t *part) {
    return mp_obj_equal(segment, MP_OBJ_FROM_PTR(part))
           || (part->len != 0 && memchr(part->data, '%', part->len) != NULL
               && mp_obj_equal(segment, call_unquote(&httpparse_unquote_obj, part)));
}

// The segment decoded, or MP_OBJ_NULL: an encoded slash must not turn it into a path.
static mp_obj_t plain(part_t *part) {
    mp_obj_t value = call_unquote(&httpparse_unquote_str_obj, part);
    size_t len;
    const char *text = mp_obj_str_get_data(value, &len);
    if (len == 0 || memchr(text, '/', len) != NULL || memchr(text, 0, len) != NULL
        || (text[0] == '.' && (len == 1 || (len == 2 && text[1] == '.')))) {
        return MP_OBJ_NULL;
    }
    return value;
}

static mp_obj_t joined(mp_obj_t a, mp_obj_t b) {
    mp_obj_t slash = MP_OBJ_NEW_QSTR(MP_QSTR__slash_);
    return mp_binary_op(MP_BINARY_OP_ADD, mp_binary_op(MP_BINARY_OP_ADD, a, slash), b);
}

// The rest of the path from *p on but `left` segments, decoded, or MP_OBJ_NULL. *p is moved.
static mp_obj_t rest_of_path(const byte **p, const byte *end, size_t more) {
    const byte *stop = end_of_part(*p, end);
    part_t part = part_of(*p, stop);
    mp_obj_t value = plain(&part);
    for (; more != 0 && value != MP_OBJ_NULL; --more) {
        const byte *begin = stop + 1;
        stop = end_of_part(begin, end);
        part = part_of(begin, stop);
        // A slash at the path's end is part of it
        mp_obj_t last = stop == end && part.len == 0 ? MP_OBJ_NEW_QSTR(MP_QSTR_) : plain(&part);
        value = last == MP_OBJ_NULL ? MP_OBJ_NULL : joined(value, last);
    }
    *p = stop;
    return value;
}

// What the converter makes of a value; MP_OBJ_NULL if that is none.
static mp_obj_t converted(mp_obj_t server, mp_obj_t converter, mp_obj_t value) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        value = mp_call_function_1(converter, value);
        nlr_pop();
        return value;
    }
    mp_obj_t exc = MP_OBJ_FROM_PTR(nlr.ret_val);
    mp_obj_t type = MP_OBJ_FROM_PTR(mp_obj_get_type(exc));
    if (!mp_obj_is_subclass_fast(type, MP_OBJ_FROM_PTR(&mp_type_ValueError))) {
        if (!mp_obj_is_subclass_fast(type, MP_OBJ_FROM_PTR(&mp_type_Exception))) {
            nlr_raise(exc);
        }
        const mp_obj_t values[] = { exc, mp_const_none };
        tinyweb_call(server, MP_QSTR_log_error, 2, values);
    }
    return MP_OBJ_NULL;
}

static bool is_parameter(mp_obj_t segment) {
    return segment == PATH || !mp_obj_is_type(segment, &mp_type_bytes);
}

// match(server, segments, path): tuple of the values of the pattern's parameters, or None
static mp_obj_t match(mp_obj_t server, mp_obj_t segments_in, mp_obj_t path_in) {
    size_t n, len;
    mp_obj_t *segments;
    mp_obj_get_array(segments_in, &n, &segments);
    const byte *p = (const byte *)mp_obj_str_get_data(path_in, &len);
    const byte *end = p + len;
    size_t parts = 1;
    for (const byte *q = p; q != end; ++q) {
        parts += *q == '/';
    }
    bool has_path = false;
    size_t parameters = 0;
    for (size_t i = 0; i < n; ++i) {
        has_path = has_path || segments[i] == PATH;
        parameters += is_parameter(segments[i]);
    }
    if (parts < n || (parts > n && !has_path)) {
        return mp_const_none;
    }
    mp_obj_tuple_t *values = NULL;
    size_t known = 0;
    for (size_t i = 0; i < n; ++i) {
        mp_obj_t segment = segments[i];
        const byte *stop = end_of_part(p, end);
        part_t part = part_of(p, stop);
        if (!is_parameter(segment)) {
            if (!is_literal(segment, &part)) {
                return mp_const_none;
            }
        } else {
            mp_obj_t value;
            if (segment == PATH) {
                value = rest_of_path(&p, end, parts - n);
                stop = p;
            } else if (segment == mp_const_none && part.len == 0 && stop == end) {
                value = MP_OBJ_NEW_QSTR(MP_QSTR_);  // the original matches /things/ for /things/<id>, too
            } else {
                value = plain(&part);
                if (value != MP_OBJ_NULL && segment != mp_const_none) {
                    value = converted(server, segment, value);
                }
            }
            if (value == MP_OBJ_NULL) {
                return mp_const_none;
            }
            if (values == NULL) {
                values = MP_OBJ_TO_PTR(mp_obj_new_tuple(parameters, NULL));
            }
            values->items[known++] = value;
        }
        p = stop == end ? end : stop + 1;
    }
    return values == NULL ? mp_const_empty_tuple : MP_OBJ_FROM_PTR(values);
}
MP_DEFINE_CONST_FUN_OBJ_3(tinyweb_match_obj, match);

// find_pattern(server, req): set the route of `req`, and return the parameters' values, of the first
// pattern that matches and answers the method; None where there is none
static mp_obj_t find_pattern(mp_obj_t server, mp_obj_t req) {
    mp_obj_t patterns = mp_load_attr(server, MP_QSTR_patterns);
    if (patterns == mp_const_none) {
        return mp_const_none;
    }
    mp_obj_t path = mp_load_attr(req, MP_QSTR_path);
    mp_obj_t method = mp_load_attr(req, MP_QSTR_method);
    size_t n;
    mp_obj_t *entries;
    mp_obj_get_array(patterns, &n, &entries);
    for (size_t i = 0; i < n; ++i) {
        mp_obj_t *entry;
        mp_obj_get_array_fixed_n(entries[i], 2, &entry);
        mp_obj_t route = for_method(entry[1], method);
        if (route != mp_const_none) {
            mp_obj_t values = match(server, entry[0], path);
            if (values != mp_const_none) {
                mp_store_attr(req, MP_QSTR_route, route);
                return values;
            }
        }
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_find_pattern_obj, find_pattern);

TINYWEB_LAZY(choose_obj, "tinyweb.router", MP_QSTR_choose);

// find(server, req): set the route of `req` and return the URL's parameters, a tuple
static mp_obj_t find(size_t n_args, const mp_obj_t *args) {
    mp_obj_t server = args[0];
    mp_obj_t req = args[1];
    mp_obj_t path = mp_load_attr(req, MP_QSTR_path);
    const mp_map_t *routes = mp_obj_dict_get_map(mp_load_attr(server, MP_QSTR_routes));
    const mp_map_elem_t *elem = mp_map_lookup((mp_map_t *)routes, path, MP_MAP_LOOKUP);
    if (elem != NULL && has_method(elem->value, mp_load_attr(req, MP_QSTR_method))) {
        mp_store_attr(req, MP_QSTR_route, elem->value);
        return mp_const_empty_tuple;
    }
    size_t len;
    const char *data = mp_obj_str_get_data(path, &len);
    // With an escape it may be another spelling of a URL without parameters, which comes first
    if (elem == NULL && memchr(data, '%', len) == NULL) {
        mp_obj_t values = find_pattern(server, req);
        if (values != mp_const_none) {
            return values;
        }
    }
    return tinyweb_lazy_call(MP_OBJ_FROM_PTR(&choose_obj), n_args, 0, args);
}
const tinyweb_method_t tinyweb_find_obj = { { &tinyweb_type_method }, 2, false, find };

// SPDX-License-Identifier: MIT
//
// Routes, and how a request finds its own.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"

#include "modhttpparse.h"
#include "modtinyweb.h"

// What stands for `<path:name>` among the segments of a pattern: no segment has a slash
const MP_DEFINE_BYTES_OBJ(tinyweb_path_segment, "/", 1);
#define PATH MP_OBJ_FROM_PTR(&tinyweb_path_segment)

// class route: see modtinyweb.h. A route cannot be changed.
#define ROUTE_NAME(name) MP_QSTR_##name,
static const uint16_t route_names[] = { TINYWEB_ROUTE(ROUTE_NAME) };

// The place of the member `name`, or NULL.
static mp_obj_t *route_member(tinyweb_route_t *self, qstr name) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(route_names); ++i) {
        if (route_names[i] == name) {
            return (mp_obj_t *)(self + 1) - MP_ARRAY_SIZE(route_names) + i;
        }
    }
    return NULL;
}

static void check_tuple(mp_obj_t obj) {
    if (obj != mp_const_none) {
        tinyweb_check_type(obj, &mp_type_tuple);
    }
}

// route(other, **members): a copy of the route `other` with other `members`; of None, with None in
// all the others
static mp_obj_t route_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, true);
    tinyweb_route_t *self = mp_obj_malloc(tinyweb_route_t, type);
    if (args[0] != mp_const_none) {
        *self = *tinyweb_route(args[0]);
    } else {
        for (size_t i = 0; i < MP_ARRAY_SIZE(route_names); ++i) {
            *route_member(self, route_names[i]) = mp_const_none;
        }
    }
    for (const mp_obj_t *pair = &args[1]; n_kw != 0; --n_kw, pair += 2) {
        mp_obj_t *member = route_member(self, mp_obj_str_get_qstr(pair[0]));
        if (member == NULL) {
            mp_raise_TypeError(MP_ERROR_TEXT("a route has no such member"));
        }
        *member = pair[1];
    }
    // Tuples do not change while a request looks through them
    check_tuple(self->methods);
    check_tuple(self->aliases);
    return MP_OBJ_FROM_PTR(self);
}

static void route_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    mp_obj_t *member = route_member(MP_OBJ_TO_PTR(self_in), attr);
    if (dest[0] == MP_OBJ_NULL && member != NULL) {
        dest[0] = *member;
    }
}

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_route,
    MP_QSTR_route,
    MP_TYPE_FLAG_NONE,
    make_new, route_make_new,
    attr, route_attr
    );

const tinyweb_route_t *tinyweb_route(mp_obj_t obj) {
    tinyweb_check_type(obj, &tinyweb_type_route);
    return MP_OBJ_TO_PTR(obj);
}

static bool has_method(mp_obj_t route, mp_obj_t method) {
    size_t n;
    mp_obj_t *methods;
    mp_obj_get_array(tinyweb_route(route)->methods, &n, &methods);
    for (size_t i = 0; i < n; ++i) {
        if (methods[i] == method || mp_obj_equal(methods[i], method)) {
            return true;
        }
    }
    return false;
}

// for_method(route, method): the route in the chain `route` that answers `method`, or None. GET
// answers HEAD.
static mp_obj_t for_method(mp_obj_t route, mp_obj_t method) {
    for (mp_obj_t each = route; each != mp_const_none; each = tinyweb_route(each)->next) {
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

// The value of the parameter `segment` from a part of the path, or MP_OBJ_NULL if it cannot be that.
static mp_obj_t value_of(mp_obj_t server, mp_obj_t segment, part_t *part, bool last) {
    if (segment == mp_const_none && part->len == 0 && last) {
        return MP_OBJ_NEW_QSTR(MP_QSTR_);   // the original matches /things/ for /things/<id>, too
    }
    mp_obj_t value = plain(part);
    if (value != MP_OBJ_NULL && segment != mp_const_none) {
        value = converted(server, segment, value);
    }
    return value;
}

// match(server, segments, path): for a pattern's `segments`, a tuple, the tuple of the values of the pattern's parameters, or None
static mp_obj_t match(mp_obj_t server, mp_obj_t segments_in, mp_obj_t path_in) {
    size_t n, len;
    mp_obj_t *segments;
    tinyweb_check_type(segments_in, &mp_type_tuple);
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
            } else {
                value = value_of(server, segment, &part, stop == end);
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
    for (size_t i = 0;; ++i) {
        // A converter of the application may have added others
        size_t n;
        mp_obj_t *entries, *entry;
        mp_obj_get_array(patterns, &n, &entries);
        if (i >= n) {
            return mp_const_none;
        }
        mp_obj_get_array_fixed_n(entries[i], 2, &entry);
        mp_obj_t segments = entry[0];
        mp_obj_t route = for_method(entry[1], method);
        if (route != mp_const_none) {
            mp_obj_t values = match(server, segments, path);
            if (values != mp_const_none) {
                mp_store_attr(req, MP_QSTR_route, route);
                return values;
            }
        }
    }
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_find_pattern_obj, find_pattern);

// find(server, req): set the route of `req` and return the URL's parameters, a tuple; None where it
// takes more to find it
static mp_obj_t find(mp_obj_t server, mp_obj_t req) {
    mp_obj_t path = mp_load_attr(req, MP_QSTR_path);
    mp_obj_t routes = mp_load_attr(server, MP_QSTR_routes);
    tinyweb_check_type(routes, &mp_type_dict);
    const mp_map_elem_t *elem = mp_map_lookup(mp_obj_dict_get_map(routes), path, MP_MAP_LOOKUP);
    mp_obj_t route = elem == NULL ? MP_OBJ_NULL : elem->value;
    if (elem != NULL && has_method(route, mp_load_attr(req, MP_QSTR_method))) {
        mp_store_attr(req, MP_QSTR_route, route);
        return mp_const_empty_tuple;
    }
    size_t len;
    const char *data = mp_obj_str_get_data(path, &len);
    // With an escape it may be another spelling of a URL without parameters, which comes first
    bool other = elem != NULL || memchr(data, '%', len) != NULL;
    return other ? mp_const_none : find_pattern(server, req);
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_find_obj, find);

// SPDX-License-Identifier: MIT
//
// What tinyweb.template does for every value of a page.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"

#include "modtinyweb.h"

// The members of a node for a value, and of its expression; see tinyweb.template and
// tinyweb.expressions.
enum { NODE_EXPRESSION = 2, NODE_FILTERS, NODE_MEMBERS };
enum { EXPRESSION_CONST, EXPRESSION_PATH };

static const char *entity(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return NULL;
    }
}

// escape(value): HTML of `value` as bytes, for text and for attributes in quotation marks. Bytes are
// taken for UTF-8, None for nothing, anything else as str() shows it.
static mp_obj_t escape(mp_obj_t value) {
    if (value == mp_const_none) {
        return mp_const_empty_bytes;
    }
    mp_buffer_info_t info;
    vstr_t text;
    bool own = !mp_get_buffer(value, &info, MP_BUFFER_READ);
    if (own) {
        mp_print_t print;
        vstr_init_print(&text, 8, &print);
        mp_obj_print_helper(&print, value, PRINT_STR);
        info.buf = text.buf;
        info.len = text.len;
    }
    const char *p = info.buf;
    size_t len = info.len;
    for (size_t i = 0; i != info.len; ++i) {
        const char *e = entity(p[i]);
        len += e == NULL ? 0 : strlen(e) - 1;
    }
    if (own && len == info.len) {
        return mp_obj_new_bytes_from_vstr(&text);
    }
    vstr_t vstr;
    vstr_init_len(&vstr, len);
    char *to = vstr.buf;
    for (size_t i = 0; i != info.len; ++i) {
        const char *e = entity(p[i]);
        size_t n = e == NULL ? 1 : strlen(e);
        memcpy(to, e == NULL ? &p[i] : e, n);
        to += n;
    }
    if (own) {
        vstr_clear(&text);
    }
    return mp_obj_new_bytes_from_vstr(&vstr);
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_escape_obj, escape);

// What a name, or a path of names, leads to.
static mp_obj_t resolve(size_t n, const mp_obj_t *path, mp_obj_t values) {
    mp_obj_t value = mp_obj_dict_get(values, path[1]);
    for (size_t i = 2; i < n; ++i) {
        value = mp_obj_is_dict_or_ordereddict(value) ? mp_obj_dict_get(value, path[i])
            : mp_load_attr(value, mp_obj_str_get_qstr(path[i]));
    }
    return value;
}

static bool is_simple(size_t n, const mp_obj_t *expression) {
    if (expression[0] == MP_OBJ_NEW_SMALL_INT(EXPRESSION_CONST)) {
        return true;
    }
    for (size_t i = 1; i < n; ++i) {
        if (!mp_obj_is_str(expression[i])) {
            return false;
        }
    }
    return expression[0] == MP_OBJ_NEW_SMALL_INT(EXPRESSION_PATH);
}

// simple_value(node, values): the escaped value of a node that has no filter and whose expression is
// a constant or names one of `values`. None for another one, and where there is none: the template
// says then what is wrong.
static mp_obj_t simple_value(mp_obj_t node_in, mp_obj_t values) {
    mp_obj_t *node, *expression;
    size_t n;
    // Tuples do not change meanwhile, whatever the values do
    tinyweb_check_type(node_in, &mp_type_tuple);
    mp_obj_get_array_fixed_n(node_in, NODE_MEMBERS, &node);
    tinyweb_check_type(node[NODE_EXPRESSION], &mp_type_tuple);
    mp_obj_get_array(node[NODE_EXPRESSION], &n, &expression);
    if (mp_obj_is_true(node[NODE_FILTERS]) || n < 2 || !is_simple(n, expression)
        || !mp_obj_is_dict_or_ordereddict(values)) {
        return mp_const_none;
    }
    mp_obj_t value;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        value = expression[0] == MP_OBJ_NEW_SMALL_INT(EXPRESSION_CONST) ? expression[1]
            : resolve(n, expression, values);
        nlr_pop();
    } else if (mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(((mp_obj_base_t *)nlr.ret_val)->type),
        MP_OBJ_FROM_PTR(&mp_type_Exception))) {
        return mp_const_none;   // it will be raised again
    } else {
        nlr_jump(nlr.ret_val);
    }
    return escape(value);
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_simple_value_obj, simple_value);

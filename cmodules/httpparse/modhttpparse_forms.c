// SPDX-License-Identifier: MIT
//
// Functions over whole strings: percent-encoding, query strings and urlencoded forms, parameters,
// cookies, reason phrases.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"

#include "core/params.h"
#include "core/response.h"
#include "core/urlencoded.h"
#include "modhttpparse.h"

#define PAIRS_EXPECTED_MAX 32

// A copy of data to be changed in place: it may lie in flash, or be bytes that must not change.
static uint8_t *copy(vstr_t *vstr, const void *data, size_t len) {
    vstr_init_len(vstr, len);
    hp_copy((uint8_t *)vstr->buf, data, len);
    return (uint8_t *)vstr->buf;
}

static void unquote(vstr_t *vstr, const void *data, size_t len, bool plus) {
    vstr->len = hp_unquote(copy(vstr, data, len), len, plus);
}

mp_obj_t httpparse_str(const uint8_t *data, size_t len) {
    vstr_t vstr;
    vstr_init_len(&vstr, len + 2 * hp_utf8_bad(data, len));
    hp_utf8_repair((uint8_t *)vstr.buf, data, len);
    return mp_obj_new_str_from_utf8_vstr(&vstr);
}

static mp_obj_t to_str(vstr_t *vstr) {
    const uint8_t *data = (const uint8_t *)vstr->buf;
    if (hp_utf8_bad(data, vstr->len) != 0) {
        mp_obj_t repaired = httpparse_str(data, vstr->len);
        vstr_clear(vstr);
        return repaired;
    }
    return mp_obj_new_str_from_utf8_vstr(vstr);
}

static void unquote_arguments(vstr_t *vstr, size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_plus, MP_ARG_BOOL, {.u_bool = false} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_buffer_info_t data;
    mp_get_buffer_raise(pos_args[0], &data, MP_BUFFER_READ);
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    unquote(vstr, data.buf, data.len, args[0].u_bool);
}

// unquote(data, plus=False) -> bytes
static mp_obj_t httpparse_unquote(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    vstr_t vstr;
    unquote_arguments(&vstr, n_args, pos_args, kw_args);
    return mp_obj_new_bytes_from_vstr(&vstr);
}
MP_DEFINE_CONST_FUN_OBJ_KW(httpparse_unquote_obj, 1, httpparse_unquote);

// unquote_str(data, plus=False) -> str
static mp_obj_t httpparse_unquote_str(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    vstr_t vstr;
    unquote_arguments(&vstr, n_args, pos_args, kw_args);
    return to_str(&vstr);
}
MP_DEFINE_CONST_FUN_OBJ_KW(httpparse_unquote_str_obj, 1, httpparse_unquote_str);

// The first byte from p on that is c, or the end.
static const char *find(const char *p, const char *end, char c) {
    while (p < end && *p != c) {
        ++p;
    }
    return p;
}

// RFC 3986 section 2.3
static bool is_unreserved(uint8_t c) {
    return (uint8_t)((c | 0x20) - 'a') <= 25 || (uint8_t)(c - '0') <= 9 || c == '-' || c == '.'
           || c == '_' || c == '~';
}

// quote(data, safe=b'/') -> str
static mp_obj_t httpparse_quote(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t data;
    mp_buffer_info_t safe = { .buf = (void *)"/", .len = 1 };
    mp_get_buffer_raise(args[0], &data, MP_BUFFER_READ);
    if (n_args > 1) {
        mp_get_buffer_raise(args[1], &safe, MP_BUFFER_READ);
    }
    const char *safe_end = (const char *)safe.buf + safe.len;
    vstr_t vstr;
    vstr_init(&vstr, data.len + 1);
    const uint8_t *p = data.buf;
    for (size_t i = 0; i < data.len; ++i) {
        uint8_t c = p[i];
        size_t len = 1;
        char escape[3] = { (char)c };
        if (!is_unreserved(c) && (c >= 0x80 || find(safe.buf, safe_end, (char)c) == safe_end)) {
            len = 3;
            escape[0] = '%';
            for (unsigned at = 2; at != 0; --at, c >>= 4) {
                unsigned d = c & 15u;
                escape[at] = (char)(d < 10 ? '0' + d : 'A' - 10 + d);
            }
        }
        vstr_add_strn(&vstr, escape, len);
    }
    return mp_obj_new_str_from_utf8_vstr(&vstr);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(httpparse_quote_obj, 1, 2, httpparse_quote);

static mp_obj_t pair_member(const char *p, const char *end) {
    vstr_t vstr;
    unquote(&vstr, p, (size_t)(end - p), true);
    return to_str(&vstr);
}

// A pair's name. One that a program mentions is interned there already, and takes no memory here.
static mp_obj_t pair_name(const char *p, const char *end) {
    if (p != end && find(p, end, '%') == end && find(p, end, '+') == end) {
        qstr name = qstr_find_strn(p, (size_t)(end - p));
        if (name != MP_QSTRnull) {
            return MP_OBJ_NEW_QSTR(name);
        }
    }
    return pair_member(p, end);
}

// How many pairs to make room for: a dict that grows one by one takes several times its size. What
// a client sends may have many pairs of one name.
static size_t expected_pairs(mp_obj_t data_in) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    size_t n = data.len != 0;
    const char *p = data.buf;
    for (size_t i = 0; i < data.len && n < PAIRS_EXPECTED_MAX; ++i) {
        n += p[i] == '&';
    }
    return n;
}

// Walks the pairs of data: into a dict, or into a list when dict is MP_OBJ_NULL.
static void parse_pairs(mp_obj_t data_in, mp_obj_t dict, mp_obj_t list) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    const char *p = data.buf;
    const char *end = p + data.len;
    while (p < end) {
        const char *pair_end = find(p, end, '&');
        if (pair_end != p) {
            const char *name_end = find(p, pair_end, '=');
            mp_obj_t pair[2] = {
                pair_name(p, name_end),
                pair_member(name_end != pair_end ? name_end + 1 : name_end, pair_end),
            };
            if (dict != MP_OBJ_NULL) {
                mp_obj_dict_store(dict, pair[0], pair[1]);
            } else {
                mp_obj_list_append(list, mp_obj_new_tuple(2, pair));
            }
        }
        p = pair_end + 1;
    }
}

// parse_qs(data) -> dict: the last of equal names counts
static mp_obj_t httpparse_parse_qs(mp_obj_t data) {
    mp_obj_t dict = mp_obj_new_dict(expected_pairs(data));
    parse_pairs(data, dict, MP_OBJ_NULL);
    return dict;
}
MP_DEFINE_CONST_FUN_OBJ_1(httpparse_parse_qs_obj, httpparse_parse_qs);

// parse_qsl(data) -> list of (str, str)
static mp_obj_t httpparse_parse_qsl(mp_obj_t data) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    parse_pairs(data, MP_OBJ_NULL, list);
    return list;
}
MP_DEFINE_CONST_FUN_OBJ_1(httpparse_parse_qsl_obj, httpparse_parse_qsl);

// A copy of data to be parsed in place.
static uint8_t *copy_of(mp_obj_t data_in, vstr_t *vstr) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    return copy(vstr, data.buf, data.len);
}

// A token as str, in lower case.
static mp_obj_t lower(uint8_t *p, size_t len) {
    for (size_t i = 0; i < len; ++i) {
        if ((uint8_t)(p[i] - 'A') <= 25) {
            p[i] |= 0x20;
        }
    }
    return httpparse_str(p, len);
}

static mp_map_elem_t *add(mp_obj_t dict, mp_obj_t key) {
    return mp_map_lookup(mp_obj_dict_get_map(dict), key, MP_MAP_LOOKUP_ADD_IF_NOT_FOUND);
}

// parse_params(value) -> (str, dict): RFC 9110 section 5.6.6. A parameter with "*" (RFC 8187) goes
// before the one without it, whose name it gets.
static mp_obj_t httpparse_parse_params(mp_obj_t value_in) {
    vstr_t vstr;
    uint8_t *at = copy_of(value_in, &vstr);
    uint8_t *end = at + vstr.len;
    size_t n = hp_params_value(at, end);
    mp_obj_t result[2] = { lower(at, n), mp_obj_new_dict(0) };
    mp_obj_t extended = mp_obj_new_dict(0);
    hp_pair_t pair;
    hp_result_t e;
    at += n;
    while ((e = hp_params_next(&at, end, &pair)) == HP_PAIR) {
        mp_obj_t dict = result[1];
        if (pair.name_len > 1 && pair.name[pair.name_len - 1] == '*') {
            e = hp_ext_value(&pair);
            if (e == HP_MORE) {
                continue;
            }
            if (e != HP_PAIR) {
                break;
            }
            --pair.name_len;
            dict = extended;
        }
        mp_map_elem_t *elem = add(dict, lower(pair.name, pair.name_len));
        if (elem->value != MP_OBJ_NULL) {
            e = HP_BAD_PARAMETER;
            break;
        }
        elem->value = httpparse_str(pair.value, pair.value_len);
    }
    vstr_clear(&vstr);
    if (e != HP_DONE) {
        httpparse_raise(e);
    }
    const mp_map_t *map = mp_obj_dict_get_map(extended);
    for (size_t i = 0; i < map->alloc; ++i) {
        if (mp_map_slot_is_filled(map, i)) {
            mp_obj_dict_store(result[1], map->table[i].key, map->table[i].value);
        }
    }
    return mp_obj_new_tuple(2, result);
}
MP_DEFINE_CONST_FUN_OBJ_1(httpparse_parse_params_obj, httpparse_parse_params);

// parse_cookies(value) -> dict: the first of equal names counts, clients send the most specific
// cookie first (RFC 6265 section 5.4)
static mp_obj_t httpparse_parse_cookies(mp_obj_t value_in) {
    vstr_t vstr;
    uint8_t *at = copy_of(value_in, &vstr);
    uint8_t *end = at + vstr.len;
    mp_obj_t dict = mp_obj_new_dict(0);
    hp_pair_t pair;
    while (hp_cookies_next(&at, end, &pair) == HP_PAIR) {
        mp_map_elem_t *elem = add(dict, httpparse_str(pair.name, pair.name_len));
        if (elem->value == MP_OBJ_NULL) {
            elem->value = httpparse_str(pair.value, pair.value_len);
        }
    }
    vstr_clear(&vstr);
    return dict;
}
MP_DEFINE_CONST_FUN_OBJ_1(httpparse_parse_cookies_obj, httpparse_parse_cookies);

// reason(status) -> str
static mp_obj_t httpparse_reason(mp_obj_t status) {
    mp_int_t code = mp_obj_get_int(status);
    char text[HP_TEXT_MAX];
    return mp_obj_new_str(text, hp_reason((uint8_t *)text, code < 100 ? 0 : (unsigned)code));
}
MP_DEFINE_CONST_FUN_OBJ_1(httpparse_reason_obj, httpparse_reason);

// SPDX-License-Identifier: MIT
//
// class Request: one connection's requests, parsed from a stream through one fixed buffer.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"

#include "modhttpparse.h"

#define SIZE_MIN 64
#define NAMES_MAX 254

typedef struct {
    mp_obj_base_t base;
    hp_request_t core;
    mp_obj_t names;             // None, True, or the tuple whose names want_field() looks for
    uint32_t discarded;         // by drain(), of this message
    bool busy;                  // a stream is being read
    uintptr_t buf[];
} request_obj_t;

const MP_DEFINE_BYTES_OBJ(httpparse_method_get, "GET", 3);
const MP_DEFINE_BYTES_OBJ(httpparse_method_head, "HEAD", 4);
static const MP_DEFINE_BYTES_OBJ(method_post, "POST", 4);
static const MP_DEFINE_BYTES_OBJ(method_put, "PUT", 3);
static const MP_DEFINE_BYTES_OBJ(method_patch, "PATCH", 5);
static const MP_DEFINE_BYTES_OBJ(method_delete, "DELETE", 6);
static const MP_DEFINE_BYTES_OBJ(method_options, "OPTIONS", 7);
static const MP_DEFINE_BYTES_OBJ(slash, "/", 1);

static const mp_obj_str_t *const methods[] = {
    &httpparse_method_get, &httpparse_method_head, &method_post, &method_put, &method_patch, &method_delete,
    &method_options,
};

// Request(size=512, *, max_head=16384, max_fields=100)
static mp_obj_t request_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
    const mp_obj_t *all_args) {
    enum { ARG_size, ARG_max_head, ARG_max_fields };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_size, MP_ARG_INT, {.u_int = 512} },
        { MP_QSTR_max_head, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 16384} },
        { MP_QSTR_max_fields, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 100} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    size_t size = httpparse_limit(args[ARG_size].u_int, SIZE_MIN, HTTPPARSE_SIZE_MAX);
    uint32_t max_head = httpparse_limit(args[ARG_max_head].u_int, 1, INT32_MAX);
    uint16_t max_fields = (uint16_t)httpparse_limit(args[ARG_max_fields].u_int, 0, 65535);
    request_obj_t *self = httpparse_new(type, offsetof(request_obj_t, buf) + size + HP_BUFFER_PAD);
    self->names = mp_const_none;
    hp_request_init(&self->core, (uint8_t *)self->buf, size, max_head, max_fields);
    return MP_OBJ_FROM_PTR(self);
}

static int want_field(const hp_request_t *r, const uint8_t *name, size_t len) {
    const mp_obj_tuple_t *names = r->want_ctx;
    for (size_t i = 0; i < names->len; ++i) {
        size_t wanted_len;
        const char *wanted = mp_obj_str_get_data(names->items[i], &wanted_len);
        if (wanted_len == len && httpparse_equal(name, wanted, len, HTTPPARSE_ANY_CASE)) {
            return (int)i;
        }
    }
    return -1;
}

// The Request that a method is called on.
static request_obj_t *idle(mp_obj_t self_in) {
    request_obj_t *self = MP_OBJ_TO_PTR(self_in);
    httpparse_check_idle(self->busy);
    return self;
}

hp_request_t *httpparse_request_core(mp_obj_t self_in) {
    return &idle(self_in)->core;
}

static mp_uint_t read_stream(request_obj_t *self, mp_obj_t stream, void *buf, size_t len) {
    self->core.flags |= HP_BROKEN;
    mp_uint_t n = httpparse_read(stream, buf, len, &self->busy);
    self->core.flags &= (uint8_t) ~HP_BROKEN;
    return n;
}

// Reads once into the parser's buffer. False when the stream would block; *eof at its end.
static bool fill(request_obj_t *self, mp_obj_t stream, bool *eof) {
    size_t len;
    uint8_t *space = hp_request_space(&self->core, &len);
    mp_uint_t n = read_stream(self, stream, space, len);
    if (n == MP_STREAM_ERROR) {
        return false;
    }
    *eof = n == 0;
    hp_request_received(&self->core, n);
    return true;
}

// feed(stream) -> None | CLOSED | REQUEST_LINE | HEAD
mp_obj_t httpparse_request_feed(mp_obj_t self_in, mp_obj_t stream) {
    request_obj_t *self = idle(self_in);
    for (;;) {
        hp_result_t e = hp_request_parse(&self->core);
        if (e == HP_REQUEST_LINE || e == HP_HEAD) {
            return MP_OBJ_NEW_SMALL_INT(e == HP_HEAD ? HTTPPARSE_HEAD : HTTPPARSE_REQUEST_LINE);
        }
        if (e != HP_MORE) {
            httpparse_raise(e);
        }
        bool eof;
        if (!fill(self, stream, &eof)) {
            return mp_const_none;
        }
        if (eof) {
            return MP_OBJ_NEW_SMALL_INT(HTTPPARSE_CLOSED);
        }
    }
}
static MP_DEFINE_CONST_FUN_OBJ_2(request_feed_obj, httpparse_request_feed);

// keep(names): a tuple or list of str or bytes, None for nothing, True for everything. It has to
// come before the fields: those that are kept already were kept under other names.
mp_obj_t httpparse_request_keep(mp_obj_t self_in, mp_obj_t names) {
    request_obj_t *self = idle(self_in);
    hp_want_t want = NULL;
    uint32_t bits = 0;
    if (self->core.state > HP_S_FIELDS) {
        mp_raise_ValueError(MP_ERROR_TEXT("keep() comes before the fields"));
    }
    if (names != mp_const_none && names != mp_const_true) {
        size_t n;
        mp_obj_t *items;
        mp_obj_get_array(names, &n, &items);
        if (n > NAMES_MAX) {
            mp_raise_ValueError(MP_ERROR_TEXT("too many names"));
        }
        for (size_t i = 0; i < n; ++i) {
            size_t len;
            const char *name = mp_obj_str_get_data(items[i], &len);
            if (len != 0) {
                uint8_t first;
                hp_copy(&first, name, 1);
                bits |= hp_name_bit(&first, len);
            }
        }
        if (n != 0) {
            want = want_field;
        }
        if (!mp_obj_is_type(names, &mp_type_tuple)) {
            names = mp_obj_new_tuple(n, items);     // what may change must not do so meanwhile
        }
    }
    self->names = names;
    self->core.keep_all = names == mp_const_true;
    self->core.want_ctx = MP_OBJ_TO_PTR(names);
    self->core.want = want;
    self->core.want_bits = bits;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(request_keep_obj, httpparse_request_keep);

static bool is_cookie(mp_obj_t name) {
    size_t len;
    const char *data = mp_obj_str_get_data(name, &len);
    return len == 6 && httpparse_equal(data, "Cookie", 6, HTTPPARSE_ANY_CASE);
}

// headers() -> dict
static mp_obj_t request_headers(mp_obj_t self_in) {
    request_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t dict = mp_obj_new_dict(0);
    if (self->core.state < HP_S_HEAD) {
        return dict;
    }
    const mp_obj_tuple_t *names = MP_OBJ_TO_PTR(self->names);
    uint8_t *at = NULL;
    hp_field_t field;
    while (hp_request_field(&self->core, &at, &field)) {
        mp_obj_t name;
        if (self->core.keep_all) {
            name = mp_obj_new_bytes(field.name, field.name_len);
        } else {
            name = names->items[field.tag];
        }
        mp_map_elem_t *elem = mp_map_lookup(mp_obj_dict_get_map(dict), name, MP_MAP_LOOKUP_ADD_IF_NOT_FOUND);
        if (elem->value == MP_OBJ_NULL) {
            elem->value = mp_obj_new_bytes(field.value, field.value_len);
            continue;
        }
        // The fields come last first: RFC 9110 section 5.2, RFC 9113 section 8.2.3 for Cookie
        size_t more_len;
        const char *more = mp_obj_str_get_data(elem->value, &more_len);
        vstr_t vstr;
        vstr_init(&vstr, field.value_len + 2 + more_len);
        vstr_add_strn(&vstr, (const char *)field.value, field.value_len);
        vstr_add_byte(&vstr, is_cookie(name) ? ';' : ',');
        vstr_add_byte(&vstr, ' ');
        vstr_add_strn(&vstr, more, more_len);
        elem->value = mp_obj_new_bytes_from_vstr(&vstr);
    }
    return dict;
}
static MP_DEFINE_CONST_FUN_OBJ_1(request_headers_obj, request_headers);

size_t httpparse_request_field(mp_obj_t self_in, const char *name, size_t len, hp_field_t *field) {
    const hp_request_t *r = httpparse_request_core(self_in);
    const mp_obj_tuple_t *names = MP_OBJ_TO_PTR(((request_obj_t *)MP_OBJ_TO_PTR(self_in))->names);
    size_t found = 0;
    uint8_t *at = NULL;
    uint8_t *before = NULL;
    uint8_t *first = NULL;
    for (; r->state >= HP_S_HEAD && hp_request_field(r, &at, field); before = at) {
        size_t kept_len = field->name_len;
        const void *kept = field->name;
        if (!r->keep_all) {
            kept = mp_obj_str_get_data(names->items[field->tag], &kept_len);
        }
        if (kept_len == len && httpparse_equal(kept, name, len, HTTPPARSE_AS_SPELLED)) {
            first = before;
            ++found;
        }
    }
    if (found != 0) {
        hp_request_field(r, &first, field);
    }
    return found;
}

static hp_result_t need_head(request_obj_t *self) {
    if (self->core.state < HP_S_HEAD && !(self->core.coding & HP_CODING_TRAILER)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no message"));
    }
    return HP_MORE;
}

mp_obj_t httpparse_request_readinto(mp_obj_t self_in, mp_obj_t stream, mp_obj_t buf, size_t at, size_t most) {
    request_obj_t *self = idle(self_in);
    need_head(self);
    bool python = httpparse_runs_python(stream);
    for (;;) {
        mp_buffer_info_t into;
        mp_get_buffer_raise(buf, &into, MP_BUFFER_WRITE);
        size_t len = into.len < at ? 0 : MIN(into.len - at, most);
        uint8_t *to = (uint8_t *)into.buf + at;
        size_t got;
        hp_result_t e = hp_request_body(&self->core, to, len, &got);
        if (got != 0) {
            return mp_obj_new_int_from_uint(got);
        }
        if (e == HP_DONE) {
            return MP_OBJ_NEW_SMALL_INT(0);
        }
        if (e != HP_MORE) {
            httpparse_raise(e);
        }
        if (len == 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("empty buffer"));
        }
        size_t bypass = python ? 0 : hp_request_bypass(&self->core);
        bool eof;
        if (bypass != 0) {
            mp_uint_t n = read_stream(self, stream, to, bypass < len ? bypass : len);
            if (n == MP_STREAM_ERROR) {
                return mp_const_none;
            }
            eof = n == 0;
            if (!eof) {
                hp_request_bypassed(&self->core, n);
                return mp_obj_new_int_from_uint(n);
            }
        } else if (!fill(self, stream, &eof)) {
            return mp_const_none;
        }
        if (eof) {
            httpparse_raise(hp_request_fail(&self->core, HP_BAD_EOF));
        }
    }
}

// readinto(stream, buf, n=len(buf)) -> None | int
static mp_obj_t request_readinto(size_t n_args, const mp_obj_t *args) {
    mp_int_t most = n_args > 3 ? mp_obj_get_int(args[3]) : -1;
    return httpparse_request_readinto(args[0], args[1], args[2], 0, (size_t)most);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(request_readinto_obj, 3, 4, request_readinto);

// drain(stream, limit) -> True | None | False
static mp_obj_t request_drain(mp_obj_t self_in, mp_obj_t stream, mp_obj_t limit_in) {
    request_obj_t *self = idle(self_in);
    need_head(self);
    mp_int_t limit = mp_obj_get_int(limit_in);
    for (;;) {
        size_t got;
        hp_result_t e = hp_request_body(&self->core, NULL, (size_t)-1, &got);
        self->discarded += (uint32_t)got;
        if (e == HP_DONE) {
            return mp_const_true;
        }
        if (e != HP_MORE) {
            httpparse_raise(e);
        }
        // What is known to be left counts too: no need to read it to see that it is too much
        int32_t left = hp_request_remaining(&self->core);
        uint64_t whole = (uint64_t)self->discarded + (uint32_t)(left > 0 ? left : 0);
        if (limit < 0 || whole > (uint64_t)limit) {
            return mp_const_false;
        }
        bool eof;
        if (!fill(self, stream, &eof)) {
            return mp_const_none;
        }
        if (eof) {
            httpparse_raise(hp_request_fail(&self->core, HP_BAD_EOF));
        }
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(request_drain_obj, request_drain);

static void forget_names(request_obj_t *self) {
    self->names = mp_const_none;
    self->discarded = 0;
}

// next(): the body is read, go on with the next message
mp_obj_t httpparse_request_next(mp_obj_t self_in) {
    request_obj_t *self = idle(self_in);
    if (!hp_request_next(&self->core)) {
        mp_raise_ValueError(MP_ERROR_TEXT("message not read"));
    }
    forget_names(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(request_next_obj, httpparse_request_next);

// reset(): a new connection
mp_obj_t httpparse_request_reset(mp_obj_t self_in) {
    request_obj_t *self = idle(self_in);
    hp_request_reset(&self->core);
    forget_names(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(request_reset_obj, httpparse_request_reset);

static mp_obj_t new_bytes(const uint8_t *from, const uint8_t *to) {
    return from == to ? mp_const_empty_bytes : mp_obj_new_bytes(from, (size_t)(to - from));
}

static mp_obj_t request_method(const hp_request_t *r) {
    const uint8_t *p = hp_request_method(r);
    for (size_t i = 0; i < MP_ARRAY_SIZE(methods); ++i) {
        if (methods[i]->len == r->method_len && httpparse_equal(methods[i]->data, p, r->method_len, HTTPPARSE_AS_SPELLED)) {
            return MP_OBJ_FROM_PTR(methods[i]);
        }
    }
    return mp_obj_new_bytes(p, r->method_len);
}

// The request line's attributes live in the buffer until the fields are parsed.
static mp_obj_t request_line(const hp_request_t *r, qstr attr) {
    if (r->state != HP_S_FIELDS) {
        return mp_const_none;
    }
    if (attr == MP_QSTR_method) {
        return request_method(r);
    }
    if (attr == MP_QSTR_path) {
        // Most pages' path, and what an empty one means (RFC 9110 section 4.2.3), takes no heap.
        size_t len = (size_t)(r->query - r->path);
        bool is_slash = len <= 1 && httpparse_equal(r->path, slash.data, len, HTTPPARSE_AS_SPELLED);
        return is_slash ? MP_OBJ_FROM_PTR(&slash) : new_bytes(r->path, r->query);
    }
    return r->query == r->target_end ? mp_const_empty_bytes : new_bytes(r->query + 1, r->target_end);
}

static mp_obj_t request_load(const request_obj_t *self, qstr attr) {
    const hp_request_t *r = &self->core;
    bool is;
    switch (attr) {
        case MP_QSTR_method:
        case MP_QSTR_path:
        case MP_QSTR_query_string:
            return request_line(r, attr);
        case MP_QSTR_version:
            return MP_OBJ_NEW_SMALL_INT(r->version);
        case MP_QSTR_content_length:
            return r->flags & HP_HAS_LENGTH ? mp_obj_new_int_from_uint(r->content_length) : mp_const_none;
        case MP_QSTR_remaining:
            return mp_obj_new_int(hp_request_remaining(r));
        case MP_QSTR_buffered:
            return MP_OBJ_NEW_SMALL_INT(hp_request_buffered(r));
        case MP_QSTR_chunked:
            is = hp_request_chunked(r);
            break;
        case MP_QSTR_keep_alive:
            is = hp_request_persistent(r);
            break;
        case MP_QSTR_expect:
            is = r->flags & HP_EXPECT;
            break;
        case MP_QSTR_upgrade:
            is = r->flags & HP_UPGRADE;
            break;
        case MP_QSTR_idle:
            is = hp_request_idle(r);
            break;
        case MP_QSTR_broken:
            is = r->flags & HP_BROKEN;
            break;
        default:
            return MP_OBJ_NULL;
    }
    return mp_obj_new_bool(is);
}

mp_obj_t httpparse_request_line(mp_obj_t self_in, qstr name) {
    return request_load(MP_OBJ_TO_PTR(self_in), name);
}

static void request_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] == MP_OBJ_NULL) {
        dest[0] = request_load(MP_OBJ_TO_PTR(self_in), attr);
        if (dest[0] == MP_OBJ_NULL) {
            dest[1] = MP_OBJ_SENTINEL;      // a method: look in the table below
        }
    }
}

static const mp_rom_map_elem_t request_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_feed), MP_ROM_PTR(&request_feed_obj) },
    { MP_ROM_QSTR(MP_QSTR_keep), MP_ROM_PTR(&request_keep_obj) },
    { MP_ROM_QSTR(MP_QSTR_headers), MP_ROM_PTR(&request_headers_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&request_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_drain), MP_ROM_PTR(&request_drain_obj) },
    { MP_ROM_QSTR(MP_QSTR_next), MP_ROM_PTR(&request_next_obj) },
    { MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&request_reset_obj) },
};
static MP_DEFINE_CONST_DICT(request_locals_dict, request_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    httpparse_type_Request,
    MP_QSTR_Request,
    MP_TYPE_FLAG_NONE,
    make_new, request_make_new,
    attr, request_attr,
    locals_dict, &request_locals_dict
    );

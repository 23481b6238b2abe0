// SPDX-License-Identifier: MIT
//
// The record of a request, and what is done for every one in C. Its methods are those of the class
// that the slot was given: frozen/tinyweb/request.py.

#include "py/binary.h"
#include "py/objarray.h"
#include "py/objstr.h"
#include "py/runtime.h"

#include "modhttpparse.h"
#include "modtinyweb.h"
#include "modtinyweb_request.h"

static const MP_DEFINE_BYTES_OBJ(type_form, "application/x-www-form-urlencoded", 33);
static const MP_DEFINE_BYTES_OBJ(field_content_type, "Content-Type", 12);
static const MP_DEFINE_BYTES_OBJ(field_content_encoding, "Content-Encoding", 16);
static const MP_DEFINE_BYTES_OBJ(field_content_range, "Content-Range", 13);
static const MP_DEFINE_BYTES_OBJ(method_put, "PUT", 3);

// Content-Type and Content-Encoding are kept for the form parser, whether the route names them or
// not; for what stores the body of a PUT, that this is not the whole (RFC 9110 section 14.5).
#define KEPT_MAX 3
static const mp_rom_obj_tuple_t kept_fields = {
    { &mp_type_tuple }, 2, { MP_ROM_PTR(&field_content_type), MP_ROM_PTR(&field_content_encoding) },
};
static const mp_rom_obj_tuple_t kept_fields_of_put = {
    { &mp_type_tuple }, KEPT_MAX, {
        MP_ROM_PTR(&field_content_type), MP_ROM_PTR(&field_content_encoding), MP_ROM_PTR(&field_content_range),
    },
};

static const uint32_t request_names[] = {
    MP_QSTR__slot, MP_QSTR__parser, MP_QSTR_method, MP_QSTR_path, MP_QSTR_query_string,
    MP_QSTR_version, MP_QSTR_headers, MP_QSTR_route, MP_QSTR_peer, MP_QSTR__content_type,
    MP_QSTR__max_body_size, MP_QSTR__taken, MP_QSTR__marked, MP_QSTR__due,
};

static tinyweb_record_t *request_of(mp_obj_t handle) {
    return tinyweb_handle_record(handle, &tinyweb_type_request);
}

static void take_fields(tinyweb_record_t *self);

static void request_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    tinyweb_record_t *self = request_of(self_in);
    if (self->fields[REQUEST_HEADERS] == MP_OBJ_SENTINEL && dest[0] == MP_OBJ_NULL
        && (attr == MP_QSTR_headers || attr == MP_QSTR__content_type)) {
        take_fields(self);
    }
    if (attr == MP_QSTR_content_length && dest[0] == MP_OBJ_NULL) {
        dest[0] = mp_load_attr(self->fields[REQUEST_PARSER], attr);
        return;
    }
    tinyweb_record_attr(MP_OBJ_FROM_PTR(self), attr, dest, request_names, REQUEST_PARSER + 1, MP_ARRAY_SIZE(request_names));
    if (dest[1] == MP_OBJ_SENTINEL) {
        tinyweb_record_method(self_in, tinyweb_slot_request_class(self->fields[REQUEST_SLOT]), attr, dest);
    }
}

tinyweb_record_t *tinyweb_request_record(mp_obj_t slot, mp_obj_t parser) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(tinyweb_record_new(NULL, MP_ARRAY_SIZE(request_names)));
    self->fields[REQUEST_SLOT] = slot;
    self->fields[REQUEST_PARSER] = parser;
    return self;
}

void tinyweb_request_peer(tinyweb_record_t *self, mp_obj_t *dest) {
    tinyweb_record_attr(MP_OBJ_FROM_PTR(self), MP_QSTR_peer, dest, request_names, REQUEST_PARSER + 1, MP_ARRAY_SIZE(request_names));
}

void tinyweb_request_take(tinyweb_record_t *self) {
    for (size_t i = REQUEST_METHOD; i <= REQUEST_VERSION; ++i) {
        self->fields[i] = httpparse_request_line(self->fields[REQUEST_PARSER], request_names[i]);
    }
}

static bool contains(mp_obj_t names, mp_obj_t name) {
    return names != mp_const_none && mp_obj_is_true(mp_binary_op(MP_BINARY_OP_IN, name, names));
}

// The method, None where there is no request yet, and the route: TypeError then.
static mp_obj_t method_of(const tinyweb_record_t *self) {
    mp_obj_t method = self->fields[REQUEST_METHOD];
    return method == MP_OBJ_NULL ? mp_const_none : method;
}

static const tinyweb_route_t *route_of(const tinyweb_record_t *self) {
    mp_obj_t route = self->fields[REQUEST_ROUTE];
    return tinyweb_route(route == MP_OBJ_NULL ? mp_const_none : route);
}

static bool is_get(const tinyweb_record_t *self) {
    mp_obj_t get = MP_OBJ_FROM_PTR(&httpparse_method_get);
    return self->fields[REQUEST_METHOD] == get || mp_obj_equal(method_of(self), get);
}

// What the parser has to keep for a handler that wants the fields `names`, a tuple of bytes or None.
static mp_obj_t with_own_fields(const tinyweb_record_t *self, mp_obj_t names) {
    bool put = mp_obj_equal(method_of(self), MP_OBJ_FROM_PTR(&method_put));
    const mp_rom_obj_tuple_t *fields = put ? &kept_fields_of_put : &kept_fields;
    if (names == mp_const_none) {
        return MP_OBJ_FROM_PTR(fields);
    }
    mp_obj_t missing[KEPT_MAX];
    size_t n = 0;
    for (size_t i = 0; i < fields->len; ++i) {
        mp_obj_t name = (mp_obj_t)fields->items[i];
        if (!contains(names, name)) {
            missing[n++] = name;
        }
    }
    return n == 0 ? names : mp_binary_op(MP_BINARY_OP_ADD, names, mp_obj_new_tuple(n, missing));
}

void tinyweb_request_keep(tinyweb_record_t *self) {
    mp_obj_t names = route_of(self)->keep;
    httpparse_request_keep(self->fields[REQUEST_PARSER], is_get(self) ? names : with_own_fields(self, names));
}

// The value of a field that was kept, or MP_OBJ_NULL; the handler does not get it unless its route
// names it.
static mp_obj_t own_field(mp_obj_t headers, mp_obj_t name, mp_obj_t keep) {
    mp_map_elem_t *elem = mp_map_lookup(mp_obj_dict_get_map(headers), name, MP_MAP_LOOKUP);
    if (elem == NULL) {
        return MP_OBJ_NULL;
    }
    mp_obj_t value = elem->value;
    if (!contains(keep, name)) {
        mp_obj_dict_delete(headers, name);
    }
    return value;
}

// Whether the value of Content-Encoding says that the body is as its Content-Type says.
static bool is_identity(mp_obj_t coding) {
    static const char identity[] = "identity";
    size_t len;
    const char *text = mp_obj_str_get_data(coding, &len);
    for (size_t i = 0; i < len; ++i) {
        if (len != sizeof(identity) - 1 || (text[i] | 0x20) != identity[i]) {
            return false;
        }
    }
    return true;
}

// Makes the dict of the fields that the parser has kept.
static void take_fields(tinyweb_record_t *self) {
    const tinyweb_route_t *route = route_of(self);
    mp_obj_t headers = tinyweb_call(self->fields[REQUEST_PARSER], MP_QSTR_headers, 0, NULL);
    mp_map_t *map = mp_obj_dict_get_map(headers);
    self->fields[REQUEST_HEADERS] = headers;
    mp_obj_t keep = route->keep;
    self->fields[REQUEST_CONTENT_TYPE] = own_field(headers, MP_OBJ_FROM_PTR(&field_content_type), keep);
    mp_obj_t coding = own_field(headers, MP_OBJ_FROM_PTR(&field_content_encoding), keep);
    if (coding != MP_OBJ_NULL && !is_identity(coding)) {
        // What parses bodies refuses the type b"" with 415 (RFC 9110 section 15.5.16)
        self->fields[REQUEST_CONTENT_TYPE] = mp_const_empty_bytes;
    }
    if (route->aliases != mp_const_none) {
        size_t n;
        mp_obj_t *aliases, *names;
        mp_obj_get_array(route->aliases, &n, &aliases);
        for (size_t i = 0; i < n; ++i) {
            mp_obj_get_array_fixed_n(aliases[i], 2, &names);
            mp_obj_t alias = names[1];
            mp_map_elem_t *elem = mp_map_lookup(map, names[0], MP_MAP_LOOKUP);
            if (elem != NULL) {
                mp_obj_dict_store(headers, alias, elem->value);
            }
        }
    }
}

// The fields of a GET without a body stay where they are until they are asked for: a handler may read
// none of them.
bool tinyweb_request_begin(tinyweb_record_t *self) {
    bool has_body = hp_request_remaining(httpparse_request_core(self->fields[REQUEST_PARSER])) != 0;
    if (!has_body && is_get(self)) {
        self->fields[REQUEST_HEADERS] = MP_OBJ_SENTINEL;
    } else {
        take_fields(self);
    }
    return has_body;
}

bool tinyweb_request_field(mp_obj_t self_in, const char *name, mp_obj_str_t *value) {
    tinyweb_record_t *self = request_of(self_in);
    size_t name_len = strlen(name);
    if (self->fields[REQUEST_HEADERS] == MP_OBJ_SENTINEL) {
        hp_field_t field;
        size_t lines = httpparse_request_field(self->fields[REQUEST_PARSER], name, name_len, &field);
        if (lines == 1) {
            *value = (mp_obj_str_t) { { &mp_type_bytes }, 0, field.value_len, field.value };
        }
        if (lines < 2) {
            return lines == 1;
        }
        take_fields(self);      // several lines are one value (RFC 9110 section 5.3)
    }
    mp_obj_t headers = self->fields[REQUEST_HEADERS];
    if (headers == MP_OBJ_NULL || !mp_obj_is_dict_or_ordereddict(headers)) {
        return false;       // not read yet, or the application's own
    }
    mp_obj_str_t key = { { &mp_type_bytes }, 0, name_len, (const byte *)name };
    mp_map_elem_t *elem = mp_map_lookup(mp_obj_dict_get_map(headers), MP_OBJ_FROM_PTR(&key), MP_MAP_LOOKUP);
    if (elem == NULL) {
        return false;
    }
    *value = (mp_obj_str_t) { { &mp_type_bytes }, 0, 0, NULL };
    value->data = (const byte *)mp_obj_str_get_data(elem->value, &value->len);
    return true;
}

// expect(request, max_body_size): there is a body. Raises HTTPException(413) if it is known to be larger.
static mp_obj_t request_expect(mp_obj_t self_in, mp_obj_t max_body_size) {
    tinyweb_record_t *self = request_of(self_in);
    self->fields[REQUEST_MAX_BODY_SIZE] = max_body_size;
    self->fields[REQUEST_TAKEN] = MP_OBJ_NEW_SMALL_INT(0);
    self->fields[REQUEST_DUE] = MP_OBJ_NULL;
    mp_obj_t remaining = mp_load_attr(self->fields[REQUEST_PARSER], MP_QSTR_remaining);
    if (mp_obj_is_true(mp_binary_op(MP_BINARY_OP_MORE, remaining, max_body_size))) {
        mp_store_attr(mp_load_attr(self->fields[REQUEST_SLOT], MP_QSTR_response),
            MP_QSTR__keep_alive, mp_const_false);
        tinyweb_raise(413);
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_expect_obj, request_expect);

// A form of this many bytes is read to the stack.
#define FORM_MAX 512

static bool is_small_form(const tinyweb_record_t *self, const hp_request_t *asked) {
    int32_t left = hp_request_remaining(asked);
    return left > 0 && left <= FORM_MAX && !(asked->flags & HP_EXPECT)
           && self->fields[REQUEST_TAKEN] == MP_OBJ_NEW_SMALL_INT(0)
           && self->fields[REQUEST_CONTENT_TYPE] != MP_OBJ_NULL
           && mp_obj_equal(self->fields[REQUEST_CONTENT_TYPE], MP_OBJ_FROM_PTR(&type_form));
}

// small_form(request): what read_parse_form_data() returns, for a form that is there already, as it is
// where it came with the head: it takes no memory but the dict. If some of it is to come, a bytearray
// of its size, whose first _taken bytes are there; None for another body.
static mp_obj_t request_small_form(mp_obj_t self_in) {
    tinyweb_record_t *self = request_of(self_in);
    mp_obj_t parser = self->fields[REQUEST_PARSER];
    const hp_request_t *asked = httpparse_request_core(parser);
    if (!is_small_form(self, asked)) {
        return mp_const_none;
    }
    byte body[FORM_MAX];
    size_t len = (size_t)hp_request_remaining(asked);
    size_t used = 0;
    while (used != len) {
        mp_obj_array_t view = { { &mp_type_bytearray }, BYTEARRAY_TYPECODE, 0, len - used, body + used };
        const mp_obj_t args[] = {
            mp_load_attr(self->fields[REQUEST_SLOT], MP_QSTR_sock), MP_OBJ_FROM_PTR(&view),
        };
        mp_obj_t n = tinyweb_call(parser, MP_QSTR_readinto, 2, args);
        if (n == mp_const_none) {
            break;
        }
        used += (size_t)mp_obj_get_int(n);
    }
    self->fields[REQUEST_TAKEN] = MP_OBJ_NEW_SMALL_INT((mp_int_t)used);
    if (used != len) {
        return mp_obj_new_bytearray(len, body);
    }
    mp_obj_str_t data = { { &mp_type_bytes }, 0, len, body };
    return tinyweb_result(mp_call_function_1(MP_OBJ_FROM_PTR(&httpparse_parse_qs_obj), MP_OBJ_FROM_PTR(&data)));
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_small_form_obj, request_small_form);

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_request,
    MP_QSTR_request,
    MP_TYPE_FLAG_NONE,
    attr, request_attr
    );

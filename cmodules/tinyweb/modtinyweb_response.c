// SPDX-License-Identifier: MIT
//
// The class response that handlers get. What most handlers use is here; the rest are functions of
// frozen modules, which their docstrings describe.

#include "py/objstr.h"
#include "py/runtime.h"

#include "core/response.h"
#include "modhttpparse.h"
#include "modtinyweb.h"
#include "modtinyweb_request.h"

static const MP_DEFINE_STR_OBJ(version_1_0, "1.0");
static const MP_DEFINE_STR_OBJ(version_1_1, "1.1");
static const MP_DEFINE_STR_OBJ(type_html, "text/html; charset=utf-8");
static const MP_DEFINE_STR_OBJ(type_json, "application/json");
static const MP_DEFINE_STR_OBJ(name_content_type, "Content-Type");

enum {
    RESPONSE_SLOT,
    RESPONSE_WRITER,        // an httpparse.Response
    RESPONSE_REQUEST,       // the request's record; this and what is above cannot be changed
    RESPONSE_CODE,
    RESPONSE_VERSION,
    RESPONSE_HEADERS,       // a dict, or an object of a class that is derived from it
    RESPONSE_KEEP_ALIVE,    // whether the connection may persist
    RESPONSE_DATE,
    RESPONSE_HOOK,          // called with the response before its head is made; False: it failed
    RESPONSE_FAILING,       // whether an error handler of the application runs or ran
    RESPONSE_UNAWAITED,     // a coroutine that sends the answer, or a part, and was not begun yet
};

static const uint16_t response_names[] = {
    MP_QSTR__slot, MP_QSTR__writer, MP_QSTR__request, MP_QSTR_code, MP_QSTR_version,
    MP_QSTR_headers, MP_QSTR__keep_alive, MP_QSTR__date,
    MP_QSTR__hook, MP_QSTR__failing, MP_QSTR__unawaited,
};

static tinyweb_record_t *response_of(mp_obj_t handle) {
    return tinyweb_handle_record(handle, &tinyweb_type_response);
}

static mp_obj_t sock_of(const tinyweb_record_t *self) {
    return mp_load_attr(self->fields[RESPONSE_SLOT], MP_QSTR_sock);
}

// The dict of header fields, or of a class that is derived from dict.
static mp_obj_t native_dict(mp_obj_t headers) {
    if (mp_obj_is_dict_or_ordereddict(headers)) {
        return headers;
    }
    return mp_obj_is_obj(headers) ? mp_obj_cast_to_native_base(headers, MP_OBJ_FROM_PTR(&mp_type_dict)) : MP_OBJ_NULL;
}

static void check_headers(mp_obj_t headers) {
    if (native_dict(headers) == MP_OBJ_NULL) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("headers are a dict, not %s"),
            mp_obj_get_type_str(headers));
    }
}

static void response_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    tinyweb_record_t *self = response_of(self_in);
    if (attr == MP_QSTR_headers) {
        if (dest[0] == MP_OBJ_NULL && self->fields[RESPONSE_HEADERS] == MP_OBJ_NULL) {
            self->fields[RESPONSE_HEADERS] = mp_obj_new_dict(0);
        } else if (dest[0] != MP_OBJ_NULL && dest[1] != MP_OBJ_NULL) {
            check_headers(dest[1]);
        }
    } else if (attr == MP_QSTR__request && dest[0] == MP_OBJ_NULL) {
        dest[0] = mp_load_attr(self->fields[RESPONSE_SLOT], MP_QSTR_request);
        return;
    }
    tinyweb_record_attr(MP_OBJ_FROM_PTR(self), attr, dest, response_names, RESPONSE_REQUEST + 1, MP_ARRAY_SIZE(response_names));
}

void tinyweb_response_reset(tinyweb_record_t *self) {
    httpparse_response_reset(self->fields[RESPONSE_WRITER]);
    self->extra = MP_OBJ_NULL;
    self->fields[RESPONSE_CODE] = MP_OBJ_NEW_SMALL_INT(200);
    self->fields[RESPONSE_VERSION] = MP_OBJ_FROM_PTR(&version_1_1);
    self->fields[RESPONSE_HEADERS] = MP_OBJ_NULL;
    self->fields[RESPONSE_KEEP_ALIVE] = mp_const_false;
    self->fields[RESPONSE_DATE] = MP_OBJ_NULL;
    self->fields[RESPONSE_HOOK] = MP_OBJ_NULL;
    self->fields[RESPONSE_FAILING] = MP_OBJ_NULL;
    self->fields[RESPONSE_UNAWAITED] = MP_OBJ_NULL;
    // An error may come before the request line, and must not find that of another client
    tinyweb_record_t *request = MP_OBJ_TO_PTR(self->fields[RESPONSE_REQUEST]);
    for (size_t i = REQUEST_METHOD; i <= REQUEST_ROUTE; ++i) {
        request->fields[i] = MP_OBJ_NULL;
    }
    request->fields[REQUEST_CONTENT_TYPE] = MP_OBJ_NULL;
    request->extra = MP_OBJ_NULL;
}

bool tinyweb_response_is_plain(mp_obj_t self_in) {
    const tinyweb_record_t *self = response_of(self_in);
    return self->fields[RESPONSE_HOOK] == MP_OBJ_NULL && self->fields[RESPONSE_HEADERS] == MP_OBJ_NULL;
}

tinyweb_record_t *tinyweb_response_record(mp_obj_t slot, mp_obj_t writer, tinyweb_record_t *request) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(tinyweb_record_new(NULL, MP_ARRAY_SIZE(response_names)));
    self->fields[RESPONSE_SLOT] = slot;
    self->fields[RESPONSE_WRITER] = writer;
    self->fields[RESPONSE_REQUEST] = MP_OBJ_FROM_PTR(request);
    tinyweb_response_reset(self);
    return self;
}

void tinyweb_response_last(tinyweb_record_t *self) {
    self->fields[RESPONSE_KEEP_ALIVE] = mp_const_false;
}

// add_header(key, value): value is str, bytes or int, or a list or tuple of these.
static mp_obj_t response_add_header(mp_obj_t self_in, mp_obj_t key, mp_obj_t value) {
    mp_obj_subscr(mp_load_attr(self_in, MP_QSTR_headers), key, value);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(response_add_header_obj, response_add_header);

static bool is_content_type(mp_obj_t name_in) {
    size_t len;
    const char *name = mp_obj_str_get_data(name_in, &len);
    static const char content_type[] = "content-type";
    if (len != sizeof(content_type) - 1) {
        return false;
    }
    for (size_t i = 0; i < len; ++i) {
        if ((name[i] | 0x20) != content_type[i]) {
            return false;
        }
    }
    return true;
}

static bool is_http_1_0(mp_obj_t version) {
    return mp_obj_equal(version, MP_OBJ_FROM_PTR(&version_1_0));
}

// A list or tuple of values makes as many fields, as Set-Cookie needs (RFC 9110 section 5.3).
static void add_field(mp_obj_t writer, mp_obj_t name, mp_obj_t value) {
    if (!mp_obj_is_type(value, &mp_type_list) && !mp_obj_is_type(value, &mp_type_tuple)) {
        httpparse_response_header(writer, name, value);
        return;
    }
    size_t n;
    mp_obj_t *items;
    mp_obj_get_array(value, &n, &items);
    for (size_t i = 0; i < n; ++i) {
        httpparse_response_header(writer, name, items[i]);
    }
}

// Whether the body will stay unread, as far as that can be known: RFC 9112 section 9.6 wants the
// response to announce the close that follows from it. After Expect nobody can tell whether the
// client sends a body that was not asked for (RFC 9110 section 10.1.1).
static bool unread_for_ever(const tinyweb_record_t *request, const hp_request_t *asked) {
    int32_t left = hp_request_remaining(asked);
    return left > TINYWEB_DRAIN_BYTES || (left != 0 && (asked->flags & HP_EXPECT)
        && request->fields[REQUEST_TAKEN] == MP_OBJ_NEW_SMALL_INT(0));
}

static bool is_awaited(const tinyweb_record_t *self) {
    mp_obj_t coro = self->fields[RESPONSE_UNAWAITED];
    return coro == MP_OBJ_NULL || coro == mp_const_none;
}

static void check_open(const tinyweb_record_t *self, const hp_response_t *core) {
    if (core->flags & HP_W_STARTED) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("response already started"));
    }
    if (!is_awaited(self)) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("an await is missing: the answer was begun without it"));
    }
}

// A hook that fails is not called again: the answer to that must not fail for it, too.
static void call_hook(mp_obj_t self_in, const hp_response_t *core) {
    tinyweb_record_t *self = response_of(self_in);
    mp_obj_t hook = self->fields[RESPONSE_HOOK];
    if (hook != MP_OBJ_NULL && hook != mp_const_false) {
        self->fields[RESPONSE_HOOK] = mp_const_false;
        mp_call_function_1(hook, self_in);
        check_open(self, core);
        self->fields[RESPONSE_HOOK] = hook;
    }
}

// Status line and fields go to the writer's buffer; they leave with the first part of the body,
// when it is known how that is framed. content_type is a default, or None.
static void start(mp_obj_t self_in, mp_obj_t content_type) {
    tinyweb_record_t *self = response_of(self_in);
    mp_obj_t writer = self->fields[RESPONSE_WRITER];
    hp_response_t *core = httpparse_response_core(writer);
    const tinyweb_record_t *request = MP_OBJ_TO_PTR(self->fields[RESPONSE_REQUEST]);
    check_open(self, core);
    call_hook(self_in, core);
    const hp_request_t *asked = httpparse_request_core(request->fields[REQUEST_PARSER]);
    mp_int_t status = mp_obj_get_int(self->fields[RESPONSE_CODE]);
    // Of the interim ones only 101 ends a response, and only where a client asked for it
    if ((status < 200 && !(status == 101 && (asked->flags & HP_UPGRADE))) || status > 599) {
        mp_raise_ValueError(MP_ERROR_TEXT("bad status"));
    }
    // An error may come before the request line: then there is neither method nor version
    bool head = request->fields[REQUEST_METHOD] == MP_OBJ_FROM_PTR(&httpparse_method_head);
    unsigned version = request->fields[REQUEST_VERSION] == MP_OBJ_NEW_SMALL_INT(10) ? 10 : 11;
    bool keep_alive = mp_obj_is_true(self->fields[RESPONSE_KEEP_ALIVE]);
    if (is_http_1_0(self->fields[RESPONSE_VERSION])) {
        version = 10;
        keep_alive = false;
    }
    if (keep_alive && (unread_for_ever(request, asked) || tinyweb_slot_closes(self->fields[RESPONSE_SLOT]))) {
        keep_alive = false;
    }
    hp_response_begin(core, (unsigned)status, version, keep_alive, head);
    if (self->fields[RESPONSE_DATE] != mp_const_none && self->fields[RESPONSE_DATE] != MP_OBJ_NULL) {
        httpparse_response_header(writer, MP_OBJ_NEW_QSTR(MP_QSTR_Date), self->fields[RESPONSE_DATE]);
    }
    mp_obj_t headers = self->fields[RESPONSE_HEADERS];
    if (headers != MP_OBJ_NULL) {
        mp_map_t *map = mp_obj_dict_get_map(native_dict(headers));
        for (size_t i = 0; i < map->alloc; ++i) {
            if (mp_map_slot_is_filled(map, i)) {
                if (content_type != mp_const_none && is_content_type(map->table[i].key)) {
                    content_type = mp_const_none;
                }
                add_field(writer, map->table[i].key, map->table[i].value);
            }
        }
    }
    if (content_type != mp_const_none) {
        httpparse_response_header(writer, MP_OBJ_FROM_PTR(&name_content_type), content_type);
    }
}

// _start(content_type=None)
static mp_obj_t response_start(size_t n_args, const mp_obj_t *args) {
    start(args[0], n_args > 1 ? args[1] : mp_const_none);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(response_start_obj, 1, 2, response_start);

// start_html(): start an HTML response. Coroutine.
static mp_obj_t response_start_html(mp_obj_t self_in) {
    start(self_in, MP_OBJ_FROM_PTR(&type_html));
    return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
}
static MP_DEFINE_CONST_FUN_OBJ_1(response_start_html_obj, response_start_html);

// start_json(): start a JSON response. Coroutine.
static mp_obj_t response_start_json(mp_obj_t self_in) {
    start(self_in, MP_OBJ_FROM_PTR(&type_json));
    return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
}
static MP_DEFINE_CONST_FUN_OBJ_1(response_start_json_obj, response_start_json);

// _send_headers(): what applications of the original server call to start a response by hand.
static mp_obj_t response_send_headers(mp_obj_t self_in) {
    start(self_in, mp_const_none);
    return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
}
static MP_DEFINE_CONST_FUN_OBJ_1(response_send_headers_obj, response_send_headers);

TINYWEB_LAZY(response_send_rest_obj, "tinyweb.replies", MP_QSTR_send_rest);
TINYWEB_LAZY(response_send_next_obj, "tinyweb.replies", MP_QSTR_send_next);
TINYWEB_LAZY(response_flush_rest_obj, "tinyweb.replies", MP_QSTR_flush_rest);
TINYWEB_LAZY(response_after_obj, "tinyweb.replies", MP_QSTR_after);
TINYWEB_LAZY(response_cors_obj, "tinyweb.replies", MP_QSTR_add_access_control_headers);
TINYWEB_LAZY(response_answer_obj, "tinyweb.values", MP_QSTR_answer);

// A coroutine that sends something is kept until it begins, when it sets _unawaited to None: what a
// handler forgets to await is done when it returns, or before what it does next.
static mp_obj_t unawaited(mp_obj_t self_in, mp_obj_t coro) {
    tinyweb_record_t *self = response_of(self_in);
    if (!is_awaited(self)) {
        const mp_obj_t args[] = { self->fields[RESPONSE_UNAWAITED], coro };
        coro = tinyweb_lazy_call(MP_OBJ_FROM_PTR(&response_after_obj), 2, 0, args);
    }
    return self->fields[RESPONSE_UNAWAITED] = coro;
}

// Methods that are such coroutines
static mp_obj_t answering_call(mp_obj_t method_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    const tinyweb_lazy_t *method = MP_OBJ_TO_PTR(method_in);
    mp_obj_t coro = tinyweb_lazy_call(method_in, n_args, n_kw, args);
    if (method->function == MP_QSTR_error) {
        response_of(args[0])->fields[RESPONSE_UNAWAITED] = MP_OBJ_NULL;     // it replaces everything
    }
    return unawaited(args[0], coro);
}

static MP_DEFINE_CONST_OBJ_TYPE(
    answering_type,
    MP_QSTR_function,
    MP_TYPE_FLAG_BINDS_SELF,
    call, answering_call
    );

#define ANSWERING(object, module, function) \
    static const tinyweb_lazy_t object = { { &answering_type }, function, module }

ANSWERING(response_redirect_obj, "tinyweb.replies", MP_QSTR_redirect);
ANSWERING(response_error_obj, "tinyweb.replies", MP_QSTR_error);
ANSWERING(response_send_file_obj, "tinyweb.files", MP_QSTR_send_file);

// _end(): the handler has returned: None, or a coroutine that it has not awaited, and that has to run
static mp_obj_t response_end(mp_obj_t self_in) {
    tinyweb_record_t *self = response_of(self_in);
    if (!is_awaited(self)) {
        mp_obj_t coro = self->fields[RESPONSE_UNAWAITED];
        self->fields[RESPONSE_UNAWAITED] = MP_OBJ_NULL;
        return coro;
    }
    if (!(httpparse_response_core(self->fields[RESPONSE_WRITER])->flags & HP_W_STARTED)) {
        start(self_in, mp_const_none);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(response_end_obj, response_end);

// send(payload): send str or a bytes-like object as the next part of the body. Coroutine.
//
// Small parts are collected: they leave together, at the latest when the handler returns.
static mp_obj_t response_send(mp_obj_t self_in, mp_obj_t payload) {
    tinyweb_record_t *self = response_of(self_in);
    mp_obj_t writer = self->fields[RESPONSE_WRITER];
    if (!is_awaited(self)) {
        const mp_obj_t next[] = { self_in, payload };
        return unawaited(self_in, tinyweb_lazy_call(MP_OBJ_FROM_PTR(&response_send_next_obj), 2, 0, next));
    }
    if (!(httpparse_response_core(writer)->flags & HP_W_STARTED)) {
        start(self_in, mp_const_none);
    }
    mp_obj_t args[3] = { writer, sock_of(self), payload };
    mp_obj_t at = httpparse_response_write(3, args);
    if (at == mp_const_none) {
        return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
    }
    args[0] = self_in;
    args[1] = payload;
    args[2] = at;
    return unawaited(self_in, tinyweb_lazy_call(MP_OBJ_FROM_PTR(&response_send_rest_obj), 3, 0, args));
}
static MP_DEFINE_CONST_FUN_OBJ_2(response_send_obj, response_send);

// flush(): send what send() has collected. Coroutine.
static mp_obj_t response_flush(mp_obj_t self_in) {
    tinyweb_record_t *self = response_of(self_in);
    if (is_awaited(self)
        && httpparse_response_flush(self->fields[RESPONSE_WRITER], sock_of(self)) != mp_const_none) {
        return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
    }
    return unawaited(self_in, tinyweb_lazy_call(MP_OBJ_FROM_PTR(&response_flush_rest_obj), 1, 0, &self_in));
}
static MP_DEFINE_CONST_FUN_OBJ_1(response_flush_obj, response_flush);

mp_obj_t tinyweb_response_part(mp_obj_t self_in, mp_obj_t part) {
    tinyweb_record_t *self = response_of(self_in);
    const tinyweb_record_t *request = MP_OBJ_TO_PTR(self->fields[RESPONSE_REQUEST]);
    if (!(httpparse_response_core(self->fields[RESPONSE_WRITER])->flags & HP_W_STARTED)) {
        start(self_in, MP_OBJ_FROM_PTR(&type_html));
    }
    if (request->fields[REQUEST_METHOD] == MP_OBJ_FROM_PTR(&httpparse_method_head)) {
        // Nobody reads the body, which may be endless: it is complete
        tinyweb_raise(0);
    }
    return response_send(self_in, part);
}

void tinyweb_response_push(mp_obj_t slot) {
    mp_obj_t writer = mp_load_attr(slot, MP_QSTR_writer);
    if ((httpparse_response_core(writer)->flags & (HP_W_STARTED | HP_W_FINISHED)) == HP_W_STARTED) {
        httpparse_response_flush(writer, mp_load_attr(slot, MP_QSTR_sock));
    }
}

static const mp_rom_map_elem_t response_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_start_html), MP_ROM_PTR(&response_start_html_obj) },
    { MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&response_send_obj) },
    { MP_ROM_QSTR(MP_QSTR__end), MP_ROM_PTR(&response_end_obj) },
    { MP_ROM_QSTR(MP_QSTR__start), MP_ROM_PTR(&response_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_start_json), MP_ROM_PTR(&response_start_json_obj) },
    { MP_ROM_QSTR(MP_QSTR__send_headers), MP_ROM_PTR(&response_send_headers_obj) },
    { MP_ROM_QSTR(MP_QSTR_add_header), MP_ROM_PTR(&response_add_header_obj) },
    { MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&response_flush_obj) },
    { MP_ROM_QSTR(MP_QSTR__answer), MP_ROM_PTR(&response_answer_obj) },
    { MP_ROM_QSTR(MP_QSTR_redirect), MP_ROM_PTR(&response_redirect_obj) },
    { MP_ROM_QSTR(MP_QSTR_error), MP_ROM_PTR(&response_error_obj) },
    { MP_ROM_QSTR(MP_QSTR_send_file), MP_ROM_PTR(&response_send_file_obj) },
    { MP_ROM_QSTR(MP_QSTR_add_access_control_headers), MP_ROM_PTR(&response_cors_obj) },
};
static MP_DEFINE_CONST_DICT(response_locals_dict, response_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_response,
    MP_QSTR_response,
    MP_TYPE_FLAG_NONE,
    attr, response_attr,
    locals_dict, &response_locals_dict
    );

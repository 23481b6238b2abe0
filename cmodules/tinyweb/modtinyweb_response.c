// SPDX-License-Identifier: MIT
//
// The record of a response, and what most responses use, in C. Its methods are those of the class that
// the slot was given: frozen/tinyweb/response.py.

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
    RESPONSE_DUE,           // when the client must have taken more
};

static const uint32_t response_names[] = {
    MP_QSTR__slot, MP_QSTR__writer, MP_QSTR__request, MP_QSTR_code, MP_QSTR_version,
    MP_QSTR_headers, MP_QSTR__keep_alive, MP_QSTR__date,
    MP_QSTR__hook, MP_QSTR__failing, MP_QSTR__unawaited, MP_QSTR__due,
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
    mp_obj_t dict = mp_obj_is_obj(headers)
        ? mp_obj_cast_to_native_base(headers, MP_OBJ_FROM_PTR(&mp_type_dict)) : MP_OBJ_NULL;
    // Before dict.__init__() an object of such a class has none
    return dict != MP_OBJ_NULL && mp_obj_is_dict_or_ordereddict(dict) ? dict : MP_OBJ_NULL;
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
    if (dest[1] == MP_OBJ_SENTINEL) {
        tinyweb_record_method(self_in, tinyweb_slot_response_class(self->fields[RESPONSE_SLOT]), attr, dest);
    }
}

tinyweb_record_t *tinyweb_response_request(const tinyweb_record_t *self) {
    return MP_OBJ_TO_PTR(self->fields[RESPONSE_REQUEST]);
}

mp_obj_t tinyweb_response_due(const tinyweb_record_t *self) {
    return self->fields[RESPONSE_DUE];
}

void tinyweb_response_taken(mp_obj_t handle_in) {
    tinyweb_check_type(handle_in, &tinyweb_type_response);
    const tinyweb_handle_t *handle = MP_OBJ_TO_PTR(handle_in);
    if (handle->record != NULL) {
        handle->record->fields[RESPONSE_DUE] = MP_OBJ_NULL;
    }
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
    self->fields[RESPONSE_DUE] = MP_OBJ_NULL;
    // An error may come before the request line, and must not find that of another client
    tinyweb_record_t *request = MP_OBJ_TO_PTR(self->fields[RESPONSE_REQUEST]);
    for (size_t i = REQUEST_METHOD; i <= REQUEST_ROUTE; ++i) {
        request->fields[i] = MP_OBJ_NULL;
    }
    request->fields[REQUEST_CONTENT_TYPE] = MP_OBJ_NULL;
    request->fields[REQUEST_DUE] = MP_OBJ_NULL;
    request->extra = MP_OBJ_NULL;
}

void tinyweb_response_begin(tinyweb_record_t *self, bool keep_alive, mp_obj_t date) {
    self->fields[RESPONSE_KEEP_ALIVE] = mp_obj_new_bool(keep_alive);
    self->fields[RESPONSE_DATE] = date;
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

// add_header(response, key, value): value is str, bytes or int, or a list or tuple of these.
static mp_obj_t response_add_header(mp_obj_t self_in, mp_obj_t key, mp_obj_t value) {
    if (mp_obj_is_true(mp_load_attr(mp_load_attr(self_in, MP_QSTR__writer), MP_QSTR_started))) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("add_header() comes before start_html(), start_json() and send()"));
    }
    mp_obj_subscr(mp_load_attr(self_in, MP_QSTR_headers), key, value);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(tinyweb_add_header_obj, response_add_header);

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
// client sends a body that was not asked for (RFC 9110 section 10.1.1). How much of a chunked body
// is left nobody can tell either: where an error has ended the request, it is not waited for.
static bool unread_for_ever(const tinyweb_record_t *request, const hp_request_t *asked, mp_int_t status) {
    int32_t left = hp_request_remaining(asked);
    return left > TINYWEB_DRAIN_BYTES || (left < 0 && status >= 400) || (left != 0 && (asked->flags & HP_EXPECT)
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

// The application's fields, and Content-Type if they have none; content_type is that default, or None.
static void add_headers(mp_obj_t writer, mp_obj_t headers, mp_obj_t content_type) {
    if (headers != MP_OBJ_NULL) {
        check_headers(headers);
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
    if (keep_alive && (unread_for_ever(request, asked, status) || tinyweb_slot_closes(self->fields[RESPONSE_SLOT]))) {
        keep_alive = false;
    }
    hp_response_begin(core, (unsigned)status, version, keep_alive, head);
    if (self->fields[RESPONSE_DATE] != mp_const_none && self->fields[RESPONSE_DATE] != MP_OBJ_NULL) {
        httpparse_response_header(writer, MP_OBJ_NEW_QSTR(MP_QSTR_Date), self->fields[RESPONSE_DATE]);
    }
    add_headers(writer, self->fields[RESPONSE_HEADERS], content_type);
}

// start(response, content_type=None): make the head; content_type is a default
static mp_obj_t response_start(size_t n_args, const mp_obj_t *args) {
    start(args[0], n_args > 1 ? args[1] : mp_const_none);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_start_obj, 1, 2, response_start);

// start_html(response): start an HTML response. Coroutine.
static mp_obj_t response_start_html(mp_obj_t self_in) {
    start(self_in, MP_OBJ_FROM_PTR(&type_html));
    return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_start_html_obj, response_start_html);

// start_json(response): start a JSON response. Coroutine.
static mp_obj_t response_start_json(mp_obj_t self_in) {
    start(self_in, MP_OBJ_FROM_PTR(&type_json));
    return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_start_json_obj, response_start_json);

// send_headers(response): what applications of the original server call to start a response by hand.
static mp_obj_t response_send_headers(mp_obj_t self_in) {
    start(self_in, mp_const_none);
    return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_send_headers_obj, response_send_headers);

// later(response, coro): keep a coroutine that sends something until it begins, when it sets _unawaited
// to None: what a handler forgets to await is done when it returns, or before what it does next.
static mp_obj_t response_later(mp_obj_t self_in, mp_obj_t coro) {
    tinyweb_record_t *self = response_of(self_in);
    if (!is_awaited(self)) {
        const mp_obj_t args[] = { self->fields[RESPONSE_UNAWAITED], coro };
        coro = tinyweb_call(self_in, MP_QSTR__after, 2, args);
    }
    return self->fields[RESPONSE_UNAWAITED] = coro;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_later_obj, response_later);

// end(response): the handler has returned: None, or a coroutine that it has not awaited, and that has to run
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
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_end_obj, response_end);

// send(response, payload): send str or a bytes-like object as the next part of the body. Coroutine.
//
// Small parts are collected: they leave together, at the latest when the handler returns.
static mp_obj_t response_send(mp_obj_t self_in, mp_obj_t payload) {
    tinyweb_record_t *self = response_of(self_in);
    mp_obj_t writer = self->fields[RESPONSE_WRITER];
    if (!is_awaited(self)) {
        return response_later(self_in, tinyweb_call(self_in, MP_QSTR__send_next, 1, &payload));
    }
    if (!(httpparse_response_core(writer)->flags & HP_W_STARTED)) {
        start(self_in, mp_const_none);
    }
    mp_obj_t args[3] = { writer, sock_of(self), payload };
    mp_obj_t at = httpparse_response_write(3, args);
    if (at == mp_const_none) {
        return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
    }
    args[0] = payload;
    args[1] = at;
    return response_later(self_in, tinyweb_call(self_in, MP_QSTR__send_rest, 2, args));
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_send_obj, response_send);

// flush(response): send what send() has collected. Coroutine.
static mp_obj_t response_flush(mp_obj_t self_in) {
    tinyweb_record_t *self = response_of(self_in);
    if (is_awaited(self)
        && httpparse_response_flush(self->fields[RESPONSE_WRITER], sock_of(self)) != mp_const_none) {
        return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
    }
    return response_later(self_in, tinyweb_call(self_in, MP_QSTR__flush_rest, 0, NULL));
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_flush_obj, response_flush);

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

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_response,
    MP_QSTR_response,
    MP_TYPE_FLAG_NONE,
    attr, response_attr
    );

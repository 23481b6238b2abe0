// SPDX-License-Identifier: MIT
//
// What the files of the module _tinyweb share.
#ifndef TINYWEB_MODTINYWEB_H
#define TINYWEB_MODTINYWEB_H

#include "py/objstr.h"

// Whether the frames of WebSockets are there
#ifndef TINYWEB_WEBSOCKET
#define TINYWEB_WEBSOCKET (1)
#endif

// The largest rest of a body that a slot reads to keep the connection. What is larger is announced
// as the connection's end.
#define TINYWEB_DRAIN_BYTES 4096

// The fallback release, MicroPython 1.25, has it under its old name.
#ifndef MP_NORETURN
#define MP_NORETURN NORETURN
#endif

// A record is an object whose attributes are known when the firmware is built: it takes one word
// for each, and its class lies in flash. A class made by Python takes some 25 bytes of heap for
// each method, and an instance two words or more for each attribute.
typedef struct {
    mp_obj_base_t base;
    mp_obj_t extra;         // dict of attributes that the application added, or MP_OBJ_NULL
    mp_obj_t fields[];
} tinyweb_record_t;

// The attribute handler of a record type: names[i] is the attribute in fields[i]. A field that
// is MP_OBJ_NULL reads as None. The first n_fixed cannot be changed from Python: C relies on what
// they are.
void tinyweb_record_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest, const uint16_t *names,
    size_t n_fixed, size_t n);

mp_obj_t tinyweb_record_new(const mp_obj_type_t *type, size_t n_fields);

// What an application gets of a record that is used again: one block of the heap, which loses its
// record when its time is over. Whoever has kept it finds nothing of what comes next.
typedef struct {
    mp_obj_base_t base;
    tinyweb_record_t *record;
} tinyweb_handle_t;

mp_obj_t tinyweb_handle_new(const mp_obj_type_t *type, tinyweb_record_t *record);

// The record of a handle of this type; raises RuntimeError where its time is over.
tinyweb_record_t *tinyweb_handle_record(mp_obj_t handle, const mp_obj_type_t *type);

// The time of a handle is over, if there is one: *handle becomes MP_OBJ_NULL.
void tinyweb_handle_end(mp_obj_t *handle);

// The records of the slots' requests and responses.
tinyweb_record_t *tinyweb_request_record(mp_obj_t slot, mp_obj_t parser);
tinyweb_record_t *tinyweb_response_record(mp_obj_t slot, mp_obj_t writer, tinyweb_record_t *request);

// The client's address is `peer`.
void tinyweb_request_peer(tinyweb_record_t *request, mp_obj_t peer);
mp_obj_t tinyweb_request_get_peer(const tinyweb_record_t *request);

// Whether the connection of `slot` shall end with the response whose head is made now.
bool tinyweb_slot_closes(mp_obj_t slot);

// What the last request and response have left is forgotten.
void tinyweb_response_reset(tinyweb_record_t *response);

// The connection ends with this response.
void tinyweb_response_last(tinyweb_record_t *response);

// Raises TypeError if obj is not of this type.
void tinyweb_check_type(mp_obj_t obj, const mp_obj_type_t *type);

// A method that is a function of a frozen module, imported when it is first called: until then
// it costs no heap.
typedef struct {
    mp_obj_base_t base;
    qstr function;
    const char *module;
} tinyweb_lazy_t;

extern const mp_obj_type_t tinyweb_type_lazy;

// Calls it, with the arguments as they are.
mp_obj_t tinyweb_lazy_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args);

#define TINYWEB_LAZY(object, module, function) \
    static const tinyweb_lazy_t object = { { &tinyweb_type_lazy }, function, module }

// A function of C that is a method of classes written in Python, too, which built-in functions are
// not.
typedef struct {
    mp_obj_base_t base;
    uint16_t n_args;        // self included
    bool more;              // whether any number of others may follow
    mp_obj_t (*function)(size_t n_args, const mp_obj_t *args);
} tinyweb_method_t;

extern const mp_obj_type_t tinyweb_type_method;

// Prints an object as json.dumps() does.
void tinyweb_print_json(const mp_print_t *print, mp_obj_t obj);

// A coroutine that has finished: what a coroutine returns that did not need to wait.
extern const mp_obj_base_t tinyweb_done_obj;

// The same with a value that it returns.
mp_obj_t tinyweb_result(mp_obj_t value);

// Sends part, str or bytes-like, as the next part of the body; starts an HTML response where none
// is. Returns the coroutine that does the rest. Raises HTTPException(0) for HEAD: it is complete.
mp_obj_t tinyweb_response_part(mp_obj_t response, mp_obj_t part);

// Sends what a slot's response has collected as far as that needs no waiting.
void tinyweb_response_push(mp_obj_t slot);

MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_parts_obj);
// The value of a request's field `name`, spelled as the route asks for it; false where it has none.
bool tinyweb_request_field(mp_obj_t request, const char *name, mp_obj_str_t *value);

// Whether nobody has header fields of a response to see or to change: neither hooks nor its handler.
bool tinyweb_response_is_plain(mp_obj_t response);

// Raises HTTPException(code).
MP_NORETURN void tinyweb_raise(unsigned code);

// Whether Accept-Encoding allows a coding, in lower case (RFC 9110 section 12.5.3).
bool tinyweb_accepts(const mp_obj_str_t *field, const char *coding);

// Whether a path without a slash at its start may be looked for: none of its segments is empty (the
// last may be), hidden or '..', has a backslash, a control character or what was no UTF-8, or looks
// like a short name that FAT gives a long one.
bool tinyweb_is_safe(const uint8_t *name, size_t len);

// Whether there is a file whose path is `path` and `ending`.
#define TINYWEB_PATH_MAX 512
bool tinyweb_is_file(const char *path, size_t len, const char *ending);

// The media type by the extension of a name, with charset where it is text. It may lie in `kind`, which
// has TINYWEB_TYPE_SIZE bytes.
#define TINYWEB_TYPE_SIZE 40
mp_obj_str_t tinyweb_media_type(const char *name, size_t len, char *kind);

// Whether a list of entity-tags has this one, in a weak comparison or a strong one (RFC 9110 section
// 8.8.3.2).
bool tinyweb_lists(const mp_obj_str_t *field, const mp_obj_str_t *etag, bool weak);

// Whether the time of a file's last modification, in seconds, tells contents apart.
bool tinyweb_is_settled(uint32_t mtime);

// The HTTP-date of a time, written to `to`, which has TINYWEB_DATE_SIZE bytes.
#define TINYWEB_DATE_SIZE 48
mp_obj_str_t tinyweb_date(char *to, uint32_t seconds);

MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_is_file_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_is_settled_obj);
MP_DECLARE_CONST_FUN_OBJ_3(tinyweb_lists_obj);
extern const tinyweb_method_t tinyweb_site_obj;
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_media_type_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_http_date_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_accept_obj);
MP_DECLARE_CONST_FUN_OBJ_0(tinyweb_heap_obj);
extern const tinyweb_method_t tinyweb_find_obj;
extern const tinyweb_method_t tinyweb_date_obj;
extern const tinyweb_method_t tinyweb_resource_obj;
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_json_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_has_long_number_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_escape_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_simple_value_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_event_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_find_pattern_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_for_method_obj);
MP_DECLARE_CONST_FUN_OBJ_3(tinyweb_match_obj);
extern const mp_obj_str_t tinyweb_path_segment;

// Calls the method `name` of an object with n values, three at most.
mp_obj_t tinyweb_call(mp_obj_t self, qstr name, size_t n, const mp_obj_t *values);

// The module tinyweb.aio, and those of its functions that C calls.
extern const mp_obj_module_t tinyweb_aio_module;
mp_obj_t tinyweb_aio_writable(mp_obj_t stream);
mp_obj_t tinyweb_aio_pause(mp_obj_t ms);
bool tinyweb_aio_is_parked(mp_obj_t task);
mp_obj_t tinyweb_aio_arm(mp_obj_t task, mp_obj_t stream);
mp_obj_t tinyweb_aio_disarm(mp_obj_t task);
mp_obj_t tinyweb_aio_cancel(mp_obj_t task);
mp_obj_t tinyweb_aio_ready(mp_obj_t stream);

// Whether a task waits until `stream` can be read.
bool tinyweb_aio_is_read(mp_obj_t stream);

// The task that runs; raises RuntimeError where none does.
mp_obj_t tinyweb_aio_current_task(void);

// Whether a task is in a queue: what the current one yields is a wait then.
bool tinyweb_aio_waits(mp_obj_t task);

// Forgets the modules whose import has found no memory.
void tinyweb_aio_mend(void);

extern const mp_obj_type_t tinyweb_type_HTTPException;
extern const mp_obj_type_t tinyweb_type_frames;
extern const mp_obj_type_t tinyweb_type_request;
extern const mp_obj_type_t tinyweb_type_response;
extern const mp_obj_type_t tinyweb_type_slot;
extern const mp_obj_type_t tinyweb_type_transport;

#endif // TINYWEB_MODTINYWEB_H

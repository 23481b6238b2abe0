// SPDX-License-Identifier: MIT
//
// What the files of the module _tinyweb share.
#ifndef TINYWEB_MODTINYWEB_H
#define TINYWEB_MODTINYWEB_H

#include "py/objstr.h"

// Whether what only tinyweb.uploads needs is there
#ifndef TINYWEB_UPLOADS
#define TINYWEB_UPLOADS (1)
#endif

// Whether the frames of WebSockets are there
#ifndef TINYWEB_WEBSOCKET
#define TINYWEB_WEBSOCKET (1)
#endif

// Whether program() is there, which only tinyweb.device needs
#ifndef TINYWEB_PROGRAM
#define TINYWEB_PROGRAM (MICROPY_ENABLE_COMPILER)
#endif

// Whether the loop has turns beside a program, and the prompt a second terminal
#ifndef TINYWEB_BACKGROUND
#define TINYWEB_BACKGROUND (MICROPY_PY_OS_DUPTERM)
#endif

// Whether verify() is there, which needs mbedTLS
#ifndef TINYWEB_SIGNATURE
#define TINYWEB_SIGNATURE (MICROPY_PY_SSL && MICROPY_SSL_MBEDTLS)
#endif

// A board may name a pin, TINYWEB_RESET_PIN, which removes the settings where it is held at ground for 5 s
// from the start on, or from a moment on that comes within so many ms.
#ifndef TINYWEB_RESET_WINDOW
#define TINYWEB_RESET_WINDOW (0)
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
// they are. The names are words, which lie in flash and are compared one after the other.
void tinyweb_record_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest, const uint32_t *names,
    size_t n_fixed, size_t n);

// Where that leaves dest[1] as MP_OBJ_SENTINEL: the method of that name that `class_in`, a class
// written in Python, has for `self_in`. Its functions of C are bound, too.
void tinyweb_record_method(mp_obj_t self_in, mp_obj_t class_in, qstr attr, mp_obj_t *dest);

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

// The class that a slot's request or response has its methods from.
mp_obj_t tinyweb_slot_request_class(mp_obj_t slot);
mp_obj_t tinyweb_slot_response_class(mp_obj_t slot);

// The records of the slots' requests and responses.
tinyweb_record_t *tinyweb_request_record(mp_obj_t slot, mp_obj_t parser);
tinyweb_record_t *tinyweb_response_record(mp_obj_t slot, mp_obj_t writer, tinyweb_record_t *request);

// The record of the request that a response's record answers.
tinyweb_record_t *tinyweb_response_request(const tinyweb_record_t *response);

// When the client must have taken more of a response, ticks_ms(); None or MP_OBJ_NULL where no task waits
// for that. And none does any more, if the handle's time is not over.
mp_obj_t tinyweb_response_due(const tinyweb_record_t *response);
void tinyweb_response_taken(mp_obj_t handle);

// Loads or stores the attribute `peer`, the client's address.
void tinyweb_request_peer(tinyweb_record_t *request, mp_obj_t *dest);

// What a slot does with its request: takes over the request line from the parser; has the parser keep
// what the route wants; takes over what it has kept. Whether a body follows.
void tinyweb_request_take(tinyweb_record_t *request);
void tinyweb_request_keep(tinyweb_record_t *request);
bool tinyweb_request_begin(tinyweb_record_t *request);

// The same with its response: whether the connection may persist, and the value of Date.
void tinyweb_response_begin(tinyweb_record_t *response, bool keep_alive, mp_obj_t date);

// The value of Date for a server, or None.
mp_obj_t tinyweb_server_date(mp_obj_t server);

// Whether the connection of `slot` shall end with the response whose head is made now.
bool tinyweb_slot_closes(mp_obj_t slot);

// What the last request and response have left is forgotten.
void tinyweb_response_reset(tinyweb_record_t *response);

// Raises TypeError if obj is not of this type.
void tinyweb_check_type(mp_obj_t obj, const mp_obj_type_t *type);

// A route is what a URL has for some methods. These are its members, in C and in Python:
//
//   handler        what answers: called with the request, the response, and the URL's parameters
//   methods        tuple of bytes
//   keep           tuple of the field-names (bytes) that the handler wants, or None
//   aliases        ((kept name, the application's spelling), ...) where these differ, or None
//   max_body_size  in bytes
//   cors_origins   str, or an object that says all about CORS
//   cors_headers   str
//   cors_methods   str
//   hooks          None, or what surrounds the handler
//   next           another route of the same URL, or None
#define TINYWEB_ROUTE(MEMBER) \
    MEMBER(handler) MEMBER(methods) MEMBER(keep) MEMBER(aliases) MEMBER(max_body_size) \
    MEMBER(cors_origins) MEMBER(cors_headers) MEMBER(cors_methods) MEMBER(hooks) MEMBER(next)

#define TINYWEB_ROUTE_MEMBER(name) mp_obj_t name;
typedef struct {
    mp_obj_base_t base;
    TINYWEB_ROUTE(TINYWEB_ROUTE_MEMBER)
} tinyweb_route_t;

// Raises TypeError if obj is no route.
const tinyweb_route_t *tinyweb_route(mp_obj_t obj);

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

// Whether it is the coroutine of a slot's task, in the middle of a step.
bool tinyweb_parts_is_running(mp_obj_t coro);

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

// The longest path that is looked for.
#define TINYWEB_PATH_MAX 512

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

MP_DECLARE_CONST_FUN_OBJ_3(tinyweb_enter_obj);
MP_DECLARE_CONST_FUN_OBJ_3(tinyweb_move_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_within_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_settle_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_resume_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_expired_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_ended_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_close_obj);
MP_DECLARE_CONST_FUN_OBJ_3(tinyweb_open_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_forget_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_feed_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_route_request_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_begin_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_finish_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_wait_for_next_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_free_slot_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_stall_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_is_settled_obj);
MP_DECLARE_CONST_FUN_OBJ_3(tinyweb_lists_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_site_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_media_type_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_http_date_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_hash_content_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_accept_obj);
MP_DECLARE_CONST_FUN_OBJ_0(tinyweb_heap_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_program_obj);
MP_DECLARE_CONST_FUN_OBJ_3(tinyweb_verify_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_improv_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_find_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_date_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_expect_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_small_form_obj);
MP_DECLARE_CONST_FUN_OBJ_3(tinyweb_add_header_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_start_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_start_html_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_start_json_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_send_headers_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_later_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_send_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_flush_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_end_obj);
MP_DECLARE_CONST_FUN_OBJ_2(tinyweb_json_obj);
MP_DECLARE_CONST_FUN_OBJ_1(tinyweb_dumps_obj);
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
// The task that runs; raises RuntimeError where none does.
mp_obj_t tinyweb_aio_current_task(void);
// A coroutine is about to end: the task whose own it is must be in no queue then.
void tinyweb_aio_ends(mp_obj_t coro);

// Whether obj is a task; and the same, raising TypeError if it is none.
bool tinyweb_aio_is_task(mp_obj_t obj);
void tinyweb_aio_check_task(mp_obj_t obj);

// Whether a task is in a queue: what the current one yields is a wait then.
bool tinyweb_aio_waits(mp_obj_t task);

// Whether a task waits until a stream can be read.
bool tinyweb_aio_is_read(mp_obj_t stream);

// Whether a task is parked, or waits for a stream; and to let one that is wait for a stream.
bool tinyweb_aio_is_parked(mp_obj_t task);
mp_obj_t tinyweb_aio_arm(mp_obj_t task, mp_obj_t stream);

// time.ticks_ms(), and a sum or difference of such times.
mp_uint_t tinyweb_ticks_ms(void);
#define TINYWEB_TICKS(x) ((mp_uint_t)(x) & (MICROPY_PY_TIME_TICKS_PERIOD - 1))

// Lets asyncio.core tell whether its loop runs, and what Ctrl-C is while it has a turn.
void tinyweb_background_install(mp_obj_t core);
// Gives the loop a turn; false where it runs already, or cannot now.
bool tinyweb_background_turn(void);
// Whether `c` is Ctrl-C during a turn: the program is interrupted when that ends.
bool tinyweb_background_interrupts(int c);

extern const mp_obj_type_t tinyweb_type_turns;
extern const mp_obj_type_t tinyweb_type_terminal;

// Whether a stream can be read without waiting, as far as it tells.
bool tinyweb_aio_ready(mp_obj_t stream);

// Waits, for the task that runs: until `stream` can be read, until it is armed, for the others' turn.
mp_obj_t tinyweb_aio_readable(mp_obj_t stream);
mp_obj_t tinyweb_aio_park(void);
mp_obj_t tinyweb_aio_pass_on(void);

// Forgets the modules whose import has found no memory.
void tinyweb_aio_mend(void);

extern const mp_obj_type_t tinyweb_type_HTTPException;
extern const mp_obj_type_t tinyweb_type_frames;
extern const mp_obj_type_t tinyweb_type_reception;
extern const mp_obj_type_t tinyweb_type_request;
extern const mp_obj_type_t tinyweb_type_response;
extern const mp_obj_type_t tinyweb_type_route;
extern const mp_obj_type_t tinyweb_type_slot;
extern const mp_obj_type_t tinyweb_type_transfer;
extern const mp_obj_type_t tinyweb_type_transport;

#endif // TINYWEB_MODTINYWEB_H

// SPDX-License-Identifier: MIT
//
// What the binding's files share.
#ifndef HTTPPARSE_MODHTTPPARSE_H
#define HTTPPARSE_MODHTTPPARSE_H

#include <string.h>

#include "py/objarray.h"
#include "py/stream.h"

#include "core/httpparse.h"
#include "core/response.h"

extern const mp_obj_type_t httpparse_type_Error;
extern const mp_obj_type_t httpparse_type_Request;
extern const mp_obj_type_t httpparse_type_Response;
extern const mp_obj_type_t httpparse_type_Multipart;
extern const mp_obj_type_t httpparse_type_Urlencoded;

// What Request.method gives for GET and HEAD: always these objects.
extern const struct _mp_obj_str_t httpparse_method_get;
extern const struct _mp_obj_str_t httpparse_method_head;

MP_DECLARE_CONST_FUN_OBJ_KW(httpparse_unquote_obj);
MP_DECLARE_CONST_FUN_OBJ_KW(httpparse_unquote_str_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(httpparse_quote_obj);
MP_DECLARE_CONST_FUN_OBJ_1(httpparse_parse_qs_obj);
MP_DECLARE_CONST_FUN_OBJ_1(httpparse_parse_qsl_obj);
MP_DECLARE_CONST_FUN_OBJ_1(httpparse_parse_params_obj);
MP_DECLARE_CONST_FUN_OBJ_1(httpparse_parse_cookies_obj);
MP_DECLARE_CONST_FUN_OBJ_1(httpparse_reason_obj);
MP_DECLARE_CONST_FUN_OBJ_1(httpparse_argument_names_obj);

// What Request.feed(), Multipart.parse() and Urlencoded.parse() return: the core's results.
enum {
    HTTPPARSE_CLOSED = HP_MORE,     // at the stream's end
    HTTPPARSE_REQUEST_LINE = HP_REQUEST_LINE,
    HTTPPARSE_HEAD = HP_HEAD,
    HTTPPARSE_PART = HP_PART,
    HTTPPARSE_DATA = HP_DATA,
    HTTPPARSE_PART_END = HP_PART_END,
    HTTPPARSE_PAIR = HP_PAIR,
    HTTPPARSE_END = HP_DONE,
};

// The fallback release, MicroPython 1.25, has it under its old name.
#ifndef MP_NORETURN
#define MP_NORETURN NORETURN
#endif

// Raises httpparse.Error for a core's error result.
MP_NORETURN void httpparse_raise(hp_result_t e);

// One read from a stream, or one write to it: the number of bytes, 0 at its end, or
// MP_STREAM_ERROR when it would block. Other errors raise OSError.
//
// *busy is set meanwhile: a stream written in Python runs byte code, which may call the object
// whose *busy it is.
mp_uint_t httpparse_read(mp_obj_t stream, void *buf, size_t len, bool *busy);
mp_uint_t httpparse_write(mp_obj_t stream, const void *buf, size_t len, bool *busy);

// Raises RuntimeError if busy: the object is in the middle of a call to its stream.
void httpparse_check_idle(bool busy);

// Whether a stream is written in Python: it may change the size of the application's buffer while
// it reads or writes, so that no pointer into that outlives the call.
bool httpparse_runs_python(mp_obj_t stream);

// One of the above, None for HP_MORE; raises httpparse.Error for an error.
mp_obj_t httpparse_event(hp_result_t e);

// A limit that the application gives: raises ValueError if n is less than min or more than max.
uint32_t httpparse_limit(mp_int_t n, uint32_t min, uint32_t max);

// The largest buffer.
#define HTTPPARSE_SIZE_MAX 32768

// A new object of `size` bytes, which are 0 behind its type.
void *httpparse_new(const mp_obj_type_t *type, size_t size);

// Whether two names of one length are equal, in any case or as they are spelled. They may lie in flash.
#define HTTPPARSE_AS_SPELLED 0
#define HTTPPARSE_ANY_CASE 0x20
bool httpparse_equal(const void *name, const void *other, size_t len, unsigned fold);

// A str of UTF-8 data in RAM, each byte that is none replaced by U+FFFD.
mp_obj_t httpparse_str(const uint8_t *data, size_t len);

// *view as a memoryview of p[0..len), which lies in self, an object's memory. Made at the first
// call and changed by later ones, so that a slice costs no allocation.
mp_obj_t httpparse_view(mp_obj_array_t **view, void *self, const uint8_t *p, size_t len, bool writable);

// For other C modules: the state of a Request and of a Response, and methods as functions. They
// raise RuntimeError while a stream that it has called runs; those of a Response raise TypeError for
// another object, those of a Request have to be called with one.
hp_request_t *httpparse_request_core(mp_obj_t self_in);
hp_response_t *httpparse_response_core(mp_obj_t self_in);
void httpparse_response_reset(mp_obj_t self_in);
mp_obj_t httpparse_request_feed(mp_obj_t self_in, mp_obj_t stream);
mp_obj_t httpparse_request_keep(mp_obj_t self_in, mp_obj_t names);
mp_obj_t httpparse_request_next(mp_obj_t self_in);
mp_obj_t httpparse_request_reset(mp_obj_t self_in);

// readinto(), which puts `most` bytes at most behind the first `at` ones of buf.
mp_obj_t httpparse_request_readinto(mp_obj_t self_in, mp_obj_t stream, mp_obj_t buf, size_t at, size_t most);

// method, path, query_string or version of a Request.
mp_obj_t httpparse_request_line(mp_obj_t self_in, qstr name);

// How many lines of the field `name`, spelled as it was asked for, a Request has kept; *field is the
// first of them. It lies in the buffer until the next message.
size_t httpparse_request_field(mp_obj_t self_in, const char *name, size_t len, hp_field_t *field);

mp_obj_t httpparse_response_header(mp_obj_t self_in, mp_obj_t name, mp_obj_t value);
mp_obj_t httpparse_response_write(size_t n_args, const mp_obj_t *args);
mp_obj_t httpparse_response_readfrom(size_t n_args, const mp_obj_t *args);
mp_obj_t httpparse_response_flush(mp_obj_t self_in, mp_obj_t stream);
mp_obj_t httpparse_response_finish(mp_obj_t self_in, mp_obj_t stream);

#endif // HTTPPARSE_MODHTTPPARSE_H

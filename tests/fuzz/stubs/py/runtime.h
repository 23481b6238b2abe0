// SPDX-License-Identifier: MIT
//
// What modtinyweb_improv.c uses of MicroPython, for fuzz_improv_packets.c, which defines the functions.
#ifndef TINYWEB_FUZZ_STUBS_H
#define TINYWEB_FUZZ_STUBS_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t byte;
typedef uintptr_t mp_uint_t;
typedef const void *mp_obj_t;

#define MP_OBJ_NULL ((mp_obj_t)NULL)
#define MP_OBJ_FROM_PTR(p) ((mp_obj_t)(p))
#define MP_OBJ_NEW_SMALL_INT(n) ((mp_obj_t)(uintptr_t)(n))
#define MP_QSTR_answer (1)
#define MP_STREAM_POLL_RD (1)
#define MP_BUFFER_READ (1)
#define MP_DEFINE_CONST_FUN_OBJ_2(name, f) mp_obj_t(*const name)(mp_obj_t, mp_obj_t) = f

// Exceptions
typedef struct _nlr_buf_t {
    struct _nlr_buf_t *previous;
    mp_obj_t ret_val;
    jmp_buf jump;
} nlr_buf_t;
extern nlr_buf_t *nlr_top;
#define nlr_push(buf) ((buf)->previous = nlr_top, nlr_top = (buf), setjmp((buf)->jump))
#define nlr_pop() ((void)(nlr_top = nlr_top->previous))

// Objects
typedef struct {
    size_t room;
    size_t len;
    byte *data;
} vstr_t;
typedef struct {
    const void *buf;
    size_t len;
} mp_buffer_info_t;
extern const mp_obj_t mp_const_none, mp_const_true;
extern const int mp_plat_print;
void vstr_init(vstr_t *vstr, size_t room);
void vstr_add_byte(vstr_t *vstr, byte c);
mp_obj_t mp_obj_new_bytes_from_vstr(vstr_t *vstr);
int mp_obj_get_int(mp_obj_t object);
void mp_get_buffer_raise(mp_obj_t object, mp_buffer_info_t *info, int flags);
int qstr_from_str(const char *text);
mp_obj_t mp_import_name(int name, mp_obj_t from, mp_obj_t level);
mp_obj_t mp_load_attr(mp_obj_t object, int name);
mp_obj_t mp_call_function_1(mp_obj_t f, mp_obj_t argument);
void mp_obj_print_exception(const int *print, mp_obj_t exception);
void mp_raise_ValueError(const char *text);

// The terminal
typedef int ringbuf_t;
extern int mp_interrupt_char;
int ringbuf_peek(ringbuf_t *buf);
void mp_event_wait_ms(mp_uint_t ms);
void readline_init(vstr_t *line, const char *prompt);
int readline_process_char(int c);

#endif // TINYWEB_FUZZ_STUBS_H

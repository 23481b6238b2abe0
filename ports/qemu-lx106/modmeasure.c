// SPDX-License-Identifier: MIT
// The module measure: what a count of instructions needs and Python code would disturb.
// docs/emulator.md describes it.

#include <string.h>

#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "clock.h"
#include "event.h"
#include "netif.h"
#include "responder.h"

#define MARKS_MAX (256)
// What one TCP segment brings a socket on this board and on the chip.
#define SEGMENT (536)

// -----------------------------------------------------------------------------
// Marks: the cycle counter at points of a program, kept without using the heap.

static struct {
    uint32_t cycles;
    uint32_t phase;
} marks[MARKS_MAX];
static size_t marks_used;

static void mark(uint32_t phase) {
    if (marks_used < MARKS_MAX) {
        marks[marks_used].phase = phase;
        marks[marks_used].cycles = clock_cycles();
        ++marks_used;
    }
}

// measure.mark(phase): the phase of this number, 0 or more, begins.
static mp_obj_t measure_mark(mp_obj_t phase) {
    mark((uint32_t)mp_obj_get_int(phase));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(measure_mark_obj, measure_mark);

// measure.marks(): [(phase, cycles until the next mark), ...], and forgets them. The
// last mark only ends the phase before it.
static mp_obj_t measure_marks(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (size_t i = 1; i < marks_used; ++i) {
        mp_obj_t items[2] = {
            MP_OBJ_NEW_SMALL_INT(marks[i - 1].phase),
            mp_obj_new_int_from_uint(marks[i].cycles - marks[i - 1].cycles),
        };
        mp_obj_list_append(list, mp_obj_new_tuple(2, items));
    }
    marks_used = 0;
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(measure_marks_obj, measure_marks);

// -----------------------------------------------------------------------------
// measure.probe(f, before, after=None): a function that does what f does between two
// marks. As an attribute of a class it is a method.

typedef struct _probe_obj_t {
    mp_obj_base_t base;
    mp_obj_t function;
    mp_int_t before;
    mp_int_t after;
} probe_obj_t;

static mp_obj_t probe_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 2, 3, false);
    probe_obj_t *self = mp_obj_malloc(probe_obj_t, type);
    self->function = args[0];
    self->before = mp_obj_get_int(args[1]);
    self->after = n_args > 2 ? mp_obj_get_int(args[2]) : -1;
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t probe_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    probe_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mark((uint32_t)self->before);
    mp_obj_t result = mp_call_function_n_kw(self->function, n_args, n_kw, args);
    if (self->after >= 0) {
        mark((uint32_t)self->after);
    }
    return result;
}

static MP_DEFINE_CONST_OBJ_TYPE(
    probe_type,
    MP_QSTR_probe,
    MP_TYPE_FLAG_BINDS_SELF,
    make_new, probe_make_new,
    call, probe_call
    );

// -----------------------------------------------------------------------------
// measure.Connection(request, answer): a socket whose client sends the bytes `request`
// and whose answer goes to the bytearray `answer`; `length` bytes of it are written. The
// first poll that finds it readable is a mark of phase 1, the first read one of phase 2,
// close() one of phase 0.

typedef struct _connection_obj_t {
    mp_obj_base_t base;
    mp_obj_t request;
    mp_obj_t answer;
    size_t read;
    size_t written;
    bool polled;
    bool closed;
} connection_obj_t;

static mp_obj_t connection_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    mp_buffer_info_t info;
    mp_get_buffer_raise(args[0], &info, MP_BUFFER_READ);
    mp_get_buffer_raise(args[1], &info, MP_BUFFER_WRITE);
    connection_obj_t *self = mp_obj_malloc(connection_obj_t, type);
    self->request = args[0];
    self->answer = args[1];
    self->read = 0;
    self->written = 0;
    self->polled = false;
    self->closed = false;
    return MP_OBJ_FROM_PTR(self);
}

static mp_uint_t connection_read(mp_obj_t self_in, void *buf, mp_uint_t size, int *errcode) {
    connection_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_buffer_info_t request;
    mp_get_buffer_raise(self->request, &request, MP_BUFFER_READ);
    if (self->read == 0) {
        mark(2);
    }
    if (self->read == request.len) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    size = MIN(size, SEGMENT - self->read % SEGMENT);
    size = MIN(size, request.len - self->read);
    memcpy(buf, (const char *)request.buf + self->read, size);
    self->read += size;
    return size;
}

static mp_uint_t connection_write(mp_obj_t self_in, const void *buf, mp_uint_t size, int *errcode) {
    connection_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_buffer_info_t answer;
    mp_get_buffer_raise(self->answer, &answer, MP_BUFFER_WRITE);
    if (size > answer.len - self->written) {
        *errcode = MP_ENOSPC;
        return MP_STREAM_ERROR;
    }
    memcpy((char *)answer.buf + self->written, buf, size);
    self->written += size;
    return size;
}

static mp_uint_t connection_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *errcode) {
    connection_obj_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
        case MP_STREAM_POLL: {
            mp_buffer_info_t info;
            mp_get_buffer_raise(self->request, &info, MP_BUFFER_READ);
            if (self->read == info.len) {
                return arg & MP_STREAM_POLL_WR;
            }
            if (!self->polled && (arg & MP_STREAM_POLL_RD)) {
                self->polled = true;
                mark(1);
            }
            return arg & (MP_STREAM_POLL_RD | MP_STREAM_POLL_WR);
        }
        case MP_STREAM_CLOSE:
            if (!self->closed) {
                self->closed = true;
                mark(0);
            }
            return 0;
        default:
            *errcode = MP_EINVAL;
            return MP_STREAM_ERROR;
    }
}

static void connection_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    connection_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (attr == MP_QSTR_length) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(self->written);
    } else if (attr == MP_QSTR_closed) {
        dest[0] = mp_obj_new_bool(self->closed);
    } else {
        dest[1] = MP_OBJ_SENTINEL;
    }
}

static const mp_rom_map_elem_t connection_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&mp_stream_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&mp_stream_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_readline), MP_ROM_PTR(&mp_stream_unbuffered_readline_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&mp_stream_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
};
static MP_DEFINE_CONST_DICT(connection_locals, connection_locals_table);

static const mp_stream_p_t connection_stream = {
    .read = connection_read,
    .write = connection_write,
    .ioctl = connection_ioctl,
};

static MP_DEFINE_CONST_OBJ_TYPE(
    connection_type,
    MP_QSTR_Connection,
    MP_TYPE_FLAG_NONE,
    make_new, connection_make_new,
    attr, connection_attr,
    protocol, &connection_stream,
    locals_dict, &connection_locals
    );

// -----------------------------------------------------------------------------

// measure.lose(port): the board hears nothing more of the client at this port; 0 ends that.
static mp_obj_t measure_lose(mp_obj_t port) {
    netif_lose((uint16_t)mp_obj_get_int(port));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(measure_lose_obj, measure_lose);

// measure.sleepless(yes): whether the CPU runs on while the board waits, for bench/emulated.py.
static mp_obj_t measure_sleepless(mp_obj_t yes) {
    event_sleepless = mp_obj_is_true(yes);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(measure_sleepless_obj, measure_sleepless);

static const mp_rom_map_elem_t measure_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_measure) },
    { MP_ROM_QSTR(MP_QSTR_mark), MP_ROM_PTR(&measure_mark_obj) },
    { MP_ROM_QSTR(MP_QSTR_marks), MP_ROM_PTR(&measure_marks_obj) },
    { MP_ROM_QSTR(MP_QSTR_probe), MP_ROM_PTR(&probe_type) },
    { MP_ROM_QSTR(MP_QSTR_lose), MP_ROM_PTR(&measure_lose_obj) },
    { MP_ROM_QSTR(MP_QSTR_sleepless), MP_ROM_PTR(&measure_sleepless_obj) },
    { MP_ROM_QSTR(MP_QSTR_respond), MP_ROM_PTR(&measure_respond_obj) },
    { MP_ROM_QSTR(MP_QSTR_tell), MP_ROM_PTR(&measure_tell_obj) },
    { MP_ROM_QSTR(MP_QSTR_Connection), MP_ROM_PTR(&connection_type) },
};
static MP_DEFINE_CONST_DICT(measure_globals, measure_globals_table);

const mp_obj_module_t mp_module_measure = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&measure_globals,
};

MP_REGISTER_MODULE(MP_QSTR_measure, mp_module_measure);

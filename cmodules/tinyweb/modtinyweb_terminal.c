// SPDX-License-Identifier: MIT
//
// A second terminal of the prompt: what os.dupterm() gets, for a client in the network.

#include <string.h>

#include "py/mperrno.h"
#include "py/ringbuf.h"
#include "py/runtime.h"
#include "py/smallint.h"
#include "py/stream.h"
#include "shared/runtime/interrupt_char.h"

#include "modtinyweb.h"

#if TINYWEB_BACKGROUND

// How long a program waits until a client has taken something, in ms. Then it waits no more.
#define PATIENCE (1000)

// What has been typed; the ports' headers that declare it need the vendor's SDK.
extern ringbuf_t stdin_ringbuf;

typedef struct {
    mp_obj_base_t base;
    mp_obj_t output;        // the stream that tells what the prompt has printed
    bool closed;
    bool cut;               // something had no room
    bool stalled;           // nothing was taken for PATIENCE
    bool interrupted;       // what was typed interrupts the loop
    uint16_t size;
    uint16_t first;
    uint16_t length;
    uint8_t buf[];
} terminal_t;

typedef struct {
    mp_obj_base_t base;
    terminal_t *terminal;
} output_t;

// Output: from the prompt to the client

static size_t keep(terminal_t *self, const uint8_t *data, size_t size) {
    size_t kept = MIN(size, (size_t)(self->size - self->length));
    for (size_t i = 0; i < kept; ++i) {
        self->buf[(self->first + self->length + i) % self->size] = data[i];
    }
    self->length = (uint16_t)(self->length + kept);
    return kept;
}

// Lets the tasks send something of it; false where they cannot, or the client does not take it.
static bool make_room(terminal_t *self) {
    mp_uint_t start = tinyweb_ticks_ms();
    bool turned = false;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        while ((turned = tinyweb_background_turn()) && !self->closed && self->length == self->size
               && TINYWEB_TICKS(tinyweb_ticks_ms() - start) < PATIENCE) {
            mp_event_wait_ms(1);
        }
        nlr_pop();
    } else {
        // Ctrl-C, most likely: os.dupterm() would give up the terminal, so the program gets it later.
        mp_sched_exception(MP_OBJ_FROM_PTR(nlr.ret_val));
        return self->length < self->size;
    }
    if (turned && self->length == self->size) {
        self->stalled = true;
    }
    return self->length < self->size;
}

static mp_uint_t terminal_write(mp_obj_t self_in, const void *data, mp_uint_t size, int *error) {
    (void)error;
    terminal_t *self = MP_OBJ_TO_PTR(self_in);
    for (size_t at = 0; !self->closed;) {
        at += keep(self, (const uint8_t *)data + at, size - at);
        if (at == size) {
            break;
        }
        if (self->stalled || !make_room(self)) {
            self->cut = true;
            break;
        }
    }
    // Whoever prints is not to know: the serial line has all of it.
    return size;
}

static mp_uint_t terminal_read(mp_obj_t self_in, void *data, mp_uint_t size, int *error) {
    (void)self_in;
    (void)data;
    (void)size;
    // What is typed is put where the serial line puts it.
    *error = MP_EAGAIN;
    return MP_STREAM_ERROR;
}

static mp_uint_t terminal_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *error) {
    terminal_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
        case MP_STREAM_POLL:
            return arg & MP_STREAM_POLL_WR;
        case MP_STREAM_CLOSE:
            self->closed = true;
            return 0;
        default:
            *error = MP_EINVAL;
            return MP_STREAM_ERROR;
    }
}

static mp_uint_t output_read(mp_obj_t self_in, void *data, mp_uint_t size, int *error) {
    terminal_t *terminal = ((output_t *)MP_OBJ_TO_PTR(self_in))->terminal;
    size_t n = MIN(size, (size_t)terminal->length);
    if (n == 0 && !terminal->closed) {
        *error = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    for (size_t i = 0; i < n; ++i) {
        ((uint8_t *)data)[i] = terminal->buf[terminal->first];
        terminal->first = (uint16_t)((terminal->first + 1) % terminal->size);
    }
    terminal->length = (uint16_t)(terminal->length - n);
    terminal->stalled = false;
    return n;
}

static mp_uint_t output_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *error) {
    terminal_t *terminal = ((output_t *)MP_OBJ_TO_PTR(self_in))->terminal;
    if (request == MP_STREAM_POLL) {
        return terminal->length != 0 || terminal->closed ? arg & MP_STREAM_POLL_RD : 0;
    }
    *error = MP_EINVAL;
    return MP_STREAM_ERROR;
}

static const mp_rom_map_elem_t output_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&mp_stream_readinto_obj) },
};
static MP_DEFINE_CONST_DICT(output_locals_dict, output_locals_dict_table);

static const mp_stream_p_t output_stream = {
    .read = output_read,
    .ioctl = output_ioctl,
};

static MP_DEFINE_CONST_OBJ_TYPE(
    output_type,
    MP_QSTR_output,
    MP_TYPE_FLAG_NONE,
    protocol, &output_stream,
    locals_dict, &output_locals_dict
    );

// Input: from the client to the prompt

// type(data): type these bytes as far as there is room; the number of bytes
static mp_obj_t terminal_type_in(mp_obj_t self_in, mp_obj_t data) {
    terminal_t *self = MP_OBJ_TO_PTR(self_in);
    mp_buffer_info_t typed;
    mp_get_buffer_raise(data, &typed, MP_BUFFER_READ);
    size_t at = 0;
    self->interrupted = false;
    for (; at < typed.len && !self->interrupted; ++at) {
        int c = ((const uint8_t *)typed.buf)[at];
        if (tinyweb_background_interrupts(c)) {
            continue;
        }
        if (c == mp_interrupt_char) {
            // Raised here it would end the task that has called.
            self->interrupted = true;
        } else if (ringbuf_put(&stdin_ringbuf, (uint8_t)c) < 0) {
            break;
        }
    }
    return MP_OBJ_NEW_SMALL_INT(at);
}
static MP_DEFINE_CONST_FUN_OBJ_2(terminal_type_in_obj, terminal_type_in);

// cut(): whether output had no room since it was asked last
static mp_obj_t terminal_cut(mp_obj_t self_in) {
    terminal_t *self = MP_OBJ_TO_PTR(self_in);
    bool cut = self->cut;
    self->cut = false;
    return mp_obj_new_bool(cut);
}
static MP_DEFINE_CONST_FUN_OBJ_1(terminal_cut_obj, terminal_cut);

static void terminal_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    terminal_t *self = MP_OBJ_TO_PTR(self_in);
    switch (attr) {
        case MP_QSTR_output:
            dest[0] = self->output;
            break;
        case MP_QSTR_interrupted:
            dest[0] = mp_obj_new_bool(self->interrupted);
            break;
        default:
            dest[1] = MP_OBJ_SENTINEL;      // a method: look in the table below
    }
}

// terminal(size): keeps up to `size` bytes of output until they are read from `output`

static mp_obj_t terminal_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_int_t size = mp_obj_get_int(args[0]);
    if (size < 1 || size > UINT16_MAX) {
        mp_raise_ValueError(NULL);
    }
    // What is printed after a soft reset must not find what is the heap no more.
    // The macro for this takes other arguments in MicroPython 1.26 than since.
    terminal_t *self = mp_obj_malloc_with_finaliser_helper(sizeof(terminal_t) + (size_t)size, type);
    memset(&self->output, 0, sizeof(terminal_t) - offsetof(terminal_t, output));
    self->size = (uint16_t)size;
    output_t *output = mp_obj_malloc(output_t, &output_type);
    output->terminal = self;
    self->output = MP_OBJ_FROM_PTR(output);
    return MP_OBJ_FROM_PTR(self);
}

static const mp_rom_map_elem_t terminal_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_type), MP_ROM_PTR(&terminal_type_in_obj) },
    { MP_ROM_QSTR(MP_QSTR_cut), MP_ROM_PTR(&terminal_cut_obj) },
};
static MP_DEFINE_CONST_DICT(terminal_locals_dict, terminal_locals_dict_table);

static const mp_stream_p_t terminal_stream = {
    .read = terminal_read,
    .write = terminal_write,
    .ioctl = terminal_ioctl,
};

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_terminal,
    MP_QSTR_terminal,
    MP_TYPE_FLAG_NONE,
    make_new, terminal_make_new,
    attr, terminal_attr,
    protocol, &terminal_stream,
    locals_dict, &terminal_locals_dict
    );

#endif // TINYWEB_BACKGROUND

// SPDX-License-Identifier: MIT
//
// class frames: the frames of one WebSocket, read from and written to a stream that does not
// block. Needs no buffer: payload is read to where it stays.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"

#include "core/websocket.h"
#include "modhttpparse.h"
#include "modtinyweb.h"

// Head and start of the payload leave in one segment of at most this size.
#define FIRST_WRITE 256
// The largest max_message.
#define MAX_SIZE_MAX 0x3fffffff
// Payload that nobody wants is read in parts of this size.
#define DISCARD 64
// What one call reads of frames that are no message yet, in parts of a frame: a client that sends
// without a pause must not keep the loop from the others.
#define SHARE 32

typedef struct {
    mp_obj_base_t base;
    tw_ws_t core;
    uint32_t max_size;
    uint16_t code;          // of the last Close frame
    bool text;              // the last message, or the one under way, is text
    bool ended;             // into: the message is complete, which was not said yet
    bool part;              // into: a part of the message under way was read
    bool busy;              // a stream is being read or written
    vstr_t message;         // what was collected; its buf is NULL before that
    vstr_t control;
    mp_obj_t payload;       // of the last control frame; of Close, the reason
} frames_obj_t;

// What read() returns beside messages, None and numbers of bytes
#define EVENT_END MP_OBJ_NEW_SMALL_INT(-1)
#define EVENT_SHARE MP_OBJ_NEW_SMALL_INT(-2)
#define EVENT(opcode_or_code) MP_OBJ_NEW_SMALL_INT(-(mp_int_t)(opcode_or_code))

// frames(max_message)
static mp_obj_t frames_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    frames_obj_t *self = mp_obj_malloc(frames_obj_t, type);
    memset((mp_obj_base_t *)self + 1, 0, sizeof(*self) - sizeof(mp_obj_base_t));
    tw_ws_init(&self->core);
    mp_int_t max_size = mp_obj_get_int(args[0]);
    if (max_size < 0 || max_size > MAX_SIZE_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("limit out of range"));
    }
    self->max_size = (uint32_t)max_size;
    self->payload = mp_const_empty_bytes;
    return MP_OBJ_FROM_PTR(self);
}

// Makes room for n more bytes and the NUL of a str. False for want of memory.
static bool extend(vstr_t *v, size_t n) {
    if (v->buf == NULL || v->alloc < v->len + n + 1) {
        char *buf = m_renew_maybe(char, v->buf, v->alloc, v->len + n + 1, true);
        if (buf == NULL) {
            return false;
        }
        v->buf = buf;
        v->alloc = v->len + n + 1;
    }
    return true;
}

// The object that takes over the memory of v
static mp_obj_t take(vstr_t *v, bool text) {
    vstr_t taken = *v;
    memset(v, 0, sizeof(*v));
    return text ? mp_obj_new_str_from_utf8_vstr(&taken) : mp_obj_new_bytes_from_vstr(&taken);
}

// Reads up to n bytes of the payload to p. MP_STREAM_ERROR when the stream would block.
static mp_uint_t read_payload(frames_obj_t *self, mp_obj_t stream, void *p, size_t n, bool *good) {
    mp_uint_t k = httpparse_read(stream, p, n < self->core.left ? n : self->core.left, &self->busy);
    *good = true;
    if (k != MP_STREAM_ERROR && k != 0) {
        *good = tw_ws_payload(&self->core, p, k);
    }
    return k;
}

// Reads the payload of the open frame into v. MP_OBJ_NULL when it is there, or what to return.
static mp_obj_t collect(frames_obj_t *self, mp_obj_t stream, vstr_t *v) {
    if (!extend(v, self->core.left)) {
        return EVENT(TW_WS_TOO_BIG);
    }
    while (self->core.left != 0) {
        bool good;
        mp_uint_t k = read_payload(self, stream, v->buf + v->len, self->core.left, &good);
        if (k == MP_STREAM_ERROR) {
            return mp_const_none;
        }
        if (k == 0) {
            return EVENT_END;
        }
        if (!good) {
            return EVENT(TW_WS_BAD_DATA);
        }
        v->len += k;
    }
    return MP_OBJ_NULL;
}

static mp_obj_t control_frame(frames_obj_t *self, mp_obj_t stream) {
    mp_obj_t result = collect(self, stream, &self->control);
    if (result != MP_OBJ_NULL) {
        return result;
    }
    tw_ws_next(&self->core);
    vstr_t *v = &self->control;
    if (self->core.opcode == TW_WS_CLOSE) {
        unsigned code;
        if (!tw_ws_close_code((const uint8_t *)v->buf, v->len, &code)) {
            return EVENT(code);
        }
        self->code = (uint16_t)code;
        if (v->len != 0) {
            vstr_cut_head_bytes(v, 2);
        }
    }
    self->payload = take(v, false);
    return EVENT(self->core.opcode);
}

// accept(key) -> the value of Sec-WebSocket-Accept, or None if the key is none
static mp_obj_t frames_accept(mp_obj_t key_in) {
    size_t len;
    const char *key = mp_obj_str_get_data(key_in, &len);
    // In RAM, where it can be read by bytes
    uint8_t copy[TW_WS_KEY_LEN];
    if (len != TW_WS_KEY_LEN) {
        return mp_const_none;
    }
    memcpy(copy, key, len);
    if (!tw_ws_is_key(copy)) {
        return mp_const_none;
    }
    uint8_t accept[TW_WS_ACCEPT_LEN];
    tw_ws_accept(accept, copy);
    return mp_obj_new_bytes(accept, sizeof(accept));
}
static MP_DEFINE_CONST_FUN_OBJ_1(frames_accept_obj, frames_accept);
static MP_DEFINE_CONST_STATICMETHOD_OBJ(frames_accept_static_obj, MP_ROM_PTR(&frames_accept_obj));

// read(stream, into=None): what has come next.
//
//   None       nothing: the stream would block
//   str, bytes a message
//   n >= 0     with a buffer `into`: so many bytes of a message are in it, 0 at the message's end;
//              with False: 0, a message has begun, which a later call is to read
//              with True: never, messages are dropped
//   -8 -9 -10  a Close, Ping or Pong frame; see the attributes code and payload
//   -1         the stream's end
//   -2         no message yet, but it was much: let other tasks run before the next call
//   <= -1000   the connection is to be failed with this status code
static mp_obj_t read_frames(size_t n_args, const mp_obj_t *args) {
    frames_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    httpparse_check_idle(self->busy);
    tw_ws_t *w = &self->core;
    mp_obj_t how = n_args > 2 ? args[2] : mp_const_none;
    bool whole = how == mp_const_none;
    bool discard = how == mp_const_true;
    uint8_t scratch[DISCARD];
    mp_buffer_info_t into = { .buf = scratch, .len = DISCARD };
    if (discard) {
        vstr_clear(&self->message);
        memset(&self->message, 0, sizeof(self->message));
    } else if (!whole && how != mp_const_false) {
        mp_get_buffer_raise(how, &into, MP_BUFFER_WRITE);
        if (into.len == 0 || self->message.len != 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("no buffer, or message begun"));
        }
        if (self->ended) {
            self->ended = false;
            return MP_OBJ_NEW_SMALL_INT(0);
        }
    }
    for (unsigned parts = 0; parts != SHARE; ++parts) {
        if (!w->open) {
            size_t n;
            uint8_t *to = tw_ws_space(w, &n);
            mp_uint_t k = httpparse_read(args[1], to, n, &self->busy);
            if (k == MP_STREAM_ERROR) {
                return mp_const_none;
            }
            if (k == 0) {
                return EVENT_END;
            }
            // A message that is read piece by piece may have any size
            unsigned e = tw_ws_head(w, k, whole ? self->max_size : UINT32_MAX);
            if (e == TW_WS_MORE) {
                continue;
            }
            if (e != TW_WS_FRAME) {
                return EVENT(e);
            }
        }
        if (tw_ws_is_control(w)) {
            return control_frame(self, args[1]);
        }
        if (how == mp_const_false) {
            return MP_OBJ_NEW_SMALL_INT(0);
        }
        self->text = w->message == TW_WS_TEXT;
        size_t got = 0;
        if (whole) {
            if (self->part) {
                mp_raise_ValueError(MP_ERROR_TEXT("message begun"));
            }
            self->ended = false;
            if (self->message.len + w->left > self->max_size) {
                return EVENT(TW_WS_TOO_BIG);    // the head was read by a call that allowed more
            }
            mp_obj_t result = collect(self, args[1], &self->message);
            if (result != MP_OBJ_NULL) {
                return result;
            }
        } else if (w->left != 0) {
            bool good;
            // A stream written in Python may change the size of the application's buffer
            bool copied = into.buf != scratch && httpparse_runs_python(args[1]);
            size_t room = copied && into.len > DISCARD ? DISCARD : into.len;
            got = read_payload(self, args[1], copied ? scratch : into.buf, room, &good);
            if (got == MP_STREAM_ERROR) {
                return mp_const_none;
            }
            if (got == 0) {
                return EVENT_END;
            }
            if (!good) {
                return EVENT(TW_WS_BAD_DATA);
            }
            if (copied) {
                mp_get_buffer_raise(how, &into, MP_BUFFER_WRITE);
                if (into.len < got) {
                    mp_raise_ValueError(MP_ERROR_TEXT("the buffer became shorter"));
                }
                memcpy(into.buf, scratch, got);
            }
            self->part = true;
        }
        bool complete = false;
        if (w->left == 0) {
            if (tw_ws_cuts_character(w)) {
                return EVENT(TW_WS_BAD_DATA);
            }
            complete = tw_ws_next(w);
        }
        if (complete) {
            self->part = false;
        }
        if (whole) {
            if (complete) {
                return take(&self->message, self->text);
            }
        } else if (!discard && (got != 0 || complete)) {
            self->ended = got != 0 && complete;
            return mp_obj_new_int_from_uint(got);
        }
    }
    return EVENT_SHARE;
}
static mp_obj_t frames_read(size_t n_args, const mp_obj_t *args) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t got = read_frames(n_args, args);
        nlr_pop();
        return got;
    }
    mp_obj_t type = MP_OBJ_FROM_PTR(mp_obj_get_type(MP_OBJ_FROM_PTR(nlr.ret_val)));
    if (mp_obj_is_subclass_fast(type, MP_OBJ_FROM_PTR(&mp_type_OSError))) {
        return EVENT_END;
    }
    if (mp_obj_is_subclass_fast(type, MP_OBJ_FROM_PTR(&mp_type_MemoryError))) {
        return MP_OBJ_NEW_SMALL_INT(-1009);     // larger than what there is memory for
    }
    nlr_jump(nlr.ret_val);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(frames_read_obj, 2, 3, frames_read);

// write(stream, first, data, at=0): sends a frame, from its byte `at` on. None when it is out, or
// the offset where to go on once the stream can be written. first: opcode, and 0x80 for FIN.
static mp_obj_t frames_write(size_t n_args, const mp_obj_t *args) {
    frames_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    httpparse_check_idle(self->busy);
    mp_buffer_info_t data;
    mp_get_buffer_raise(args[3], &data, MP_BUFFER_READ);
    size_t at = n_args > 4 ? (size_t)mp_obj_get_int(args[4]) : 0;
    uint8_t first[FIRST_WRITE];
    size_t head = tw_ws_render(first, (unsigned)mp_obj_get_int(args[2]), data.len);
    size_t end = head + data.len;
    if (at < head) {
        memcpy(first + head, data.buf, data.len < FIRST_WRITE - head ? data.len : FIRST_WRITE - head);
    }
    while (at < end) {
        mp_uint_t k;
        if (at < head) {
            k = httpparse_write(args[1], first + at, (end < FIRST_WRITE ? end : FIRST_WRITE) - at, &self->busy);
        } else {
            // A stream written in Python may have changed the size of the application's data
            mp_get_buffer_raise(args[3], &data, MP_BUFFER_READ);
            if (data.len < end - head) {
                mp_raise_ValueError(MP_ERROR_TEXT("data became shorter while it was sent"));
            }
            k = httpparse_write(args[1], (const uint8_t *)data.buf + (at - head), end - at, &self->busy);
        }
        if (k == MP_STREAM_ERROR || k == 0) {
            return mp_obj_new_int_from_uint(at);
        }
        at += k;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(frames_write_obj, 4, 5, frames_write);

static void frames_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    const frames_obj_t *self = MP_OBJ_TO_PTR(self_in);
    switch (attr) {
        case MP_QSTR_code:
            dest[0] = MP_OBJ_NEW_SMALL_INT(self->code);
            break;
        case MP_QSTR_payload:
            dest[0] = self->payload;
            break;
        case MP_QSTR_text:
            dest[0] = mp_obj_new_bool(self->text);
            break;
        default:
            dest[1] = MP_OBJ_SENTINEL;      // a method: look in the table below
            break;
    }
}

static const mp_rom_map_elem_t frames_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_accept), MP_ROM_PTR(&frames_accept_static_obj) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&frames_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&frames_write_obj) },
};
static MP_DEFINE_CONST_DICT(frames_locals_dict, frames_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_frames,
    MP_QSTR_frames,
    MP_TYPE_FLAG_NONE,
    make_new, frames_make_new,
    attr, frames_attr,
    locals_dict, &frames_locals_dict
    );

// SPDX-License-Identifier: MIT
//
// class Response: one connection's responses, rendered and sent through one fixed buffer.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"

#include "core/response.h"
#include "modhttpparse.h"

typedef struct {
    mp_obj_base_t base;
    hp_response_t core;
    size_t size;            // of buf; the core's buffer is another one after resize()
    bool busy;              // a stream is being read or written
    uint8_t buf[];
} response_obj_t;

// The Response that a method is called on.
static response_obj_t *idle(mp_obj_t self_in) {
    response_obj_t *self = MP_OBJ_TO_PTR(self_in);
    httpparse_check_idle(self->busy);
    return self;
}

hp_response_t *httpparse_response_core(mp_obj_t self_in) {
    if (!mp_obj_is_type(self_in, &httpparse_type_Response)) {
        mp_raise_TypeError(MP_ERROR_TEXT("httpparse.Response expected"));
    }
    return &idle(self_in)->core;
}

// Response(size=512)
static mp_obj_t response_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
    const mp_obj_t *all_args) {
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_size, MP_ARG_INT, {.u_int = 512} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    size_t size = httpparse_limit(args[0].u_int, HP_RESPONSE_SIZE_MIN, HTTPPARSE_SIZE_MAX);
    response_obj_t *self = httpparse_new(type, offsetof(response_obj_t, buf) + size);
    self->size = size;
    hp_response_init(&self->core, self->buf, self->size);
    return MP_OBJ_FROM_PTR(self);
}

// begin(status, version, keep_alive, head)
static mp_obj_t response_begin(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    response_obj_t *self = idle(args[0]);
    mp_int_t status = mp_obj_get_int(args[1]);
    mp_int_t version = mp_obj_get_int(args[2]);
    if (status < 100 || status > 599 || version < 10 || version > 11) {
        mp_raise_ValueError(MP_ERROR_TEXT("bad status or version"));
    }
    hp_response_begin(&self->core, (unsigned)status, (unsigned)version, mp_obj_is_true(args[3]),
        mp_obj_is_true(args[4]));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(response_begin_obj, 5, 5, response_begin);

static response_obj_t *started(mp_obj_t self_in) {
    httpparse_response_core(self_in);
    response_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if ((self->core.flags & (HP_W_STARTED | HP_W_FINISHED)) != HP_W_STARTED) {
        mp_raise_ValueError(MP_ERROR_TEXT("no response begun"));
    }
    return self;
}

// header(name, value): str or bytes; value may be an int
mp_obj_t httpparse_response_header(mp_obj_t self_in, mp_obj_t name_in, mp_obj_t value_in) {
    hp_response_t *w = &started(self_in)->core;
    size_t name_len;
    const char *name = mp_obj_str_get_data(name_in, &name_len);
    mp_buffer_info_t value;
    uint8_t digits[HP_DECIMAL_MAX];
    mp_int_t n = mp_obj_is_small_int(value_in) ? MP_OBJ_SMALL_INT_VALUE(value_in) : -1;
    if (n >= 0 && n <= INT32_MAX) {
        // Without an object for the text
        value.buf = digits;
        value.len = (size_t)(hp_decimal(digits, (uint32_t)n) - digits);
    } else {
        if (mp_obj_is_int(value_in)) {
            value_in = mp_obj_str_make_new(&mp_type_str, 1, 0, &value_in);
        }
        mp_get_buffer_raise(value_in, &value, MP_BUFFER_READ);
    }
    switch (hp_response_field(w, name, name_len, value.buf, value.len)) {
        case HP_FIELD_OK:
            return mp_const_none;
        case HP_FIELD_BAD_NAME:
            mp_raise_ValueError(MP_ERROR_TEXT("bad header name"));
        case HP_FIELD_BAD_VALUE:
            mp_raise_ValueError(MP_ERROR_TEXT("bad header value"));
        case HP_FIELD_NO_SPACE:
            mp_raise_ValueError(MP_ERROR_TEXT("headers too large"));
        default:
            mp_raise_ValueError(MP_ERROR_TEXT("headers already out"));
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(response_header_obj, httpparse_response_header);

static mp_uint_t write_stream(response_obj_t *self, mp_obj_t stream, const void *buf, size_t len) {
    self->core.flags |= HP_W_BROKEN;
    mp_uint_t n = httpparse_write(stream, buf, len, &self->busy);
    self->core.flags &= (uint16_t) ~HP_W_BROKEN;
    return n;
}

// Sends what is pending. False when the stream would block.
static bool send_pending(response_obj_t *self, mp_obj_t stream) {
    hp_response_t *w = &self->core;
    size_t n;
    while ((n = hp_response_pending(w)) != 0) {
        mp_uint_t k = write_stream(self, stream, w->out, n);
        if (k == MP_STREAM_ERROR || k == 0) {
            return false;
        }
        hp_response_sent(w, k);
    }
    return true;
}

// Data that is larger than the buffer goes to the stream without a copy, once the head and
// what was buffered are out.
static bool goes_directly(const hp_response_t *w, size_t n) {
    return n >= (size_t)(w->limit - w->buf) && hp_response_may_direct(w);
}

// The first byte of data, an object with at least len bytes.
static const uint8_t *bytes_of(mp_obj_t data_in, size_t len) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    if (data.len < len) {
        mp_raise_ValueError(MP_ERROR_TEXT("data became shorter while it was sent"));
    }
    return data.buf;
}

// The offset behind what was taken of data from start on.
static size_t write_body(response_obj_t *self, mp_obj_t stream, mp_obj_t data_in, size_t at, size_t len) {
    hp_response_t *w = &self->core;
    size_t space;
    while (at != len) {
        if (!send_pending(self, stream)) {
            return at;
        }
        const uint8_t *data = bytes_of(data_in, len);
        size_t n = len - at;
        if (w->owed == 0 && goes_directly(w, n)) {
            hp_response_direct(w, n);
            continue;           // the chunk's size goes first
        }
        if (w->owed != 0) {
            if (n > w->owed) {
                n = w->owed;
            }
            mp_uint_t k = write_stream(self, stream, data + at, n);
            if (k == MP_STREAM_ERROR || k == 0) {
                return at;
            }
            hp_response_direct_sent(w, k);
            at += k;
            continue;
        }
        uint8_t *to = hp_response_space(w, &space);
        if (n > space) {
            n = space;
        }
        hp_copy(to, data + at, n);
        hp_response_added(w, n);
        at += n;
        if (n == space) {
            hp_response_seal(w);
        }
    }
    send_pending(self, stream);
    return at;
}

// write(stream, data, start=0) -> None when all is taken, or the offset where to go on
// once the stream can be written
mp_obj_t httpparse_response_write(size_t n_args, const mp_obj_t *args) {
    response_obj_t *self = started(args[0]);
    hp_response_t *w = &self->core;
    mp_buffer_info_t data;
    mp_get_buffer_raise(args[2], &data, MP_BUFFER_READ);
    mp_int_t start = n_args > 3 ? mp_obj_get_int(args[3]) : 0;
    if (start < 0 || (size_t)start > data.len) {
        mp_raise_ValueError(MP_ERROR_TEXT("bad offset"));
    }
    size_t at = (size_t)start;
    if (w->flags & HP_W_NO_BODY) {
        hp_response_added(w, data.len - at);
        at = data.len;
    } else {
        size_t allowed = hp_response_allowed(w, data.len - at);
        size_t end = at + allowed;
        at = write_body(self, args[1], args[2], at, end);
        if (at == end && end != data.len) {
            w->flags |= HP_W_EXCESS;
            at = data.len;
        }
    }
    return at == data.len ? mp_const_none : mp_obj_new_int_from_uint(at);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(response_write_obj, 3, 4, httpparse_response_write);

// File systems read whole blocks, from the beginning of one, without copying them once more.
#define BLOCK 512

#if MICROPY_VFS_ROM

// Moves on in a file by n bytes, and returns where it is then; negative where that cannot be.
static mp_off_t seek(mp_obj_t file, size_t n) {
    const mp_stream_p_t *protocol = mp_get_stream_raise(file, MP_STREAM_OP_READ);
    struct mp_stream_seek_t to = { .offset = (mp_off_t)n, .whence = MP_SEEK_CUR };
    int error;
    if (protocol->ioctl == NULL || protocol->ioctl(file, MP_STREAM_SEEK, (uintptr_t)&to, &error) != 0) {
        return -1;
    }
    return to.offset;
}

// Whether a file is memory, as those of ROMFS are; *data is what is left of it.
static bool memory_of(mp_obj_t file, mp_buffer_info_t *data) {
    if (httpparse_runs_python(file) || !mp_get_buffer(file, data, MP_BUFFER_READ)) {
        return false;
    }
    mp_off_t at = seek(file, 0);
    if (at < 0 || (size_t)at > data->len) {
        return false;
    }
    data->buf = (uint8_t *)data->buf + at;
    data->len -= (size_t)at;
    return true;
}

// Sends what the stream takes of a file that is memory, without a copy: as readfrom()
static mp_obj_t send_memory(response_obj_t *self, mp_obj_t stream, mp_obj_t file, const mp_buffer_info_t *data,
    mp_int_t limit) {
    size_t n = hp_response_allowed(&self->core, limit < 0 ? data->len : MIN(data->len, (size_t)limit));
    if (n != 0) {
        n = write_stream(self, stream, data->buf, n);
        if (n == MP_STREAM_ERROR || n == 0) {
            return mp_const_none;
        }
        hp_response_direct(&self->core, n);
        hp_response_direct_sent(&self->core, n);
        seek(file, n);
    }
    return mp_obj_new_int_from_uint(n);
}

#endif

// readfrom(stream, source, limit=-1) -> int | None
mp_obj_t httpparse_response_readfrom(size_t n_args, const mp_obj_t *args) {
    response_obj_t *self = started(args[0]);
    hp_response_t *w = &self->core;
    mp_int_t limit = n_args > 3 ? mp_obj_get_int(args[3]) : -1;
    if (w->owed != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("write not complete"));
    }
    size_t n;
    if (!send_pending(self, args[1])) {
        return mp_const_none;
    }
    uint8_t *to = hp_response_space(w, &n);
    // Whether more than fits is to come, and the framing adds nothing to it
    bool more = (w->flags & (HP_W_HAS_LENGTH | HP_W_NO_BODY)) == HP_W_HAS_LENGTH && (limit < 0 || (size_t)limit > n);
    size_t odd = 0;
    #if MICROPY_VFS_ROM
    mp_buffer_info_t data;
    bool direct = more && !httpparse_runs_python(args[1]) && memory_of(args[2], &data);
    if (direct && w->end != w->out) {
        // What TCP copies by words begins at one: the bytes before it leave with the head
        odd = -(uintptr_t)data.buf & 3;
    }
    #endif
    if (n == 0 || (more && odd == 0 && w->end != w->out)) {
        hp_response_seal(w);
        if (!send_pending(self, args[1])) {
            return mp_const_none;
        }
        to = hp_response_space(w, &n);
    }
    #if MICROPY_VFS_ROM
    if (direct && odd == 0) {
        return send_memory(self, args[1], args[2], &data, limit);
    }
    #endif
    if (odd != 0 && odd < n) {
        n = odd;
    } else if (more && n > BLOCK) {
        n -= n % BLOCK;
    }
    size_t space = n;
    if (limit >= 0 && (size_t)limit < n) {
        n = (size_t)limit;
    }
    n = hp_response_allowed(w, n);
    if (n == 0) {
        return MP_OBJ_NEW_SMALL_INT(0);
    }
    mp_uint_t k = httpparse_read(args[2], to, n, &self->busy);
    if (k == MP_STREAM_ERROR) {
        return mp_const_none;
    }
    hp_response_added(w, k);
    if (k == space && !(w->flags & HP_W_NO_BODY)) {
        hp_response_seal(w);
        send_pending(self, args[1]);
    }
    return mp_obj_new_int_from_uint(k);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(response_readfrom_obj, 3, 4, httpparse_response_readfrom);

// Memory is plentiful when there is so many times as much in one piece.
#define PLENTY 4

// Goes on in its own buffer. False if what is buffered does not fit there.
static bool take_own_buffer(response_obj_t *self) {
    hp_response_t *w = &self->core;
    uint8_t *old = w->buf;
    if (old != self->buf) {
        size_t old_size = (size_t)(w->limit - old);
        if (!hp_response_fits(w, self->size)) {
            return false;
        }
        hp_response_move(w, self->buf, self->size);
        m_del(uint8_t, old, old_size);
    }
    return true;
}

void httpparse_response_reset(mp_obj_t self_in) {
    hp_response_reset(httpparse_response_core(self_in));
    take_own_buffer(MP_OBJ_TO_PTR(self_in));
}

// resize(size, source=None) -> bool: goes on in a buffer of this size from the heap, False where memory is
// not plentiful, the old one is in use, or readfrom() needs none for the source. With 0 it goes back to its own: what was not sent of a
// response that is under way is lost then if it does not fit there.
static mp_obj_t response_resize(size_t n_args, const mp_obj_t *args) {
    response_obj_t *self = idle(args[0]);
    hp_response_t *w = &self->core;
    mp_int_t size = mp_obj_get_int(args[1]);
    bool waits = hp_response_pending(w) != 0;
    if (size != 0) {
        #if MICROPY_VFS_ROM
        mp_buffer_info_t data;
        if (n_args > 2 && mp_get_buffer(args[2], &data, MP_BUFFER_READ)) {
            return mp_const_false;
        }
        #else
        (void)n_args;
        #endif
        if (size <= (mp_int_t)self->size || size > HTTPPARSE_SIZE_MAX || waits || w->buf != self->buf) {
            return mp_const_false;
        }
        uint8_t *buf = m_new_maybe(uint8_t, PLENTY * (size_t)size);
        if (buf == NULL) {
            return mp_const_false;
        }
        hp_response_move(w, m_renew(uint8_t, buf, PLENTY * (size_t)size, (size_t)size), (size_t)size);
        return mp_const_true;
    }
    if ((w->flags & HP_W_SENT) && (waits || !hp_response_fits(w, self->size))) {
        hp_response_cut(w);
    }
    return mp_obj_new_bool(take_own_buffer(self));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(response_resize_obj, 2, 3, response_resize);

// flush(stream) -> True | None: sends what is buffered, deciding the framing
mp_obj_t httpparse_response_flush(mp_obj_t self_in, mp_obj_t stream) {
    response_obj_t *self = started(self_in);
    if (self->core.owed == 0) {
        hp_response_seal(&self->core);
    }
    return send_pending(self, stream) ? mp_const_true : mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(response_flush_obj, httpparse_response_flush);

// finish(stream) -> True | None
mp_obj_t httpparse_response_finish(mp_obj_t self_in, mp_obj_t stream) {
    response_obj_t *self = idle(self_in);
    if (!(self->core.flags & HP_W_STARTED)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no response begun"));
    }
    hp_response_finish(&self->core);
    return send_pending(self, stream) ? mp_const_true : mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(response_finish_obj, httpparse_response_finish);

// interim(stream, status=100) -> True | None
static mp_obj_t response_interim(size_t n_args, const mp_obj_t *args) {
    response_obj_t *self = idle(args[0]);
    mp_int_t status = n_args > 2 ? mp_obj_get_int(args[2]) : 100;
    if (status < 100 || status > 199) {
        mp_raise_ValueError(MP_ERROR_TEXT("bad status or version"));
    }
    if ((self->core.flags & (HP_W_STARTED | HP_W_FINISHED)) == HP_W_STARTED) {
        return mp_const_true;       // the final response makes it superfluous
    }
    if (self->core.flags & HP_W_FINISHED) {
        if (!send_pending(self, args[1])) {
            return mp_const_none;
        }
        hp_response_reset(&self->core);
    }
    if (hp_response_pending(&self->core) == 0) {
        hp_response_reset(&self->core);
        hp_response_interim(&self->core, (unsigned)status);
    }
    return send_pending(self, args[1]) ? mp_const_true : mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(response_interim_obj, 2, 3, response_interim);

// reset(): a new connection
static mp_obj_t response_reset(mp_obj_t self_in) {
    httpparse_response_reset(self_in);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(response_reset_obj, response_reset);

static void response_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    const hp_response_t *w = &((response_obj_t *)MP_OBJ_TO_PTR(self_in))->core;
    unsigned flag;
    switch (attr) {
        case MP_QSTR_body_bytes:
            dest[0] = mp_obj_new_int_from_uint(w->body_bytes);
            return;
        case MP_QSTR_status:
            dest[0] = MP_OBJ_NEW_SMALL_INT(w->status);
            return;
        case MP_QSTR_started:
            flag = HP_W_STARTED;
            break;
        case MP_QSTR_sent:
            flag = HP_W_SENT;
            break;
        case MP_QSTR_keep_alive:
            flag = HP_W_KEEP_ALIVE;
            break;
        case MP_QSTR_broken:
            flag = HP_W_BROKEN;
            break;
        default:
            dest[1] = MP_OBJ_SENTINEL;      // a method: look in the table below
            return;
    }
    dest[0] = mp_obj_new_bool(w->flags & flag);
}

static const mp_rom_map_elem_t response_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_begin), MP_ROM_PTR(&response_begin_obj) },
    { MP_ROM_QSTR(MP_QSTR_header), MP_ROM_PTR(&response_header_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&response_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_readfrom), MP_ROM_PTR(&response_readfrom_obj) },
    { MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&response_flush_obj) },
    { MP_ROM_QSTR(MP_QSTR_finish), MP_ROM_PTR(&response_finish_obj) },
    { MP_ROM_QSTR(MP_QSTR_interim), MP_ROM_PTR(&response_interim_obj) },
    { MP_ROM_QSTR(MP_QSTR_resize), MP_ROM_PTR(&response_resize_obj) },
    { MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&response_reset_obj) },
};
static MP_DEFINE_CONST_DICT(response_locals_dict, response_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    httpparse_type_Response,
    MP_QSTR_Response,
    MP_TYPE_FLAG_NONE,
    make_new, response_make_new,
    attr, response_attr,
    locals_dict, &response_locals_dict
    );

// SPDX-License-Identifier: MIT
//
// The socket below a TLS connection. When a handshake fails, MicroPython's TLS socket forgets the
// one below without closing it (extmod/modtls_mbedtls.c), and when it has not, closing both would
// close a descriptor twice, which may be another connection's by then. This one can be closed by
// either, and closes once.
//
// It also sees the records that the server sends (RFC 8446 section 5.1, RFC 5246 section 6.2.1),
// and so when a handshake is over, which MicroPython does not tell: the server's last message is
// the first one that it encrypts, after change_cipher_spec. In TLS 1.3 what follows that is not the
// last message, but the keys and the signature, which take the time, have been made by then.

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "modtinyweb.h"

#if MICROPY_PY_SSL && MICROPY_SSL_MBEDTLS

#define RECORD_HEAD 5
#define CHANGE_CIPHER_SPEC 20

typedef struct {
    mp_obj_base_t base;
    mp_obj_t sock;          // MP_OBJ_NULL when closed
    uint32_t received;      // bytes from the client
    uint32_t left;          // bytes of the record under way that have not been sent
    bool encrypts;          // change_cipher_spec has been sent
    bool last;              // the record under way is the first after that
    bool done;              // and has been sent
} transport_t;

// transport(sock)
static mp_obj_t transport_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_get_stream_raise(args[0], MP_STREAM_OP_READ | MP_STREAM_OP_WRITE | MP_STREAM_OP_IOCTL);
    transport_t *self = mp_obj_malloc(transport_t, type);
    memset(&self->sock, 0, sizeof(transport_t) - offsetof(transport_t, sock));
    self->sock = args[0];
    return MP_OBJ_FROM_PTR(self);
}

// The first n bytes of buf, of which there are size, have been sent. mbedTLS hands over a record
// whole, and what was not taken of it once more.
static void sent(transport_t *self, const byte *buf, mp_uint_t size, mp_uint_t n) {
    if (self->left == 0) {
        if (size < RECORD_HEAD) {
            return;
        }
        self->left = RECORD_HEAD + ((uint32_t)buf[3] << 8 | buf[4]);
        self->last = self->encrypts;
        self->encrypts = self->encrypts || buf[0] == CHANGE_CIPHER_SPEC;
    }
    self->left -= MIN(self->left, n);
    self->done = self->last && self->left == 0;
}

static mp_uint_t closed(int *error) {
    *error = MP_EBADF;
    return MP_STREAM_ERROR;
}

static mp_uint_t transport_read(mp_obj_t self_in, void *buf, mp_uint_t size, int *error) {
    transport_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->sock == MP_OBJ_NULL) {
        return closed(error);
    }
    mp_uint_t n = mp_get_stream(self->sock)->read(self->sock, buf, size, error);
    self->received += n == MP_STREAM_ERROR ? 0 : (uint32_t)n;
    return n;
}

static mp_uint_t transport_write(mp_obj_t self_in, const void *buf, mp_uint_t size, int *error) {
    transport_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->sock == MP_OBJ_NULL) {
        return closed(error);
    }
    mp_uint_t n = mp_get_stream(self->sock)->write(self->sock, buf, size, error);
    if (n != MP_STREAM_ERROR && !self->done) {
        sent(self, buf, size, n);
    }
    return n;
}

static mp_uint_t transport_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *error) {
    transport_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t sock = self->sock;
    if (request == MP_STREAM_CLOSE) {
        self->sock = MP_OBJ_NULL;
        if (sock == MP_OBJ_NULL) {
            return 0;
        }
    }
    return sock == MP_OBJ_NULL ? closed(error) : mp_get_stream(sock)->ioctl(sock, request, arg, error);
}

static const mp_stream_p_t transport_stream = {
    .read = transport_read,
    .write = transport_write,
    .ioctl = transport_ioctl,
};

// handshaking: whether the handshake is under way. received: bytes that the client has sent.
static void transport_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    const transport_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (attr == MP_QSTR_handshaking) {
        dest[0] = mp_obj_new_bool(self->sock != MP_OBJ_NULL && !self->done);
    } else if (attr == MP_QSTR_received) {
        dest[0] = mp_obj_new_int_from_uint(self->received);
    } else {
        dest[1] = MP_OBJ_SENTINEL;      // a method: look in the table below
    }
}

static const mp_rom_map_elem_t transport_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
};
static MP_DEFINE_CONST_DICT(transport_locals_dict, transport_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_transport,
    MP_QSTR_transport,
    MP_TYPE_FLAG_NONE,
    make_new, transport_make_new,
    protocol, &transport_stream,
    attr, transport_attr,
    locals_dict, &transport_locals_dict
    );

#endif

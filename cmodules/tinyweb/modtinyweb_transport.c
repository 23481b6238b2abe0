// SPDX-License-Identifier: MIT
//
// The socket below a TLS connection. When a handshake fails, MicroPython's TLS socket forgets the
// one below without closing it (extmod/modtls_mbedtls.c), and when it has not, closing both would
// close a descriptor twice, which may be another connection's by then. This one can be closed by
// either, and closes once.

#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "modtinyweb.h"

#if MICROPY_PY_SSL && MICROPY_SSL_MBEDTLS

typedef struct {
    mp_obj_base_t base;
    mp_obj_t sock;          // MP_OBJ_NULL when closed
} transport_t;

// transport(sock)
static mp_obj_t transport_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_get_stream_raise(args[0], MP_STREAM_OP_READ | MP_STREAM_OP_WRITE | MP_STREAM_OP_IOCTL);
    transport_t *self = mp_obj_malloc(transport_t, type);
    self->sock = args[0];
    return MP_OBJ_FROM_PTR(self);
}

static mp_uint_t closed(int *error) {
    *error = MP_EBADF;
    return MP_STREAM_ERROR;
}

static mp_uint_t transport_read(mp_obj_t self_in, void *buf, mp_uint_t size, int *error) {
    mp_obj_t sock = ((transport_t *)MP_OBJ_TO_PTR(self_in))->sock;
    return sock == MP_OBJ_NULL ? closed(error) : mp_get_stream(sock)->read(sock, buf, size, error);
}

static mp_uint_t transport_write(mp_obj_t self_in, const void *buf, mp_uint_t size, int *error) {
    mp_obj_t sock = ((transport_t *)MP_OBJ_TO_PTR(self_in))->sock;
    return sock == MP_OBJ_NULL ? closed(error) : mp_get_stream(sock)->write(sock, buf, size, error);
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
    locals_dict, &transport_locals_dict
    );

#endif

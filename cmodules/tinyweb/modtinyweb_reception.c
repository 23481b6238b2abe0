// SPDX-License-Identifier: MIT
//
// What writes the body of a request to a file while its task sleeps; for frozen/tinyweb/uploads.py.

#include "py/runtime.h"

#include "modhttpparse.h"
#include "modtinyweb.h"
#include "modtinyweb_request.h"

// Blocks that are written at a time, before other tasks go on: a fast client leaves no gap.
#define BLOCKS 16

// reception(request, buf, file, size): what writes the next bytes of the body to a file when it is called,
// by calls of file.write() with the whole of `buf`, a bytearray, and `size` bytes of the body at most. None
// while the client has to send something first; False when other tasks should have their turn; True where
// the body has ended, or buf does not fit into the rest of size: the bytes that were not written are in buf
// then. used: their number. left: what is left of size. What a call has raised, all later ones raise, too:
// a block of which a part was written must not be written again.
typedef struct {
    mp_obj_base_t base;
    mp_obj_t request;
    mp_obj_t buf;
    mp_obj_t file;
    mp_int_t left;
    size_t used;
    mp_obj_t error;             // or MP_OBJ_NULL
} reception_t;

static mp_obj_t reception_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 4, 4, false);
    reception_t *self = mp_obj_malloc(reception_t, type);
    self->request = args[0];
    self->buf = args[1];
    self->file = args[2];
    self->left = mp_obj_get_int(args[3]);
    self->used = 0;
    self->error = MP_OBJ_NULL;
    return MP_OBJ_FROM_PTR(self);
}

// The bytes of the buffer; the application may change their number at any time.
static size_t size_of(const reception_t *self) {
    mp_buffer_info_t into;
    mp_get_buffer_raise(self->buf, &into, MP_BUFFER_WRITE);
    if (self->used > into.len) {
        mp_raise_ValueError(MP_ERROR_TEXT("buffer became shorter while it was filled"));
    }
    return into.len;
}

// Reads once: as readinto() of the parser.
static mp_obj_t receive(reception_t *self) {
    tinyweb_record_t *request = tinyweb_handle_record(self->request, &tinyweb_type_request);
    mp_obj_t sock = mp_load_attr(request->fields[REQUEST_SLOT], MP_QSTR_sock);
    mp_obj_t n = httpparse_request_readinto(request->fields[REQUEST_PARSER], sock, self->buf, self->used, (size_t)-1);
    if (n != mp_const_none) {
        self->used += (size_t)mp_obj_get_int(n);
        mp_obj_t *taken = &request->fields[REQUEST_TAKEN];
        mp_int_t before = *taken == MP_OBJ_NULL ? 0 : mp_obj_get_int(*taken);
        *taken = mp_obj_new_int(before + mp_obj_get_int(n));
    }
    return n;
}

static mp_obj_t receive_blocks(reception_t *self) {
    for (unsigned blocks = 0; blocks < BLOCKS;) {
        size_t size = size_of(self);
        if (self->left < (mp_int_t)size) {
            return mp_const_true;
        }
        if (self->used < size || size == 0) {
            mp_obj_t n = receive(self);
            if (n == mp_const_none || n == MP_OBJ_NEW_SMALL_INT(0)) {
                return n == mp_const_none ? n : mp_const_true;
            }
            continue;
        }
        tinyweb_call(self->file, MP_QSTR_write, 1, &self->buf);
        self->used = 0;
        self->left -= (mp_int_t)size;
        ++blocks;
    }
    return mp_const_false;
}

static mp_obj_t reception_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    reception_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->error != MP_OBJ_NULL) {
        nlr_raise(self->error);
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t result = receive_blocks(self);
        nlr_pop();
        return result;
    }
    self->error = MP_OBJ_FROM_PTR(nlr.ret_val);
    nlr_jump(nlr.ret_val);
}

static void reception_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    const reception_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL && (attr == MP_QSTR_left || attr == MP_QSTR_used)) {
        dest[0] = mp_obj_new_int(attr == MP_QSTR_left ? self->left : (mp_int_t)self->used);
    }
}

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_reception,
    MP_QSTR_reception,
    MP_TYPE_FLAG_NONE,
    make_new, reception_make_new,
    call, reception_call,
    attr, reception_attr
    );

// SPDX-License-Identifier: MIT
//
// accept() with what a server does to each connection, as one step. Between two steps of Python
// the network may be served, and a client that resets its connection then leaves a socket without
// a connection: MicroPython's lwip module sets TCP_NODELAY through a null pointer there
// (extmod/modlwip.c, lwip_socket_setsockopt), which restarts an ESP8266. No byte code runs here.
//
// And the memory is there before a connection leaves the listener's queue: what accept() of a port
// has taken from there when an allocation fails is lost, with its descriptor where it has one.

#include "py/gc.h"
#include "py/runtime.h"

#include "modtinyweb.h"

// From IANA's protocol numbers; the unix port has no name for it.
#define IPPROTO_TCP_NUMBER 6

// What accept() of the ports allocates at most, in blocks of the heap: the socket 3, two tuples, the
// address as text 4.
#define ACCEPT_BLOCKS 9

// Raise MemoryError unless accept() finds its memory. One piece serves it, however it is cut.
static void need_memory(void) {
    // Not by m_malloc(), which counts what it gives as used
    void *block = gc_alloc(ACCEPT_BLOCKS * MICROPY_BYTES_PER_GC_BLOCK, 0);
    if (block == NULL) {
        mp_raise_type(&mp_type_MemoryError);
    }
    gc_free(block);
}

// accept(listener, nodelay): (socket that does not block, address) of the next connection, with
// the option TCP_NODELAY if `nodelay` is its number and not None. Raises what the socket's methods
// do; no connection stays open then. Raises MemoryError before it takes one.
static mp_obj_t accept_(mp_obj_t listener, mp_obj_t nodelay) {
    need_memory();
    mp_obj_t pair = tinyweb_call(listener, MP_QSTR_accept, 0, NULL);
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(pair, 2, &items);
    mp_obj_t sock = items[0];
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t blocking = mp_const_false;
        tinyweb_call(sock, MP_QSTR_setblocking, 1, &blocking);
        if (nodelay != mp_const_none) {
            const mp_obj_t option[] = { MP_OBJ_NEW_SMALL_INT(IPPROTO_TCP_NUMBER), nodelay, MP_OBJ_NEW_SMALL_INT(1) };
            tinyweb_call(sock, MP_QSTR_setsockopt, MP_ARRAY_SIZE(option), option);
        }
        nlr_pop();
    } else {
        tinyweb_call(sock, MP_QSTR_close, 0, NULL);
        nlr_jump(nlr.ret_val);
    }
    return pair;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_accept_obj, accept_);

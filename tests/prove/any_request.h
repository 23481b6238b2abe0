// SPDX-License-Identifier: MIT
//
// Any request parser, for the proofs: its members are whatever they may be, and its pointers lead
// anywhere into a buffer of the smallest size. What holds of it is for the proof to assume.
#ifndef TESTS_PROVE_ANY_REQUEST_H
#define TESTS_PROVE_ANY_REQUEST_H

#include "prove.h"

#include "check.h"
#include "httpparse.h"

// The smallest buffer, and the bytes that its owner has in front of it
#define SIZE HP_REQUEST_SIZE_MIN
#ifndef FRONT
#define FRONT 0
#endif

static uint8_t buffer[FRONT + SIZE + HP_BUFFER_PAD] __attribute__((aligned(8)));

#undef hp_move_down
#define hp_move_down(dst, src, n) check_move_down(dst, src, n)

static uint8_t *any_place(void) {
    return buffer + FRONT + any_between(0, SIZE);
}

// r has not been written to: what is not set here is any value.
static void any_request(hp_request_t *r) {
    __CPROVER_havoc_object(buffer);
    r->buf = buffer + FRONT;
    r->limit = buffer + FRONT + SIZE;
    r->kept = any_place();
    r->tok = any_place();
    r->val = any_place();
    r->pos = any_place();
    r->end = any_place();
    r->authority = any_bool() ? NULL : any_place();
    r->path = any_place();
    r->query = any_place();
    r->target_end = any_place();
    r->keep_all = any_bool();
}

#endif // TESTS_PROVE_ANY_REQUEST_H

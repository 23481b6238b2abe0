// SPDX-License-Identifier: MIT
//
// The framing fields that are lists. The look-up of a member is proved apart (prove_framing.c); here it
// gives any answer, and what it needs is proved.

#include "prove.h"

#include "httpparse.h"

#include "framing_cut.c"
#include "chars.c"

unsigned hp_token(const uint8_t *p, size_t len) {
    PROVE(__CPROVER_r_ok(p, len) && len != 0);
    unsigned token = any_byte();
    ASSUME(token <= HP_TOKEN_OPTIONS);
    return token;
}

// A list's value as head.c hands it out: behind its start is what ends it, in front of it the colon.
#define LIST 6

static hp_request_t *list_field(hp_request_t *r, uint8_t *field, unsigned which) {
    any_bytes(field, LIST + 2);
    field[0] = any_bool() ? ':' : ' ';
    r->field = (uint8_t)which;
    r->flags = any_byte();
    r->coding = any_byte();
    ASSUME(r->coding < HP_CODING_TRAILER);
    return r;
}

static void framing_list(unsigned which) {
    hp_request_t r;
    uint8_t field[LIST + 2];
    list_field(&r, field, which);
    size_t from = any_between(1, LIST + 1);
    size_t end = any_between(from, LIST + 1);
    ASSUME(from == end || field[end - 1] != ' ');
    uint8_t flags = r.flags;
    hp_result_t e = hp_framing_value(&r, field + from, field + end);
    PROVE(e == HP_MORE || (e == HP_EXPECTATION && which == HP_FIELD_EXPECT));
    PROVE((r.flags & flags) == flags && r.coding < HP_CODING_TRAILER);
    PROVE(which != HP_FIELD_TRANSFER_ENCODING || (r.coding & HP_CODING_LISTED));
}

// PROOF connection unwind=9: the list in Connection: no access outside it, and an end
void prove_connection(void) {
    framing_list(HP_FIELD_CONNECTION);
}

// PROOF expect unwind=9: the list in Expect
void prove_expect(void) {
    framing_list(HP_FIELD_EXPECT);
}

// PROOF transfer-encoding unwind=9: the list in Transfer-Encoding, which is never forgotten
void prove_transfer_encoding(void) {
    framing_list(HP_FIELD_TRANSFER_ENCODING);
}

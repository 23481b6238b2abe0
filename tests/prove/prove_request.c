// SPDX-License-Identifier: MIT
//
// The request's life, and its body: each function from any request of which hp_request_state_holds().
// The kept fields come back as they were put.

#include "any_request.h"

#define READ 4

#include "body.c"
#include "chars.c"
#include "copy.c"
#include "holds.c"
#include "request.c"
#include "urlencoded.c"

hp_result_t hp_head_parse(hp_request_t *r) {
    PROVE(r->state == HP_S_FIELD_NAME && r->tok == r->pos);
    return any_bool() ? HP_MORE : any_bool() ? HP_HEAD : HP_BAD_FIELD_NAME;
}

hp_result_t hp_framing_decide(hp_request_t *r) {
    (void)r;
    return HP_HEAD;
}

static void any_request_in(hp_request_t *r, unsigned state) {
    any_request(r);
    r->state = (uint8_t)state;
    ASSUME(hp_request_state_holds(r));
}

// PROOF request-init fast: what holds of a request holds from its beginning
void prove_request_init(void) {
    hp_request_t r;
    size_t size = any_between(HP_REQUEST_SIZE_MIN, SIZE);
    hp_request_init(&r, buffer, size, any_word(), any_short());
    PROVE(hp_request_holds(&r) && hp_request_idle(&r) && hp_request_buffered(&r) == 0);
}

// PROOF request-reset fast: and after a connection, whatever came
void prove_request_reset(void) {
    hp_request_t r;
    any_request(&r);
    ASSUME(hp_request_state_holds(&r));
    hp_request_reset(&r);
    PROVE(hp_request_holds(&r) && hp_request_idle(&r));
}

// PROOF request-next fast: what follows a message stays for the next one
void prove_request_next(void) {
    hp_request_t r;
    any_request(&r);
    ASSUME(hp_request_state_holds(&r));
    size_t buffered = hp_request_buffered(&r);
    bool done = r.state == HP_S_DONE;
    PROVE(hp_request_next(&r) == done);
    PROVE(hp_request_buffered(&r) == buffered);
    PROVE(hp_request_state_holds(&r) && (!done || hp_request_holds(&r)));
}

// PROOF request-fail fast: an error wherever it is found: within a step, token and kept fields are anywhere
void prove_request_fail(void) {
    hp_request_t r;
    size_t got;
    any_request(&r);
    ASSUME(r.pos <= r.end && r.head_left <= r.max_head && r.fields_left <= r.max_fields);
    hp_result_t e = (hp_result_t)any_between(HP_ERROR, HP_HTTP_VERSION);
    size_t buffered = hp_request_buffered(&r);
    PROVE(hp_request_fail(&r, e) == e);
    PROVE(hp_request_holds(&r) && hp_request_buffered(&r) == buffered);
    PROVE(hp_request_parse(&r) == e && hp_request_body(&r, NULL, 1, &got) == e && got == 0);
    PROVE(!hp_request_next(&r));
}

// PROOF request-received fast: no more is taken than there is space
void prove_request_received(void) {
    hp_request_t r;
    any_request(&r);
    ASSUME(hp_request_state_holds(&r));
    hp_request_received(&r, any_size());
    PROVE(hp_request_state_holds(&r));
}

// What a state says of pointers and not of bytes: these move together, as is proved below.
static bool pointers_hold(const hp_request_t *r) {
    return r->buf <= r->kept && r->kept <= r->tok && r->tok <= r->pos && r->pos <= r->end
           && r->end <= r->limit && r->buf <= r->val && r->val <= r->limit;
}

// PROOF request-space fast: space in every state: the token and what is unread move as one
void prove_request_space(void) {
    hp_request_t r;
    size_t len;
    any_request(&r);
    ASSUME(hp_request_state_holds(&r));
    size_t buffered = hp_request_buffered(&r);
    ptrdiff_t token = r.pos - r.tok;
    bool in_token = r.val > r.tok && r.val <= r.pos;
    ptrdiff_t value = in_token ? r.val - r.tok : 1;
    const uint8_t *tok = r.tok;
    bool room = r.tok > r.kept || r.end < r.limit || r.tok == r.end;
    uint8_t *to = hp_request_space(&r, &len);
    PROVE(to == r.end && len <= (size_t)(r.limit - r.end));
    PROVE(pointers_hold(&r) && hp_request_buffered(&r) == buffered && r.pos - r.tok == token);
    PROVE(!in_token || r.val - r.tok == value);
    PROVE(r.state != HP_S_FIELDS || r.tok == tok);
    PROVE(len != 0 || r.state == HP_S_FIELDS || !room || r.kept == r.limit);
}

// PROOF request-bypass fast: body bytes past the buffer
void prove_request_bypass(void) {
    hp_request_t r;
    any_request(&r);
    ASSUME(hp_request_state_holds(&r));
    size_t n = hp_request_bypass(&r);
    PROVE(n == 0 || (n == r.remaining && hp_request_buffered(&r) == 0));
    if (n != 0) {
        hp_request_bypassed(&r, any_between(1, n));
        PROVE(hp_request_state_holds(&r));
    }
}

// PROOF request-field fast: a kept field is found as it was put, and where the one before it ends
void prove_request_field(void) {
    hp_request_t r;
    hp_field_t field;
    uint8_t *at = NULL;
    any_request(&r);
    size_t before = any_between(0, SIZE);
    size_t name = any_between(0, SIZE);
    size_t n = any_between(0, SIZE);
    unsigned tag = any_byte();
    if (r.keep_all) {
        tag = (unsigned)name;
    } else {
        name = 0;
    }
    ASSUME(before + name + n + 3 <= SIZE);
    uint8_t *to = buffer + before + name + n;
    to[0] = (uint8_t)tag;
    to[1] = (uint8_t)n;
    to[2] = (uint8_t)(n >> 8);
    r.kept = to + 3;
    PROVE(hp_request_field(&r, &at, &field));
    PROVE(at == buffer + before && field.value == at + name && field.value_len == n);
    PROVE(r.keep_all ? field.name == at && field.name_len == name : field.tag == tag);
    r.kept = r.buf;
    at = NULL;
    PROVE(!hp_request_field(&r, &at, &field));
}

// One byte of what is between chunk data, from a state.
static void framing_step(unsigned state) {
    hp_request_t r;
    any_request_in(&r, state);
    ASSUME(r.pos < r.end);
    uint8_t c = *r.pos;
    uint32_t left = r.head_left;
    hp_result_t e = chunk_framing(&r, c);
    r.tok = ++r.pos;
    PROVE(e == HP_MORE || e == HP_BAD_CHUNK);
    PROVE(e != HP_MORE || hp_request_state_holds(&r));
    PROVE(e != HP_MORE || r.head_left == left || r.head_left == left - 1);
}

// PROOF chunk-framing fast unwind=4: one byte, in each of the states between chunk data
void prove_chunk_framing(void) {
    unsigned state = any_byte();
    ASSUME((state >= HP_S_CHUNK_SIZE && state <= HP_S_CHUNK_SIZE_LF)
        || state == HP_S_CHUNK_DATA_CR || state == HP_S_CHUNK_DATA_LF);
    framing_step(state);
}

// PROOF chunk-size fast unwind=12: a size of up to 10 digits is what 64 bits count, with its limit
void prove_chunk_size(void) {
    hp_request_t r;
    uint64_t value = 0;
    bool good = true;
    any_request_in(&r, HP_S_CHUNK_SIZE);
    size_t n = any_between(1, 10);
    for (size_t i = 0; i < 10; ++i) {
        uint8_t c = any_byte();
        int d = hp_hexdig(c);
        ASSUME(d >= 0);
        if (i < n && good) {
            value = value << 4 | (uint64_t)d;
            good = chunk_framing(&r, c) == HP_MORE;
            PROVE(good == (value <= HP_LENGTH_MAX));
        }
    }
    if (good) {
        PROVE(chunk_framing(&r, '\r') == HP_MORE && chunk_framing(&r, '\n') == HP_MORE);
        PROVE(r.remaining == value && r.state == (value != 0 ? HP_S_CHUNK_DATA : HP_S_TRAILER));
    }
}

// Body bytes, from a state that has some.
static void data_step(unsigned state) {
    hp_request_t r;
    uint8_t to[READ];
    size_t got;
    any_request_in(&r, state);
    r.kept = r.buf;
    ASSUME(r.end - r.pos <= READ);
    size_t n = any_between(0, READ);
    uint32_t remaining = r.remaining;
    const uint8_t *pos = r.pos;
    hp_result_t e = hp_request_body(&r, any_bool() ? to : NULL, n, &got);
    PROVE(got <= n && got <= (size_t)(r.pos - pos) && hp_request_state_holds(&r));
    PROVE(e == HP_MORE || e == HP_DONE || e >= HP_ERROR);
    if (state == HP_S_IDENTITY) {
        PROVE(r.state == HP_S_IDENTITY ? r.remaining == remaining - got : got == remaining && e == HP_DONE);
    }
}

// PROOF body-identity unwind=7: 4 bytes or fewer of a body with a length
void prove_body_identity(void) {
    data_step(HP_S_IDENTITY);
}

// PROOF body-chunked unwind=7: 4 bytes or fewer from within a chunk, with what follows it
void prove_body_chunked(void) {
    data_step(HP_S_CHUNK_DATA);
}

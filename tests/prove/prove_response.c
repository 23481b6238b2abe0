// SPDX-License-Identifier: MIT
//
// The response writer: each function from any response of which hp_response_holds(), as its owner may
// call it, in a buffer of the smallest size. What is copied is any bytes; that the places are there is
// proved.

#include "prove.h"

#include "check.h"
#include "chars.h"
#include "httpparse.h"
#include "response.h"

static void check_copy(const void *to, const void *from, size_t n) {
    PROVE(__CPROVER_r_ok(from, n) && __CPROVER_w_ok(to, n));
    PROVE(!__CPROVER_same_object(to, from) || (const uint8_t *)to + n <= (const uint8_t *)from
        || (const uint8_t *)from + n <= (const uint8_t *)to);
}

static void check_move(const void *to, const void *from, size_t n) {
    PROVE(__CPROVER_r_ok(from, n) && __CPROVER_w_ok(to, n));
}

#define memcpy(to, from, n) check_copy(to, from, n)
#define memmove(to, from, n) check_move(to, from, n)
#undef hp_move_down
#define hp_move_down(dst, src, n) check_move(dst, src, n)

#include "chars.c"
#include "copy.c"
#include "holds.c"
#include "response.c"

#define SIZE HP_RESPONSE_SIZE_MIN
#define LONGEST 8

static uint8_t buffer[SIZE];
static uint8_t larger[2 * SIZE];

const char hp_text_http[8];
const char hp_text_length[17];
const char hp_text_chunked[29];
const char hp_text_close[20];
const char hp_text_keep_alive[25];

// Which texts there are is no matter of proof: the tests on the host have them all.
size_t hp_reason(uint8_t *to, unsigned status) {
    size_t longest = status < 200 ? 19 : HP_TEXT_MAX;
    PROVE(__CPROVER_w_ok(to, longest));
    return any_between(0, longest);
}

unsigned hp_framing_field(const uint8_t *name, size_t len) {
    PROVE(__CPROVER_r_ok(name, len) && len != 0);
    unsigned field = any_byte();
    ASSUME(field <= HP_FIELD_TRANSFER_ENCODING);
    return field;
}

unsigned hp_token(const uint8_t *p, size_t len) {
    PROVE(__CPROVER_r_ok(p, len));
    return any_byte();
}

static uint8_t *any_place(void) {
    return buffer + any_between(0, SIZE);
}

static void any_response(hp_response_t *w) {
    __CPROVER_havoc_object(buffer);
    w->buf = buffer;
    w->limit = buffer + SIZE;
    w->out = any_place();
    w->body = any_place();
    w->end = any_place();
    ASSUME(hp_response_holds(w));
}

// One that a handler is writing.
static void any_started(hp_response_t *w) {
    any_response(w);
    ASSUME((w->flags & (HP_W_STARTED | HP_W_FINISHED)) == HP_W_STARTED && w->status >= 100 && w->status <= 599);
}

// PROOF response-init fast: what holds of a response holds from its beginning, and for each connection
void prove_response_init(void) {
    hp_response_t w;
    hp_response_init(&w, buffer, any_between(HP_RESPONSE_SIZE_MIN, SIZE));
    PROVE(hp_response_holds(&w));
    any_response(&w);
    hp_response_reset(&w);
    PROVE(hp_response_holds(&w) && hp_response_pending(&w) == 0);
}

// PROOF response-interim fast unwind=11: an interim response, and the final one behind what is left of it
void prove_response_interim(void) {
    hp_response_t w;
    any_response(&w);
    ASSUME(!(w.flags & HP_W_STARTED));
    if (hp_response_pending(&w) == 0) {
        hp_response_reset(&w);
        hp_response_interim(&w, (unsigned)any_between(100, 199));
        PROVE(hp_response_holds(&w) && hp_response_pending(&w) != 0);
    }
}

// PROOF response-begin fast unwind=11: a response begins whatever the one before it has left
void prove_response_begin(void) {
    hp_response_t w;
    any_response(&w);
    hp_response_begin(&w, (unsigned)any_between(100, 599), (unsigned)any_between(10, 11), any_bool(), any_bool());
    PROVE(hp_response_holds(&w) && w.framing == HP_FRAMING_OPEN && (w.flags & HP_W_STARTED));
}

// PROOF response-field fast unwind=11: a field of up to 8 bytes and as many of its value
void prove_response_field(void) {
    hp_response_t w;
    uint8_t name[LONGEST];
    uint8_t value[LONGEST];
    any_started(&w);
    const uint8_t *end = w.end;
    hp_field_result_t e = hp_response_field(&w, name, any_between(0, LONGEST), value, any_between(0, LONGEST));
    PROVE(hp_response_holds(&w) && e <= HP_FIELD_LATE && w.end >= end);
    PROVE(w.end == end || (e == HP_FIELD_OK && w.body == w.end));
}

// PROOF response-field-space fast: one for which there is no space, however long it is
void prove_response_field_space(void) {
    hp_response_t w;
    any_started(&w);
    size_t name_len = any_size();
    size_t value_len = any_size();
    size_t space = (size_t)(w.limit - w.end);
    ASSUME(name_len > space || value_len > space || name_len + value_len > space);
    hp_field_result_t e = hp_response_field(&w, NULL, name_len, NULL, value_len);
    PROVE(e == HP_FIELD_NO_SPACE || e == HP_FIELD_LATE);
}

// PROOF response-content-length unwind=13: 10 bytes or fewer: a number of 32 bits and nothing else
void prove_response_content_length(void) {
    uint8_t text[10];
    hp_response_t w;
    size_t n = any_between(0, sizeof(text));
    uint64_t value = 0;
    bool good = n != 0;
    any_bytes(text, sizeof(text));
    for (size_t i = 0; i < n; ++i) {
        good = good && text[i] >= '0' && text[i] <= '9';
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    good = good && value <= UINT32_MAX;
    PROVE(content_length(&w, text, text + n) == good);
    PROVE(!good || (w.length == value && (w.flags & HP_W_HAS_LENGTH)));
}

// PROOF response-body fast: body bytes by way of the buffer: as many as there is space for
void prove_response_body(void) {
    hp_response_t w;
    size_t space;
    any_started(&w);
    ASSUME(w.owed == 0);
    uint8_t *to = hp_response_space(&w, &space);
    PROVE(hp_response_holds(&w) && __CPROVER_w_ok(to, space));
    size_t n = hp_response_allowed(&w, any_between(0, space));
    hp_response_added(&w, n);
    PROVE(hp_response_holds(&w) && (w.flags & HP_W_NO_BODY || w.end == to + n));
}

// PROOF response-no-body fast: the body of an answer to HEAD is counted, whatever its size
void prove_response_no_body(void) {
    hp_response_t w;
    any_started(&w);
    ASSUME(w.flags & HP_W_NO_BODY);
    const uint8_t *end = w.end;
    hp_response_added(&w, any_size());
    PROVE(hp_response_holds(&w) && w.end == end);
}

// PROOF response-direct fast unwind=11: body bytes past the buffer: announced, sent in parts, and the chunk's end
void prove_response_direct(void) {
    hp_response_t w;
    any_started(&w);
    ASSUME(w.owed == 0 && hp_response_may_direct(&w));
    size_t n = hp_response_allowed(&w, any_between(1, UINT32_MAX));
    hp_response_direct(&w, n);
    PROVE(hp_response_holds(&w) && w.owed == n);
}

// PROOF response-direct-sent fast: a part of what was announced has left
void prove_response_direct_sent(void) {
    hp_response_t w;
    any_started(&w);
    // The chunk's size has gone
    ASSUME(w.owed != 0 && w.framing != HP_FRAMING_OPEN && w.out == w.end && w.end == w.buf);
    uint32_t owed = w.owed;
    size_t n = any_between(1, owed);
    hp_response_direct_sent(&w, n);
    PROVE(hp_response_holds(&w) && w.owed == owed - n);
}

// PROOF response-seal fast unwind=11: the framing is decided, its fields and a chunk's size are put
void prove_response_seal(void) {
    hp_response_t w;
    any_started(&w);
    ASSUME(w.owed == 0);
    hp_response_seal(&w);
    PROVE(hp_response_holds(&w) && w.framing != HP_FRAMING_OPEN);
    PROVE((w.flags & HP_W_SEALED) || w.out == w.end);
}

// PROOF response-finish fast unwind=11: and the last chunk
void prove_response_finish(void) {
    hp_response_t w;
    any_started(&w);
    hp_response_finish(&w);
    PROVE(hp_response_holds(&w) && w.framing != HP_FRAMING_OPEN && (w.flags & HP_W_FINISHED));
    PROVE((w.flags & HP_W_SEALED) || w.out == w.end || w.owed != 0);
    hp_response_t once = w;
    hp_response_finish(&w);
    PROVE(once.end == w.end && once.flags == w.flags);
}

// PROOF response-sent fast: bytes have left; the buffer is empty when all have
void prove_response_sent(void) {
    hp_response_t w;
    any_response(&w);
    size_t pending = hp_response_pending(&w);
    ASSUME(pending != 0);
    size_t n = any_between(1, pending);
    hp_response_sent(&w, n);
    PROVE(hp_response_holds(&w) && hp_response_pending(&w) == pending - n);
}

// PROOF response-cut fast: what is buffered of a response that has been sent in part is given up
void prove_response_cut(void) {
    hp_response_t w;
    any_started(&w);
    ASSUME(w.flags & HP_W_SENT);
    hp_response_cut(&w);
    PROVE(hp_response_holds(&w) && hp_response_pending(&w) == 0);
}

// PROOF response-move fast: into another buffer, with all that has not been sent
void prove_response_move(void) {
    hp_response_t w;
    any_response(&w);
    ASSUME(!(w.flags & HP_W_SENT) || hp_response_pending(&w) == 0);
    ASSUME(w.out <= w.body);
    size_t size = any_between(HP_RESPONSE_SIZE_MIN, sizeof(larger));
    ASSUME(hp_response_fits(&w, size));
    size_t pending = (size_t)(w.end - w.out);
    hp_response_move(&w, larger, size);
    PROVE(hp_response_holds(&w) && (size_t)(w.end - w.out) == pending && w.limit == larger + size);
}

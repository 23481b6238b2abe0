// SPDX-License-Identifier: MIT
//
// The request head, by induction over its states: hp_head_parse() is called in each state, with any
// request of which hp_request_state_holds(), any bytes and any limits. At every move to another state
// that state's part of it is proved, and the path ends there: it goes on in that state's own proof.
//
// moves.py has put the moves into head.c. Look-ups and the framing fields' values are proved apart
// (prove_framing.c); here they are any answer, and what they need is proved. Spans are taken byte by
// byte; that words give the same is proved below.

#define HP_BYTEWISE 1

#include "any_request.h"

// A byte of the kept fields, and where parsing began
static size_t watched;
static uint8_t watched_byte;
static bool watches;
static const uint8_t *begin;
static unsigned begin_state;

static bool is_kept(void) {
    return !watches || buffer[watched] == watched_byte;
}

#define MOVE(next) \
    do { \
        PROVE(p >= begin && p <= stop && (p > begin || (next) > begin_state)); \
        PROVE(tok == r->tok); \
        r->pos = p; \
        r->state = (next); \
        PROVE(hp_request_state_holds(r)); \
        PROVE(is_kept()); \
        ASSUME(false); \
    } while (0)

#include "chars.c"
#include "head_cut.c"
#include "holds.c"

unsigned hp_token(const uint8_t *p, size_t len) {
    PROVE(__CPROVER_r_ok(p, len));
    unsigned token = any_byte();
    ASSUME(token <= HP_TOKEN_OPTIONS);
    ASSUME(token != HP_TOKEN_HTTP || len == 4 || len == 5);
    ASSUME((token != HP_TOKEN_CONNECT && token != HP_TOKEN_OPTIONS) || len == 7);
    return token;
}

unsigned hp_framing_field(const uint8_t *name, size_t len) {
    PROVE(__CPROVER_r_ok(name, len) && len != 0);
    unsigned field = any_byte();
    ASSUME(field <= HP_FIELD_TRANSFER_ENCODING);
    return field;
}

bool hp_uri_host(const uint8_t *p, const uint8_t *end) {
    PROVE(p <= end && __CPROVER_r_ok(p, (size_t)(end - p) + 1));
    PROVE(*end == '/' || *end == '?' || *end == ' ');
    return any_bool();
}

hp_result_t hp_framing_value(hp_request_t *r, const uint8_t *p, const uint8_t *end) {
    PROVE(p <= end && __CPROVER_r_ok(p - 1, (size_t)(end - p) + 2));
    PROVE(*end == ' ' || *end == '\t' || *end == '\r');
    PROVE(p == end || (end[-1] != ' ' && end[-1] != '\t'));
    r->flags |= any_byte();
    r->coding |= any_byte() & 15;
    r->content_length = any_word();
    return any_bool() ? HP_MORE : HP_BAD_HOST;
}

static int any_want(const hp_request_t *r, const uint8_t *name, size_t len) {
    PROVE(__CPROVER_r_ok(name, len) && len != 0);
    int tag = any_byte();
    return any_bool() ? -1 : tag == HP_TAG_NONE ? 0 : tag;
}

// Any request in a state, of which all holds that is to hold in it.
static void any_request_in(hp_request_t *r, unsigned state) {
    any_request(r);
    r->want = any_bool() ? NULL : any_want;
    r->state = (uint8_t)state;
    ASSUME(r->field <= HP_FIELD_TRANSFER_ENCODING);
    ASSUME(hp_request_state_holds(r));
    begin = r->pos;
    begin_state = state;
    watched = any_between(0, SIZE);
    ASSUME(watched < SIZE);
    watched_byte = buffer[watched];
    watches = r->buf + watched < r->kept;
}

static void step_from(hp_request_t *request);

static void step(unsigned state) {
    hp_request_t r;
    any_request_in(&r, state);
    step_from(&r);
}

// The same with a field that is kept or is not, and its name, and a value of 7 bytes or fewer.
static void step_kept(unsigned state, bool kept, bool all) {
    hp_request_t r;
    any_request_in(&r, state);
    ASSUME(r.val + 8 >= r.pos);
    ASSUME(r.keep_all == all && (r.tag != HP_TAG_NONE) == kept);
    r.keep_all = all;
    if (!kept) {
        r.tag = HP_TAG_NONE;
    }
    step_from(&r);
}

static void step_from(hp_request_t *request) {
    hp_request_t r = *request;
    const uint8_t *end = r.end;
    uint32_t left = r.head_left;
    hp_result_t e = hp_head_parse(&r);
    PROVE(r.pos >= begin && r.pos <= end && r.end == end);
    PROVE(r.head_left == left - (uint32_t)(r.pos - begin));
    PROVE(is_kept());
    if (e == HP_MORE) {
        PROVE(hp_request_state_holds(&r));
        // More can be read: space is there, or made
        PROVE(r.tok == r.end || r.end < r.limit || r.tok > r.kept);
    } else if (e == HP_REQUEST_LINE) {
        PROVE(r.state == HP_S_FIELDS && hp_request_state_holds(&r));
    } else if (e == HP_HEAD) {
        PROVE(r.kept <= r.tok && r.tok == r.pos && r.field == HP_FIELD_NONE && r.tag == HP_TAG_NONE);
    } else {
        PROVE(e >= HP_ERROR && e <= HP_HTTP_VERSION);
    }
}

// PROOF head-start unwind=35: empty lines, and the first byte of a request
void prove_head_start(void) {
    step(HP_S_START);
}

// PROOF head-start-lf unwind=35: within an empty line
void prove_head_start_lf(void) {
    step(HP_S_START_LF);
}

// PROOF head-method unwind=35: the method
void prove_head_method(void) {
    step(HP_S_METHOD);
}

// PROOF head-target unwind=35: the target
void prove_head_target(void) {
    step(HP_S_TARGET);
}

// PROOF head-version unwind=35: the version
void prove_head_version(void) {
    step(HP_S_VERSION);
}

// PROOF head-request-line-lf unwind=35: the end of the request line, whose parts are found
void prove_head_request_line_lf(void) {
    step(HP_S_REQUEST_LINE_LF);
}

// PROOF head-fields fast unwind=35: the first field, and Host from the target
void prove_head_fields(void) {
    step(HP_S_FIELDS);
}

// PROOF head-field-name fast unwind=35: a name
void prove_head_field_name(void) {
    step(HP_S_FIELD_NAME);
}

// PROOF head-field-ows fast unwind=35: what is in front of a value
void prove_head_field_ows(void) {
    step(HP_S_FIELD_OWS);
}

// PROOF head-field-value unwind=35: a value
void prove_head_field_value(void) {
    step(HP_S_FIELD_VALUE);
}

// PROOF head-field-lf unwind=12: a value of 7 bytes or fewer ends: a line that nobody keeps: framing
void prove_head_field_lf(void) {
    step_kept(HP_S_FIELD_LF, false, any_bool());
}

// PROOF head-field-kept unwind=12: a value of 7 bytes or fewer ends: a line whose value is kept
void prove_head_field_kept(void) {
    step_kept(HP_S_FIELD_LF, true, false);
}

// PROOF head-field-kept-name unwind=12: a value of 7 bytes or fewer ends: a line whose name and value are kept
void prove_head_field_kept_name(void) {
    step_kept(HP_S_FIELD_LF, true, true);
}

// PROOF head-head-lf fast unwind=35: the end of the head
void prove_head_head_lf(void) {
    step(HP_S_HEAD_LF);
}

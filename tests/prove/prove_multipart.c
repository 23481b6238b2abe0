// SPDX-License-Identifier: MIT
//
// Multipart bodies: each function from any parser of which hp_multipart_holds(), behind a delimiter of
// any of the lengths up to 8, and any bytes. The part header fields are those of the head (prove_head.c);
// what its parser gives here is any of what is proved there. Parameters are proved in prove_params.c.

// The delimiter
#define FRONT 8

#include "any_request.h"

#include "multipart.h"
#include "params.h"
#include "words.h"

// Bytes of the fields of a part that is complete
#define KEPT 16

uint8_t *hp_copy(uint8_t *to, const void *from, size_t n) {
    PROVE(__CPROVER_r_ok(from, n) && __CPROVER_w_ok(to, n));
    return to + n;
}

// Where the loop goes on in another state, or with what is unread in the same: moves.py has put these
// there. A part whose fields are complete is proved by itself.
static const uint8_t *begin;

#define MOVE(next) \
    do { \
        r->kept = r->buf; \
        PROVE(hp_multipart_state_holds(m) && r->pos > begin && m->state <= HP_M_DONE); \
        ASSUME(false); \
    } while (0)

static hp_result_t any_end_of_part(hp_multipart_t *m) {
    PROVE(m->state == HP_M_BEGIN);
    return any_bool() ? HP_PART : any_bool() ? HP_BAD_PART : HP_BAD_PARAMETER;
}

static bool within(const uint8_t *p, size_t n, const uint8_t *begin, const uint8_t *end) {
    return p >= begin && p <= end && n <= (size_t)(end - p);
}

static uint8_t *any_delimiter(const hp_multipart_t *m, uint8_t *p, const uint8_t *end) {
    (void)m;
    PROVE(p <= end && __CPROVER_r_ok(p, (size_t)(end - p)));
    return p + any_between(0, (size_t)(end - p));
}

static hp_result_t any_disposition(hp_multipart_t *m, uint8_t *p, uint8_t *end) {
    PROVE(p <= end && __CPROVER_w_ok(p, (size_t)(end - p)));
    PROVE(m->name == NULL && m->filename == NULL);
    if (any_bool()) {
        return any_bool() ? HP_BAD_PART : HP_BAD_PARAMETER;
    }
    m->name = p + any_between(0, (size_t)(end - p));
    m->name_len = any_between(0, (size_t)(end - m->name));
    m->filename = any_bool() ? NULL : p + any_between(0, (size_t)(end - p));
    m->filename_len = m->filename == NULL ? any_size() : any_between(0, (size_t)(end - m->filename));
    return HP_DONE;
}

#include "chars.c"
#include "holds.c"
#include "multipart_cut.c"
#include "request.c"

// A word's length is that of its entry.
unsigned hp_lookup(const uint32_t *table, const uint8_t *p, size_t len) {
    (void)table;
    PROVE(__CPROVER_r_ok(p, len));
    unsigned number = any_byte();
    switch (number) {
        case WORD_NAME:
            return len == 4 ? number : 0;
        case WORD_BOUNDARY:
        case WORD_FILENAME:
            return len == 8 ? number : 0;
        case WORD_FORM_DATA:
        case WORD_FILENAME_EXT:
            return len == 9 ? number : 0;
        case WORD_MULTIPART:
            return len == 19 ? number : 0;
        default:
            return 0;
    }
}

hp_result_t hp_framing_decide(hp_request_t *r) {
    (void)r;
    return HP_HEAD;
}

size_t hp_params_value(const uint8_t *p, const uint8_t *end) {
    PROVE(p <= end && __CPROVER_r_ok(p, (size_t)(end - p)));
    return any_between(0, (size_t)(end - p));
}

hp_result_t hp_params_next(uint8_t **at, uint8_t *end, hp_pair_t *pair) {
    uint8_t *p = *at;
    PROVE(p <= end && __CPROVER_w_ok(p, (size_t)(end - p)));
    size_t left = (size_t)(end - p);
    if (left < 4 || any_bool()) {
        return any_bool() ? HP_DONE : HP_BAD_PARAMETER;
    }
    size_t taken = any_between(4, left);
    pair->name = p + any_between(1, taken);
    pair->name_len = any_between(1, taken);
    pair->value = p + any_between(1, taken);
    pair->value_len = any_between(0, taken);
    ASSUME(within(pair->name, pair->name_len, p, p + taken));
    ASSUME(within(pair->value, pair->value_len, pair->name + pair->name_len, p + taken));
    ASSUME(pair->value > pair->name + pair->name_len);
    *at = p + taken;
    return HP_PAIR;
}

hp_result_t hp_ext_value(hp_pair_t *pair) {
    PROVE(__CPROVER_w_ok(pair->value, pair->value_len));
    size_t n = any_between(0, pair->value_len);
    pair->value += n;
    pair->value_len = any_between(0, pair->value_len - n);
    return any_bool() ? HP_PAIR : any_bool() ? HP_MORE : HP_BAD_PARAMETER;
}

hp_result_t hp_head_parse(hp_request_t *r) {
    PROVE(hp_request_state_holds(r) && r->state >= HP_S_FIELD_NAME && r->state <= HP_S_HEAD_LF);
    const uint8_t *pos = r->pos;
    r->kept = any_place();
    r->tok = any_place();
    r->val = any_place();
    r->pos = any_place();
    r->head_left = (uint32_t)any_between(0, r->head_left);
    r->fields_left = (uint16_t)any_between(0, r->fields_left);
    r->state = any_byte();
    r->field = any_byte();
    r->tag = any_byte();
    r->name_len = any_short();
    hp_result_t e = any_bool() ? HP_MORE : any_bool() ? HP_HEAD : HP_BAD_FIELD_NAME;
    ASSUME(r->pos >= pos && r->pos <= r->end && r->state >= HP_S_FIELD_NAME && r->state <= HP_S_HEAD_LF);
    ASSUME(r->kept >= r->buf && r->kept <= r->tok && r->tok <= r->pos);
    if (e == HP_MORE) {
        ASSUME(hp_request_state_holds(r));
        ASSUME(r->head_left != 0 && r->end - r->tok < r->limit - r->kept);
    } else if (e == HP_HEAD) {
        r->field = HP_FIELD_NONE;
        r->tag = HP_TAG_NONE;
        r->state = HP_S_FIELD_NAME + any_between(0, HP_S_HEAD_LF - HP_S_FIELD_NAME);
        ASSUME(r->tok == r->pos);
    }
    return e;
}

static void any_multipart(hp_multipart_t *m) {
    any_request(&m->fields);
    m->delimiter_len = (uint8_t)any_between(5, FRONT);
    m->delimiter = buffer + FRONT - m->delimiter_len;
    ASSUME(hp_multipart_state_holds(m));
}

// PROOF multipart-init unwind=14: any value of Content-Type of up to 34 bytes
void prove_multipart_init(void) {
    static uint8_t own[HP_MULTIPART_SIZE_MIN + HP_BUFFER_PAD];
    uint8_t type[34];
    hp_multipart_t m;
    uint32_t max_header = any_word();
    ASSUME(max_header != 0);
    hp_result_t e = hp_multipart_init(&m, own, HP_MULTIPART_SIZE_MIN, type, any_between(0, sizeof(type)),
        any_short(), max_header, any_short());
    PROVE(hp_multipart_state_holds(&m) && (e == HP_MORE) == (m.state == HP_M_PREAMBLE));
}

// PROOF multipart-space unwind=12: space in every state: what is unread moves
void prove_multipart_space(void) {
    hp_multipart_t m;
    size_t len;
    any_multipart(&m);
    size_t unread = hp_request_buffered(&m.fields);
    uint8_t *to = hp_multipart_space(&m, &len);
    PROVE(to == m.fields.end && len <= (size_t)(m.fields.limit - m.fields.end));
    PROVE(hp_request_buffered(&m.fields) == unread);
}

// PROOF multipart-delimiter-line unwind=12: each byte behind a delimiter
void prove_multipart_delimiter_line(void) {
    hp_multipart_t m;
    any_multipart(&m);
    ASSUME(m.state >= HP_M_DELIMITED && m.state <= HP_M_DASH && m.fields.pos < m.fields.end);
    hp_result_t e = delimiter_line(&m, *m.fields.pos);
    m.fields.kept = m.fields.buf;
    m.fields.tok = ++m.fields.pos;
    PROVE(e == HP_MORE || e == HP_BAD_BOUNDARY || e == HP_BAD_LINE_END || e == HP_TOO_MANY_PARTS || e == HP_HEAD_TOO_LARGE);
    PROVE(e != HP_MORE || hp_multipart_state_holds(&m));
}

// PROOF multipart-find-delimiter unwind=12: 10 bytes: where a delimiter of 5 or 6 is or may begin, by the plain way
void prove_multipart_find_delimiter(void) {
    enum { LONGEST = 10 };
    hp_multipart_t m;
    uint8_t delimiter[6];
    uint8_t bytes[LONGEST];
    any_bytes(delimiter, sizeof(delimiter));
    any_bytes(bytes, LONGEST);
    size_t n = any_between(5, sizeof(delimiter));
    size_t len = any_between(0, LONGEST);
    delimiter[0] = '\r';
    m.delimiter = delimiter;
    m.delimiter_len = (uint8_t)n;
    for (size_t w = 0; w < 8; ++w) {
        m.in_delimiter[w] = 0;
    }
    for (size_t i = 0; i < n; ++i) {
        m.in_delimiter[delimiter[i] >> 5] |= (uint32_t)1 << (delimiter[i] & 31);
    }
    // The first place where all that is there is a delimiter's
    size_t at = 0;
    for (; at < len; ++at) {
        size_t same = 0;
        while (same < n && at + same < len && bytes[at + same] == delimiter[same]) {
            ++same;
        }
        if (same == n || at + same == len) {
            break;
        }
    }
    PROVE(find_delimiter(&m, bytes, bytes + len) == bytes + at);
}

// PROOF multipart-part unwind=12: its name, file name and type lie in the kept fields, of up to 16 bytes
void prove_multipart_part(void) {
    hp_multipart_t m;
    any_request(&m.fields);
    m.fields.keep_all = false;
    const uint8_t *kept = m.fields.kept;
    ASSUME(kept - m.fields.buf <= KEPT && fields_hold(&m.fields));
    hp_result_t e = part(&m);
    PROVE(e == HP_PART || e == HP_BAD_PART || e == HP_BAD_PARAMETER);
    if (e == HP_PART) {
        PROVE(m.name != NULL && within(m.name, m.name_len, m.fields.buf, kept));
        PROVE(m.filename == NULL || within(m.filename, m.filename_len, m.fields.buf, kept));
        PROVE(m.type == NULL || within(m.type, m.type_len, m.fields.buf, kept));
    }
}

// PROOF multipart-disposition unwind=12: up to 20 bytes of parameters: name and file name lie in them
void prove_multipart_disposition(void) {
    hp_multipart_t m;
    uint8_t *value = buffer;
    uint8_t *end = value + any_between(0, 20);
    m.name = m.filename = NULL;
    hp_result_t e = disposition(&m, value, end);
    PROVE(e == HP_DONE || e == HP_BAD_PART || e == HP_BAD_PARAMETER);
    if (e == HP_DONE) {
        PROVE(m.name != NULL && within(m.name, m.name_len, value, end));
        PROVE(m.filename == NULL || within(m.filename, m.filename_len, value, end));
    }
}

// A step with any bytes.
static void step(unsigned state) {
    hp_multipart_t m;
    size_t len;
    any_multipart(&m);
    ASSUME(m.state == state);
    m.state = (uint8_t)state;
    begin = m.fields.pos;
    const uint8_t *end = m.fields.end;
    hp_result_t e = hp_multipart_parse(&m);
    PROVE(hp_multipart_state_holds(&m) && m.fields.pos >= begin && m.fields.end == end);
    switch (e) {
        case HP_DATA:
            PROVE(m.data_len != 0 && within(m.data, m.data_len, begin, m.fields.pos));
            break;
        case HP_PART_END:
            PROVE(m.state == HP_M_DELIMITED);
            break;
        case HP_DONE:
            PROVE(m.state == HP_M_DONE && hp_multipart_end(&m) == HP_DONE);
            break;
        case HP_MORE:
            hp_multipart_space(&m, &len);
            PROVE(len != 0);
            break;
        default:
            PROVE(e == HP_PART || (e >= HP_ERROR && hp_multipart_parse(&m) == e && hp_multipart_end(&m) == e));
    }
}

// PROOF multipart-preamble unwind=12: before the first part
void prove_multipart_preamble(void) {
    step(HP_M_PREAMBLE);
}

// PROOF multipart-begin unwind=12: where a part's body begins, or the delimiter behind a part without one
void prove_multipart_begin(void) {
    step(HP_M_BEGIN);
}

// PROOF multipart-data unwind=12: a part's body
void prove_multipart_data(void) {
    step(HP_M_DATA);
}

// PROOF multipart-delimited unwind=12: behind a delimiter
void prove_multipart_delimited(void) {
    step(HP_M_DELIMITED);
}

// PROOF multipart-padding unwind=12: white space behind a delimiter
void prove_multipart_padding(void) {
    step(HP_M_PADDING);
}

// PROOF multipart-lf unwind=12: the end of its line
void prove_multipart_lf(void) {
    step(HP_M_LF);
}

// PROOF multipart-dash unwind=12: the end of the last one
void prove_multipart_dash(void) {
    step(HP_M_DASH);
}

// PROOF multipart-fields unwind=12: a part's header fields
void prove_multipart_fields(void) {
    step(HP_M_FIELDS);
}

// PROOF multipart-done fast unwind=12: behind the last part
void prove_multipart_done(void) {
    step(HP_M_DONE);
}

// PROOF multipart-error fast unwind=12: an error, again and again
void prove_multipart_error(void) {
    step(HP_M_ERROR);
}

// SPDX-License-Identifier: MIT
//
// Forms as a stream: each function from any form of which hp_form_holds(), with a buffer of the
// smallest size and any bytes in it. What is decoded is any bytes (prove_urlencoded.c).

#include "prove.h"

#include "check.h"
#include "form.h"

#define SIZE HP_FORM_SIZE_MIN

static uint8_t buffer[SIZE];

// In place, and no longer than it was
size_t hp_unquote(uint8_t *p, size_t len, bool plus) {
    (void)plus;
    PROVE(__CPROVER_w_ok(p, len));
    return any_between(0, len);
}

#undef hp_move_down
#define hp_move_down(dst, src, n) check_move_down(dst, src, n)

// Behind an empty pair the parser goes on as from its beginning, which is a step of its own: moves.py
// has put this there.
static const uint8_t *begin;

#define MOVE(next) \
    do { \
        PROVE(hp_form_holds(f) && f->state == (next) && f->pos > begin); \
        ASSUME(false); \
    } while (0)

#include "form_cut.c"
#include "holds.c"

static uint8_t *any_place(void) {
    return buffer + any_between(0, SIZE);
}

static void any_form(hp_form_t *f) {
    __CPROVER_havoc_object(buffer);
    f->buf = buffer;
    f->limit = buffer + SIZE;
    f->tok = any_place();
    f->val = any_place();
    f->pos = any_place();
    f->end = any_place();
    f->slices = any_bool();
    f->more = any_bool();
    f->ended = any_bool();
    ASSUME(hp_form_holds(f));
}

// PROOF form-init fast: what holds of a form holds from its beginning
void prove_form_init(void) {
    hp_form_t f;
    hp_form_init(&f, buffer, any_between(HP_FORM_SIZE_MIN, SIZE), any_short(), any_bool());
    PROVE(hp_form_holds(&f));
}

// PROOF form-space fast: the name and the part of the value that is there move to the front, and no byte is lost
void prove_form_space(void) {
    hp_form_t f;
    size_t len;
    any_form(&f);
    ptrdiff_t unread = f.end - f.pos;
    unsigned state = f.state;
    ptrdiff_t value = state == HP_F_VALUE ? f.pos - f.val : 0;
    uint8_t *to = hp_form_space(&f, &len);
    PROVE(hp_form_holds(&f) && f.state == state);
    PROVE(to == f.end && len == (size_t)(f.limit - f.end));
    PROVE(state == HP_F_ERROR || f.end - f.pos == unread);
    PROVE(state != HP_F_VALUE || f.pos - f.val == value);
    hp_form_received(&f, any_size());
    PROVE(hp_form_holds(&f));
}

static bool within(const uint8_t *p, size_t n) {
    return p >= buffer && p <= buffer + SIZE && n <= (size_t)(buffer + SIZE - p);
}

// PROOF form-parse unwind=18: a step from any state: pairs lie in the buffer, more can be read, all ends
void prove_form_parse(void) {
    hp_form_t f;
    size_t len;
    any_form(&f);
    begin = f.pos;
    uint8_t *val = f.val;
    unsigned state = f.state;
    unsigned pairs = f.pairs_left;
    hp_result_t e = hp_form_parse(&f);
    PROVE(hp_form_holds(&f) && f.pos >= begin);
    switch (e) {
        case HP_PAIR:
            PROVE(within(f.pair.name, f.pair.name_len) && within(f.pair.value, f.pair.value_len));
            PROVE(f.pair.name + f.pair.name_len <= f.pair.value);
            // Each pair counts, and each slice takes a byte at least
            PROVE(state == HP_F_NAME ? f.pairs_left == pairs - 1u : f.pairs_left == pairs);
            PROVE(!f.more || (f.slices && f.state == HP_F_VALUE && (state == HP_F_NAME || f.val > val)));
            break;
        case HP_MORE:
            PROVE(!f.ended);
            hp_form_space(&f, &len);
            PROVE(len != 0);
            break;
        case HP_DONE:
            PROVE(f.ended && f.pos == f.end && state == HP_F_NAME);
            break;
        default:
            PROVE(f.state == HP_F_ERROR && hp_form_parse(&f) == e);
            PROVE(state == HP_F_ERROR || e == HP_CONTENT_TOO_LARGE || e == HP_TOO_MANY_PARTS);
    }
}

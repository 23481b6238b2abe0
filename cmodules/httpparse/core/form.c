// SPDX-License-Identifier: MIT

#include "check.h"
#include "form.h"
#include "urlencoded.h"

void hp_form_init(hp_form_t *f, uint8_t *buf, size_t size, uint16_t max_pairs, bool slices) {
    f->buf = f->tok = f->val = f->pos = f->end = buf;
    f->limit = buf + size;
    f->name_len = 0;
    f->pairs_left = max_pairs;
    f->state = HP_F_NAME;
    f->slices = slices;
    f->more = false;
    f->ended = false;
    f->pair.name = f->pair.value = buf;
    f->pair.name_len = f->pair.value_len = 0;
}

// Moves what is still needed to the buffer's front: the name, and the value read so far.
uint8_t *hp_form_space(hp_form_t *f, size_t *len) {
    HP_CHECK(hp_form_holds(f));
    uint8_t *to = f->buf;
    uint8_t *from = f->tok;
    if (f->state == HP_F_VALUE) {
        hp_move_down(to, f->tok, f->name_len);
        to += f->name_len;
        from = f->val;
        f->val = to;
    }
    f->tok = f->buf;
    size_t gap = (size_t)(from - to);
    if (gap != 0) {
        hp_move_down(to, from, (size_t)(f->end - from));
        f->pos -= gap;
        f->end -= gap;
    }
    *len = (size_t)(f->limit - f->end);
    return f->end;
}

void hp_form_received(hp_form_t *f, size_t n) {
    HP_CHECK(hp_form_holds(f));
    size_t space = (size_t)(f->limit - f->end);
    f->end += n < space ? n : space;
    f->ended |= n == 0;
}

// The value, or a slice of it, from f->val to end.
static hp_result_t pair(hp_form_t *f, uint8_t *end, bool more) {
    f->pair.name = f->tok;
    f->pair.name_len = f->name_len;
    f->pair.value = f->val;
    f->pair.value_len = hp_unquote(f->val, (size_t)(end - f->val), true);
    f->more = more;
    return HP_PAIR;
}

// The buffer is full of a name and the first part of its value, which has one byte at least: the
// "=" between them has made room for it.
static hp_result_t slice(hp_form_t *f) {
    uint8_t *end = f->end;
    size_t n = (size_t)(end - f->val);
    // An escape that may be cut in two waits for its rest
    if (end[-1] == '%') {
        end -= 1;
    } else if (n >= 2 && end[-2] == '%') {
        end -= 2;
    }
    if (!f->slices || end == f->val) {
        return HP_CONTENT_TOO_LARGE;
    }
    hp_result_t e = pair(f, end, true);
    f->val = end;
    return e;
}

static hp_result_t parse(hp_form_t *f) {
    for (;;) {
        if (f->state == HP_F_NAME) {
            while (f->pos != f->end && *f->pos != '=' && *f->pos != '&') {
                ++f->pos;
            }
            if (f->pos == f->end && !f->ended) {
                return f->end - f->tok == f->limit - f->buf ? HP_CONTENT_TOO_LARGE : HP_MORE;
            }
            size_t n = (size_t)(f->pos - f->tok);
            if (n == 0 && (f->pos == f->end || *f->pos == '&')) {
                if (f->pos == f->end) {
                    return HP_DONE;
                }
                f->tok = ++f->pos;
                continue;
            }
            if (f->pairs_left == 0) {
                return HP_TOO_MANY_PARTS;
            }
            --f->pairs_left;
            if (f->pos != f->end && *f->pos == '=') {
                ++f->pos;
            }
            f->val = f->pos;
            f->name_len = hp_unquote(f->tok, n, true);
            f->state = HP_F_VALUE;
        }
        while (f->pos != f->end && *f->pos != '&') {
            ++f->pos;
        }
        if (f->pos == f->end && !f->ended) {
            size_t used = f->name_len + (size_t)(f->end - f->val);
            return used == (size_t)(f->limit - f->buf) ? slice(f) : HP_MORE;
        }
        hp_result_t e = pair(f, f->pos, false);
        f->tok = f->pos;
        if (f->pos != f->end) {
            f->tok = ++f->pos;
        }
        f->state = HP_F_NAME;
        return e;
    }
}

hp_result_t hp_form_parse(hp_form_t *f) {
    HP_CHECK(hp_form_holds(f));
    if (f->state == HP_F_ERROR) {
        return (hp_result_t)f->error;
    }
    hp_result_t e = parse(f);
    if (e >= HP_ERROR) {
        f->error = (uint8_t)e;
        f->state = HP_F_ERROR;
    }
    return e;
}

// SPDX-License-Identifier: MIT
//
// The request's life: buffer, head, body, next message.

#include "check.h"
#include "httpparse.h"

void hp_request_init(hp_request_t *r, uint8_t *buf, size_t size, uint32_t max_head,
    uint16_t max_fields) {
    r->buf = r->val = buf;
    r->limit = buf + size;
    r->max_head = max_head;
    r->max_fields = max_fields;
    hp_request_reset(r);
}

// Ready for a message whose first byte is at r->pos.
static void start(hp_request_t *r) {
    r->kept = r->buf;
    r->tok = r->pos;
    r->want = NULL;
    r->want_bits = UINT32_MAX;
    r->keep_all = false;
    r->head_left = r->max_head;
    r->fields_left = r->max_fields;
    r->remaining = 0;
    r->content_length = 0;
    r->field = HP_FIELD_NONE;
    r->flags = 0;
    r->coding = 0;
    r->state = HP_S_START;
}

void hp_request_reset(hp_request_t *r) {
    r->pos = r->end = r->buf;
    start(r);
}

bool hp_request_next(hp_request_t *r) {
    HP_CHECK(hp_request_holds(r));
    if (r->state != HP_S_DONE) {
        return false;
    }
    start(r);
    return true;
}

bool hp_request_idle(const hp_request_t *r) {
    HP_CHECK(hp_request_holds(r));
    return r->state <= HP_S_START_LF && r->pos == r->end;
}

uint8_t *hp_request_space(hp_request_t *r, size_t *len) {
    HP_CHECK(hp_request_holds(r));
    if (r->tok == r->end) {
        r->tok = r->val = r->pos = r->end = r->kept;
    } else if (r->end == r->limit && r->state != HP_S_FIELDS) {     // the request line stays
        size_t gap = (size_t)(r->tok - r->kept);
        hp_move_down(r->kept, r->tok, (size_t)(r->end - r->tok));
        if (r->val >= r->tok) {
            r->val -= gap;      // else it is an earlier field's
        }
        r->tok -= gap;
        r->pos -= gap;
        r->end -= gap;
    }
    *len = (size_t)(r->limit - r->end);
    if (r->state == HP_S_IDENTITY && *len > r->remaining) {
        *len = r->remaining;
    }
    return r->end;
}

hp_result_t hp_request_fail(hp_request_t *r, hp_result_t e) {
    r->error = (uint8_t)e;
    r->kept = r->buf;       // nothing is kept, and no token open: what is unread stays
    r->tok = r->pos;
    r->state = HP_S_ERROR;
    return e;
}

hp_result_t hp_request_parse(hp_request_t *r) {
    HP_CHECK(hp_request_holds(r));
    if (r->state == HP_S_ERROR) {
        return (hp_result_t)r->error;
    }
    if (r->state >= HP_S_HEAD || (r->coding & HP_CODING_TRAILER)) {
        return HP_HEAD;
    }
    hp_result_t e = hp_head_parse(r);
    if (e == HP_HEAD) {
        e = hp_framing_decide(r);
    }
    return e >= HP_ERROR ? hp_request_fail(r, e) : e;
}

bool hp_request_field(const hp_request_t *r, uint8_t **at, hp_field_t *field) {
    const uint8_t *p = *at == NULL ? r->kept : *at;
    if (p == r->buf) {
        return false;
    }
    p -= 3;
    field->tag = p[0];
    field->value_len = (size_t)(p[1] | p[2] << 8);
    p -= field->value_len;
    field->value = p;
    field->name_len = 0;
    if (r->keep_all) {
        field->name_len = field->tag;
        p -= field->name_len;
    }
    field->name = p;
    *at = (uint8_t *)(uintptr_t)p;
    return true;
}

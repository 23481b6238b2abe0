// SPDX-License-Identifier: MIT
//
// What holds of each parser between two calls, state by state. Debug builds, fuzzers and the simulated
// world assert it (core/check.h).

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "form.h"
#include "httpparse.h"
#include "multipart.h"
#include "response.h"

#if HP_CHECKS
void hp_check_failed(const char *what, const char *file, int line) {
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}
#endif

// Whoever is to read this field's value: kept by the caller, or part of the framing.
static bool is_read(const hp_request_t *r) {
    return r->field != HP_FIELD_NONE || r->tag != HP_TAG_NONE;
}

// Where the pointers of the request line lie once it is complete.
static bool request_line_holds(const hp_request_t *r) {
    if (r->kept != r->buf || (r->version != 10 && r->version != 11) || r->method_len == 0
        || r->method_len > HP_METHOD_MAX || r->method_len >= r->pos - r->tok) {
        return false;
    }
    const uint8_t *target = r->tok + r->method_len + 1;
    return target <= r->path && r->path <= r->query && r->query <= r->target_end
           && r->target_end <= r->pos && r->pos - r->target_end >= 11      // SP HTTP-version CRLF
           && (r->authority == NULL || (target <= r->authority && r->authority - target >= 7
               && r->authority < r->path));
}

// The framing of a body, decided at the head's end.
static bool body_holds(const hp_request_t *r) {
    if (r->tok != r->pos || r->remaining > HP_LENGTH_MAX) {
        return false;
    }
    bool chunked = r->state != HP_S_IDENTITY && r->state != HP_S_DONE;
    if (chunked != (r->coding != 0) && r->state != HP_S_DONE) {
        return false;
    }
    switch (r->state) {
        case HP_S_IDENTITY:
            return r->remaining != 0 && r->remaining <= r->content_length;
        case HP_S_CHUNK_DATA:
            return r->remaining != 0;
        case HP_S_CHUNK_SIZE_MORE:
            return r->name_len <= 16;
        case HP_S_CHUNK_EXT:
            return r->name_len <= 8;        // a step of a chunk extension
        case HP_S_CHUNK_DATA_CR:
        case HP_S_CHUNK_DATA_LF:
        case HP_S_TRAILER:
        case HP_S_DONE:
            return r->remaining == 0;
        default:
            return true;
    }
}

static bool state_holds(const hp_request_t *r) {
    switch (r->state) {
        case HP_S_START:
        case HP_S_START_LF:
            return r->kept == r->buf && r->tok == r->pos;
        case HP_S_METHOD:
            return r->kept == r->buf && r->pos - r->tok <= HP_METHOD_MAX;
        case HP_S_TARGET:
        case HP_S_VERSION:
        case HP_S_REQUEST_LINE_LF:
            if (r->kept != r->buf || r->method_len == 0 || r->method_len > HP_METHOD_MAX
                || r->method_len >= r->pos - r->tok || r->tok[r->method_len] != ' ') {
                return false;
            }
            if (r->state == HP_S_TARGET) {
                return true;
            }
            if (r->val > r->pos || r->val < r->tok + r->method_len + 3 || r->val[-1] != ' ') {
                return false;
            }
            return r->state == HP_S_VERSION
                   || (r->pos - r->val == 9 && r->pos[-1] == '\r' && (r->version == 10 || r->version == 11));
        case HP_S_FIELDS:
            return request_line_holds(r);
        case HP_S_FIELD_NAME:
            return true;
        case HP_S_FIELD_OWS:
        case HP_S_FIELD_VALUE:
        case HP_S_FIELD_LF:
            if (!is_read(r)) {
                return true;
            }
            if (r->name_len == 0 || r->name_len >= r->pos - r->tok || r->tok[r->name_len] != ':') {
                return false;
            }
            if (r->state == HP_S_FIELD_OWS) {
                return true;
            }
            if (r->val > r->pos || r->val <= r->tok + r->name_len) {
                return false;
            }
            return r->state == HP_S_FIELD_VALUE || (r->val < r->pos && r->pos[-1] == '\r');
        case HP_S_HEAD_LF:
            return !is_read(r);
        case HP_S_HEAD:
            return false;                   // no message stays in it
        case HP_S_ERROR:
            return r->error >= HP_ERROR && r->error <= HP_HTTP_VERSION;
        default:
            return body_holds(r);
    }
}

// Walks the kept fields: they fill the buffer's front, each from where the next one begins.
static bool fields_hold(const hp_request_t *r) {
    const uint8_t *p = r->kept;
    while (p != r->buf) {
        if (p - r->buf < 3) {
            return false;
        }
        p -= 3;
        size_t n = (size_t)(p[1] | p[2] << 8) + (r->keep_all ? p[0] : 0u);
        if ((size_t)(p - r->buf) < n) {
            return false;
        }
        p -= n;
    }
    return true;
}

// The order of the pointers, and the limits.
static bool order_holds(const hp_request_t *r) {
    return r->limit - r->buf >= HP_REQUEST_SIZE_MIN && r->limit - r->buf <= HP_SIZE_MAX
           && r->buf <= r->kept && r->kept <= r->tok && r->tok <= r->pos && r->pos <= r->end
           && r->end <= r->limit && r->buf <= r->val && r->val <= r->limit
           && r->head_left <= r->max_head && r->fields_left <= r->max_fields;
}

bool hp_request_state_holds(const hp_request_t *r) {
    return order_holds(r) && state_holds(r);
}

bool hp_request_holds(const hp_request_t *r) {
    return hp_request_state_holds(r) && fields_hold(r);
}

bool hp_multipart_state_holds(const hp_multipart_t *m) {
    const hp_request_t *r = &m->fields;
    if (m->state == HP_M_ERROR) {
        return r->state == HP_S_ERROR && hp_request_state_holds(r);
    }
    if (!hp_request_state_holds(r) || r->max_head == 0 || m->state > HP_M_ERROR
        || m->delimiter_len < 5 || m->delimiter_len > 74
        || r->buf != m->delimiter + m->delimiter_len
        || r->coding != (HP_CODING_TRAILER | HP_CODING_PART) || r->keep_all) {
        return false;
    }
    if (m->state == HP_M_FIELDS) {
        return r->state >= HP_S_FIELD_NAME && r->state <= HP_S_HEAD_LF;
    }
    bool counts = m->state == HP_M_DELIMITED || m->state == HP_M_PADDING;
    return r->tok == r->pos && (!counts || r->head_left != 0);
}

bool hp_multipart_holds(const hp_multipart_t *m) {
    return hp_multipart_state_holds(m) && fields_hold(&m->fields);
}

bool hp_form_holds(const hp_form_t *f) {
    if (f->limit - f->buf < HP_FORM_SIZE_MIN || f->tok < f->buf || f->pos < f->tok || f->end < f->pos
        || f->limit < f->end || f->val < f->buf || f->val > f->limit || f->state > HP_F_ERROR) {
        return false;
    }
    if (f->state == HP_F_ERROR) {
        return f->error >= HP_ERROR;
    }
    if (f->state == HP_F_NAME) {
        return true;
    }
    // The name and its "=", or nothing but the space that this has left
    return f->tok <= f->val && f->val <= f->pos && f->name_len <= (size_t)(f->val - f->tok)
           && f->name_len < (size_t)(f->limit - f->buf);
}

// What has to be left behind the bytes that are buffered, before the response is finished.
static bool has_room(const hp_response_t *w) {
    size_t room = (size_t)(w->limit - w->end);
    switch (w->framing) {
        case HP_FRAMING_OPEN:
            // In front of a head, an interim response may wait
            return (w->flags & HP_W_SEALED) ? w->end - w->out <= HP_INTERIM_MAX : room >= HP_RESPONSE_RESERVE;
        case HP_FRAMING_CHUNKED:
            // The last chunk, and the end of one that is not sealed
            return room >= ((w->flags & HP_W_SEALED) ? 5u : 7u);
        default:
            return true;
    }
}

bool hp_response_holds(const hp_response_t *w) {
    if (w->limit - w->buf < HP_RESPONSE_SIZE_MIN || w->out < w->buf || w->end < w->out
        || w->body < w->buf || w->end < w->body || w->limit < w->end
        || (w->version != 10 && w->version != 11) || w->framing > HP_FRAMING_CLOSE) {
        return false;
    }
    if ((w->flags & HP_W_HAS_LENGTH) && !(w->flags & HP_W_NO_BODY)
        && (w->body_bytes > w->length || w->owed > w->length - w->body_bytes)) {
        return false;
    }
    if (!(w->flags & (HP_W_SENT | HP_W_FINISHED)) && w->out > w->body) {
        return false;
    }
    if (!(w->flags & HP_W_FINISHED) && !has_room(w)) {
        return false;
    }
    if (w->framing == HP_FRAMING_OPEN) {
        // What is sealed is an interim response
        return !(w->flags & (HP_W_SENT | HP_W_FINISHED)) && w->owed == 0
               && (!(w->flags & HP_W_SEALED) || (!(w->flags & HP_W_STARTED) && w->body == w->end));
    }
    if (!(w->flags & HP_W_STARTED)) {
        return false;
    }
    // What is sealed leaves before anything else comes; then the buffer is empty, but for the end
    // of a chunk that the caller has sent by itself, and the chunk that begins
    if (!(w->flags & HP_W_SEALED) && (w->out != w->buf || w->body - w->buf > 2)) {
        return false;
    }
    return w->framing != HP_FRAMING_CHUNKED || (w->flags & (HP_W_SEALED | HP_W_FINISHED))
           || w->end == w->body || w->end - w->body >= 6;
}

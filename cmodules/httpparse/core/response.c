// SPDX-License-Identifier: MIT

#include "chars.h"
#include "check.h"
#include "copy.h"
#include "httpparse.h"
#include "response.h"

#define CHUNK_SIZE_LEN 6        // four hexadecimal digits, CR, LF
#define CHUNK_END_LEN 2         // CR, LF
#define LAST_CHUNK_LEN 5        // 0, CR, LF, CR, LF

// One of text.c's, without its NUL.
#define PUT(p, text) hp_copy(p, text, sizeof(text) - 1)

static uint8_t *put_line_end(uint8_t *p) {
    p[0] = '\r';
    p[1] = '\n';
    return p + 2;
}

// n / 10 without a division, which the ESP8266 has not: Warren, "Hacker's Delight", section 10-17.
static uint32_t tenth(uint32_t n) {
    uint32_t q = (n >> 1) + (n >> 2);
    q += q >> 4;
    q += q >> 8;
    q += q >> 16;
    q >>= 3;
    return q + (n - q * 10 > 9);
}

uint8_t *hp_decimal(uint8_t *p, uint32_t n) {
    uint8_t digits[HP_DECIMAL_MAX];
    unsigned i = sizeof(digits);
    do {
        uint32_t left = tenth(n);
        digits[--i] = (uint8_t)('0' + n - left * 10);
        n = left;
    } while (n != 0);
    return hp_copy(p, digits + i, sizeof(digits) - i);
}

// width hexadecimal digits and the line's end
static uint8_t *put_chunk_size(uint8_t *p, uint32_t n, unsigned width) {
    for (unsigned i = width; i-- != 0; n >>= 4) {
        unsigned d = n & 15;
        p[i] = (uint8_t)(d < 10 ? '0' + d : 'a' - 10 + d);
    }
    return put_line_end(p + width);
}

static uint8_t *put_status_line(uint8_t *p, unsigned status, unsigned version) {
    p = PUT(p, hp_text_http);
    *p++ = (uint8_t)('0' + version - 10);
    *p++ = ' ';
    p = hp_decimal(p, status);
    *p++ = ' ';
    p += hp_reason(p, status);
    return put_line_end(p);
}

void hp_response_init(hp_response_t *w, uint8_t *buf, size_t size) {
    w->buf = buf;
    w->limit = buf + size;
    hp_response_reset(w);
}

// Room that has to be left behind what is buffered.
static size_t reserve(const hp_response_t *w) {
    return w->framing == HP_FRAMING_OPEN ? HP_RESPONSE_RESERVE : CHUNK_SIZE_LEN + CHUNK_END_LEN + LAST_CHUNK_LEN;
}

bool hp_response_fits(const hp_response_t *w, size_t size) {
    HP_CHECK(hp_response_holds(w));
    return (size_t)(w->end - w->out) + reserve(w) <= size;
}

void hp_response_cut(hp_response_t *w) {
    HP_CHECK(hp_response_holds(w));
    w->out = w->body = w->end = w->buf;
    w->flags = (uint16_t)((w->flags & ~HP_W_SEALED) | HP_W_EXCESS);
}

void hp_response_move(hp_response_t *w, uint8_t *buf, size_t size) {
    HP_CHECK(hp_response_holds(w));
    w->body = buf + (w->body - w->out);
    w->end = hp_copy(buf, w->out, (size_t)(w->end - w->out));
    w->out = w->buf = buf;
    w->limit = buf + size;
}

void hp_response_reset(hp_response_t *w) {
    w->out = w->body = w->end = w->buf;
    w->length = 0;
    w->body_bytes = 0;
    w->owed = 0;
    w->status = 0;
    w->moved = 0;
    w->version = 11;
    w->framing = HP_FRAMING_OPEN;
    w->flags = 0;
}

void hp_response_interim(hp_response_t *w, unsigned status) {
    HP_CHECK(hp_response_holds(w));
    w->end = w->body = put_line_end(put_status_line(w->buf, status, 11));
    w->flags |= HP_W_SEALED;
}

void hp_response_begin(hp_response_t *w, unsigned status, unsigned version, bool keep_alive, bool head) {
    HP_CHECK(hp_response_holds(w));
    if (w->flags & HP_W_STARTED) {
        hp_response_reset(w);       // an earlier response's leftovers
    }
    // What an interim response has left stays in front
    size_t n = hp_response_pending(w);
    hp_move_down(w->buf, w->out, n);
    w->out = w->buf;
    w->end = w->body = put_status_line(w->buf + n, status, version);
    w->status = (uint16_t)status;
    w->version = (uint8_t)version;
    w->framing = HP_FRAMING_OPEN;
    w->length = w->body_bytes = w->owed = 0;
    w->flags = HP_W_STARTED;
    if (keep_alive) {
        w->flags |= HP_W_KEEP_ALIVE;
    }
    if (head) {
        w->flags |= HP_W_NO_BODY;
    }
    if (status < 200 || status == 204 || status == 205 || status == 304) {
        w->flags |= HP_W_NO_BODY;
    }
}

static bool content_length(hp_response_t *w, const uint8_t *p, const uint8_t *end) {
    uint32_t n = 0;
    if (p == end) {
        return false;
    }
    for (; p != end; ++p) {
        uint8_t digit = (uint8_t)(*p - '0');
        uint32_t more = n * 10 + digit;
        if (digit > 9 || n > UINT32_MAX / 10 || more < digit) {
            return false;
        }
        n = more;
    }
    w->length = n;
    w->flags |= HP_W_HAS_LENGTH;
    return true;
}

hp_field_result_t hp_response_field(hp_response_t *w, const void *name, size_t name_len,
    const void *value, size_t value_len) {
    HP_CHECK(hp_response_holds(w));
    if (w->framing != HP_FRAMING_OPEN || w->body_bytes != 0) {
        return HP_FIELD_LATE;
    }
    size_t space = (size_t)(w->limit - w->end) - HP_RESPONSE_RESERVE;
    if (name_len >= space || value_len >= space || name_len + value_len + 4 > space) {
        return HP_FIELD_NO_SPACE;
    }
    // Copied first and looked at then: flash need not be readable by bytes
    uint8_t *n = w->end;
    uint8_t *v = hp_copy(n, name, name_len);
    *v++ = ':';
    *v++ = ' ';
    uint8_t *end = hp_copy(v, value, value_len);
    put_line_end(end);
    if (name_len == 0 || hp_span(n, hp_tchar) != n + name_len) {
        return HP_FIELD_BAD_NAME;
    }
    for (const uint8_t *p = v; p != end; ++p) {
        if ((*p < ' ' && *p != '\t') || *p == 0x7f) {
            return HP_FIELD_BAD_VALUE;
        }
    }
    switch (hp_framing_field(n, name_len)) {
        case HP_FIELD_CONTENT_LENGTH:
            return content_length(w, v, end) ? HP_FIELD_OK : HP_FIELD_BAD_VALUE;
        case HP_FIELD_TRANSFER_ENCODING:
            return HP_FIELD_BAD_NAME;
        case HP_FIELD_CONNECTION:
            switch (hp_token(v, value_len)) {
                case HP_TOKEN_CLOSE:
                    w->flags &= (uint16_t) ~HP_W_KEEP_ALIVE;
                    return HP_FIELD_OK;
                case HP_TOKEN_KEEP_ALIVE:
                    return HP_FIELD_OK;
            }
            break;
    }
    w->end = w->body = end + 2;
    return HP_FIELD_OK;
}

// HEAD: a handler that writes no body leaves its length unknown, as does one that flushes.
static bool knows_length(const hp_response_t *w, bool final) {
    return final && w->body_bytes != 0;
}

// RFC 9112 section 6.3 and RFC 9110 section 8.6: decides the framing and puts its fields
// between head and body. final: the whole body is in the buffer.
static void decide(hp_response_t *w, bool final) {
    uint8_t text[HP_RESPONSE_RESERVE];
    uint8_t *p = text;
    bool has_length = w->flags & HP_W_HAS_LENGTH;
    uint32_t length = w->length;

    w->framing = HP_FRAMING_LENGTH;
    if (w->status < 200 || w->status == 204) {
        has_length = false;
    } else if (w->status == 205) {
        has_length = true;
        length = 0;
    } else if (w->status == 304) {
        ;   // only what the application gave
    } else if (!has_length) {
        if (w->flags & HP_W_NO_BODY) {
            has_length = knows_length(w, final);
            length = w->body_bytes;
        } else if (final) {
            has_length = true;
            length = w->length = w->body_bytes;
        } else if (w->version >= 11) {
            w->framing = HP_FRAMING_CHUNKED;
            p = PUT(p, hp_text_chunked);
        } else {
            w->framing = HP_FRAMING_CLOSE;
            w->flags &= (uint16_t) ~HP_W_KEEP_ALIVE;
        }
    }
    if (has_length) {
        p = PUT(p, hp_text_length);
        p = hp_decimal(p, length);
        p = put_line_end(p);
    }
    if (w->status < 200) {
        ;   // 101: the application names the protocol and its Connection options
    } else if (!(w->flags & HP_W_KEEP_ALIVE)) {
        p = PUT(p, hp_text_close);
    } else if (w->version < 11) {
        p = PUT(p, hp_text_keep_alive);
    }
    p = put_line_end(p);
    size_t head_len = (size_t)(p - text);
    size_t len = head_len;
    if (w->framing == HP_FRAMING_CHUNKED) {
        len += CHUNK_SIZE_LEN;      // filled in by seal
    }
    hp_move_up(w->body + len, w->body, (size_t)(w->end - w->body));
    hp_copy(w->body, text, head_len);
    w->end += len;
    w->body += head_len;
}

static void seal(hp_response_t *w) {
    if (w->flags & HP_W_SEALED) {
        return;
    }
    if (w->framing == HP_FRAMING_OPEN) {
        decide(w, w->flags & HP_W_FINISHED);
    }
    if (w->framing == HP_FRAMING_CHUNKED && w->end != w->body) {
        uint8_t *data = w->body + CHUNK_SIZE_LEN;
        if (w->end == data) {
            w->end = w->body;       // no data: a chunk of size 0 would be the last one
        } else {
            put_chunk_size(w->body, (uint32_t)(w->end - data), CHUNK_SIZE_LEN - 2);
            w->end = put_line_end(w->end);
        }
    }
    if (w->end != w->out) {
        w->flags |= HP_W_SEALED;
    }
}

void hp_response_seal(hp_response_t *w) {
    HP_CHECK(hp_response_holds(w));
    seal(w);
}

uint8_t *hp_response_space(hp_response_t *w, size_t *len) {
    HP_CHECK(hp_response_holds(w));
    size_t reserve = 0;
    *len = 0;
    if (w->flags & HP_W_SEALED) {
        return w->end;
    }
    if (w->framing == HP_FRAMING_OPEN) {
        reserve = HP_RESPONSE_RESERVE;
    } else if (w->framing == HP_FRAMING_CHUNKED) {
        if (w->end == w->body) {
            w->end += CHUNK_SIZE_LEN;
        }
        reserve = CHUNK_END_LEN + LAST_CHUNK_LEN;
    }
    *len = (size_t)(w->limit - w->end) - reserve;
    return w->end;
}

void hp_response_added(hp_response_t *w, size_t n) {
    HP_CHECK(hp_response_holds(w));
    w->body_bytes += (uint32_t)n;
    if (!(w->flags & HP_W_NO_BODY)) {
        w->end += n;
    }
}

size_t hp_response_allowed(const hp_response_t *w, size_t n) {
    HP_CHECK(hp_response_holds(w));
    if (!(w->flags & HP_W_HAS_LENGTH) || (w->flags & HP_W_NO_BODY)) {
        return n;
    }
    uint32_t left = w->length - w->body_bytes;      // body_bytes never gets larger
    return n < left ? n : left;
}

bool hp_response_may_direct(const hp_response_t *w) {
    HP_CHECK(hp_response_holds(w));
    return w->framing != HP_FRAMING_OPEN && !(w->flags & HP_W_SEALED)
           && w->end - w->body <= (w->framing == HP_FRAMING_CHUNKED ? CHUNK_SIZE_LEN : 0);
}

void hp_response_direct(hp_response_t *w, size_t n) {
    HP_CHECK(hp_response_holds(w));
    w->owed = (uint32_t)n;
    if (w->framing == HP_FRAMING_CHUNKED) {
        w->end = put_chunk_size(w->body, w->owed, 8);
        w->flags |= HP_W_SEALED;
    }
}

// n bytes have left.
static void moved(hp_response_t *w, size_t n) {
    w->flags &= (uint16_t) ~HP_W_STALLED;
    w->moved = (uint16_t)(n < (size_t)(HP_MOVED_MAX - w->moved) ? w->moved + n : HP_MOVED_MAX);
}

void hp_response_direct_sent(hp_response_t *w, size_t n) {
    HP_CHECK(hp_response_holds(w));
    w->body_bytes += (uint32_t)n;
    w->owed -= (uint32_t)n;
    moved(w, n);
    if (w->owed == 0 && w->framing == HP_FRAMING_CHUNKED) {
        w->body = w->end = put_line_end(w->buf);     // leaves with what follows
    }
}

void hp_response_finish(hp_response_t *w) {
    HP_CHECK(hp_response_holds(w));
    if (w->flags & HP_W_FINISHED) {
        return;
    }
    w->flags |= HP_W_FINISHED;
    bool whole = w->owed == 0 && !(w->flags & HP_W_EXCESS);
    if (!(w->flags & HP_W_NO_BODY) && (w->flags & HP_W_HAS_LENGTH) && w->body_bytes != w->length) {
        whole = false;
    }
    if (!whole) {
        w->flags &= (uint16_t) ~HP_W_KEEP_ALIVE;
    }
    seal(w);
    if (w->framing == HP_FRAMING_CHUNKED && whole) {
        *w->end = '0';
        w->end = put_line_end(put_line_end(w->end + 1));
        w->flags |= HP_W_SEALED;
    }
}

void hp_response_sent(hp_response_t *w, size_t n) {
    HP_CHECK(hp_response_holds(w));
    w->out += n;
    moved(w, n);
    if (w->flags & HP_W_STARTED) {
        w->flags |= HP_W_SENT;
    }
    if (w->out == w->end) {
        w->out = w->body = w->end = w->buf;
        w->flags &= (uint16_t) ~HP_W_SEALED;
    }
}

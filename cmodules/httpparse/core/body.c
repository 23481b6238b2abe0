// SPDX-License-Identifier: MIT
//
// The message body: Content-Length (RFC 9112 section 6.2) and the chunked transfer coding
// (section 7.1) with its chunk extensions and trailer section, both bounded and skipped.

#include "chars.h"
#include "check.h"
#include "httpparse.h"
#include "urlencoded.h"

// Chunk extensions and the trailer section share one budget, as large as a head's.
static inline bool spend(hp_request_t *r) {
    if (r->head_left == 0) {
        return false;
    }
    --r->head_left;
    return true;
}

// Where a chunk extension is, in name_len, which counts the digits of the size before.
enum {
    EXT_NAME_BEGIN,         // behind ';'
    EXT_NAME,
    EXT_NAME_END,           // white space, then '=' or ';'
    EXT_VALUE_BEGIN,        // behind '='
    EXT_TOKEN,
    EXT_QUOTED,
    EXT_ESCAPED,
    EXT_QUOTED_END,
    EXT_VALUE_END,          // white space, then ';'
};

// White space ends a name or a value; elsewhere it changes nothing.
static bool ext_blank(hp_request_t *r) {
    if (r->name_len == EXT_NAME) {
        r->name_len = EXT_NAME_END;
    } else if (r->name_len == EXT_TOKEN || r->name_len == EXT_QUOTED_END) {
        r->name_len = EXT_VALUE_END;
    }
    return true;
}

static bool ext_delimiter(hp_request_t *r, uint8_t c) {
    if (c == ';' && r->name_len != EXT_NAME_BEGIN && r->name_len != EXT_VALUE_BEGIN) {
        r->name_len = EXT_NAME_BEGIN;
    } else if (c == '=' && (r->name_len == EXT_NAME || r->name_len == EXT_NAME_END)) {
        r->name_len = EXT_VALUE_BEGIN;
    } else if (c == '"' && r->name_len == EXT_VALUE_BEGIN) {
        r->name_len = EXT_QUOTED;
    } else {
        return false;
    }
    return true;
}

static bool ext_token(hp_request_t *r, uint8_t c) {
    if (!hp_in(hp_tchar, c)) {
        return false;
    }
    if (r->name_len == EXT_NAME_BEGIN) {
        r->name_len = EXT_NAME;
    } else if (r->name_len == EXT_VALUE_BEGIN) {
        r->name_len = EXT_TOKEN;
    }
    return r->name_len == EXT_NAME || r->name_len == EXT_TOKEN;
}

static bool ext_quoted(hp_request_t *r, uint8_t c) {
    if (r->name_len == EXT_ESCAPED) {
        r->name_len = EXT_QUOTED;
    } else if (c == '"') {
        r->name_len = EXT_QUOTED_END;
    } else if (c == '\\') {
        r->name_len = EXT_ESCAPED;
    }
    return (c >= ' ' || c == '\t') && c != 0x7f;
}

// A byte of the chunk extensions (RFC 9112 section 7.1.1), CR excluded.
static bool chunk_ext(hp_request_t *r, uint8_t c) {
    if (r->name_len == EXT_QUOTED || r->name_len == EXT_ESCAPED) {
        return ext_quoted(r, c);
    }
    if (c == ' ' || c == '\t') {
        return ext_blank(r);
    }
    return c == ';' || c == '=' || c == '"' ? ext_delimiter(r, c) : ext_token(r, c);
}

// Whether the extensions may end here.
static bool chunk_ext_ends(const hp_request_t *r) {
    return r->name_len == EXT_NAME || r->name_len == EXT_TOKEN || r->name_len == EXT_QUOTED_END;
}

// The bytes between chunk data: one byte, one step. HP_DONE when the last chunk's line is over.
static hp_result_t chunk_framing(hp_request_t *r, uint8_t c) {
    switch (r->state) {
        case HP_S_CHUNK_SIZE:
            r->remaining = 0;
            r->name_len = 0;
            r->state = HP_S_CHUNK_SIZE_MORE;
        // fall through
        case HP_S_CHUNK_SIZE_MORE: {
            int d = hp_hexdig(c);
            if (d >= 0) {
                if (r->remaining > HP_LENGTH_MAX >> 4 || ++r->name_len > 16) {
                    return HP_BAD_CHUNK;
                }
                r->remaining = r->remaining << 4 | (uint32_t)d;
                return HP_MORE;
            }
            if (r->name_len == 0) {
                return HP_BAD_CHUNK;
            }
            if (c == '\r') {
                r->state = HP_S_CHUNK_SIZE_LF;
                return HP_MORE;
            }
            r->state = HP_S_CHUNK_BWS;
        }
        // fall through
        case HP_S_CHUNK_BWS:
            if (c == ';') {
                r->state = HP_S_CHUNK_EXT;
                r->name_len = EXT_NAME_BEGIN;
            } else if (c != ' ' && c != '\t') {
                return HP_BAD_CHUNK;
            }
            return spend(r) ? HP_MORE : HP_BAD_CHUNK;

        case HP_S_CHUNK_EXT:
            if (c == '\r') {
                r->state = HP_S_CHUNK_SIZE_LF;
                return chunk_ext_ends(r) ? HP_MORE : HP_BAD_CHUNK;
            }
            return chunk_ext(r, c) && spend(r) ? HP_MORE : HP_BAD_CHUNK;

        case HP_S_CHUNK_SIZE_LF:
            r->state = r->remaining != 0 ? HP_S_CHUNK_DATA : HP_S_TRAILER;
            break;

        case HP_S_CHUNK_DATA_CR:
            r->state = HP_S_CHUNK_DATA_LF;
            return c == '\r' ? HP_MORE : HP_BAD_CHUNK;

        default:    // HP_S_CHUNK_DATA_LF
            r->state = HP_S_CHUNK_SIZE;
            break;
    }
    return c == '\n' ? HP_MORE : HP_BAD_CHUNK;
}

static void take(hp_request_t *r, size_t n) {
    r->remaining -= (uint32_t)n;
    if (r->remaining == 0) {
        r->state = r->state == HP_S_IDENTITY ? HP_S_DONE : HP_S_CHUNK_DATA_CR;
    }
}

static hp_result_t body(hp_request_t *r, uint8_t *dst, size_t n, size_t *got) {
    for (;;) {
        if (r->state == HP_S_DONE) {
            return HP_DONE;
        }
        if (r->state < HP_S_IDENTITY || r->state == HP_S_TRAILER) {
            if (r->state == HP_S_TRAILER) {
                r->coding |= HP_CODING_TRAILER;
                r->interest = 0;
                r->tok = r->pos;
                r->state = HP_S_FIELD_NAME;
            }
            hp_result_t e = hp_head_parse(r);
            if (e == HP_HEAD) {
                r->state = HP_S_DONE;
                e = HP_DONE;
            }
            return e;
        }
        size_t k = hp_request_buffered(r);
        if (k == 0 || *got == n) {
            return HP_MORE;
        }
        if (r->state == HP_S_IDENTITY || r->state == HP_S_CHUNK_DATA) {
            if (k > r->remaining) {
                k = r->remaining;
            }
            if (k > n - *got) {
                k = n - *got;
            }
            if (dst != NULL) {
                hp_copy(dst + *got, r->pos, k);
            }
            *got += k;
            take(r, k);
        } else {
            k = 1;
            hp_result_t e = chunk_framing(r, *r->pos);
            if (e != HP_MORE) {
                return e;
            }
        }
        r->pos += k;
        r->tok = r->pos;
    }
}

hp_result_t hp_request_body(hp_request_t *r, uint8_t *dst, size_t n, size_t *got) {
    HP_CHECK(hp_request_holds(r));
    *got = 0;
    if (r->state == HP_S_ERROR) {
        return (hp_result_t)r->error;
    }
    r->kept = r->buf;       // the kept fields' space serves the body from now on
    hp_result_t e = body(r, dst, n, got);
    return e >= HP_ERROR ? hp_request_fail(r, e) : e;
}

size_t hp_request_bypass(const hp_request_t *r) {
    HP_CHECK(hp_request_holds(r));
    if (r->pos != r->end) {
        return 0;
    }
    if (r->state == HP_S_IDENTITY) {
        return r->remaining;
    }
    // A small chunk comes through the buffer, together with what is around it
    if (r->state == HP_S_CHUNK_DATA && r->remaining >= (size_t)(r->limit - r->buf)) {
        return r->remaining;
    }
    return 0;
}

void hp_request_bypassed(hp_request_t *r, size_t n) {
    HP_CHECK(hp_request_holds(r));
    take(r, n);
}

int32_t hp_request_remaining(const hp_request_t *r) {
    HP_CHECK(hp_request_holds(r));
    if (r->state == HP_S_DONE) {
        return 0;
    }
    return hp_request_chunked(r) ? -1 : (int32_t)r->remaining;
}

// SPDX-License-Identifier: MIT
//
// The request head: RFC 9112 sections 2.2, 3 and 5.
//
// One pass over the buffer. Where the input ends, the state says which token is open and
// r->pos where to go on: no byte is looked at twice, whatever the cuts. A stop byte behind the
// input (NUL, which no token may contain) ends every inner loop, so they need no bounds check.

#include "chars.h"
#include "httpparse.h"

#define NAME_BIT(first, len) ((uint32_t)1 << (((first) ^ (len)) & 31))

// hp_name_bit() of the fields that hp_framing_field() knows.
#define FRAMING_BITS (NAME_BIT('h', 4) | NAME_BIT('e', 6) | NAME_BIT('c', 10) \
    | NAME_BIT('c', 14) | NAME_BIT('t', 17))

// Words are compared as they lie in memory, where the first character has to be the lowest byte.
#if !defined(HP_BYTEWISE)
#define HP_BYTEWISE (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
#endif
#if UINTPTR_MAX > UINT32_MAX
#define LOWEST_BIT __builtin_ctzll
#else
#define LOWEST_BIT __builtin_ctz
#endif

#define ONES ((uintptr_t)-1 / 255)

// What span() passes over: bits that are set before comparing, what is taken away so that bytes
// below a range get the top bit, what is added so that bytes above it get it (together 128 at
// most, so that one of the two serves all bytes above 127), and the set that the range is part of.
#define RANGE(fold, low, high, set) ONES *(fold), ONES *(low), ONES *(0x7f - (high)), set
#define TOKEN RANGE(0x20, 'a', 'z', hp_tchar)
#define TARGET RANGE(0, '$', '~', target_char)
#define VALUE RANGE(0, ' ', '~', value_char)

// RFC 3986: visible US-ASCII without '#'
static const hp_charset_t target_char = {0, 0xfffffff6, 0xffffffff, 0x7fffffff, 0, 0, 0, 0};

// RFC 9110 section 5.5: VCHAR, obs-text, SP and HTAB
static const hp_charset_t value_char = {
    0x00000200, 0xffffffff, 0xffffffff, 0x7fffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
};

// The first byte from p on that is not in the set, as hp_span(). Most are in the range.
static inline uint8_t *span(const uint8_t *p, uintptr_t fold, uintptr_t low, uintptr_t high,
    const hp_charset_t set) {
    #if HP_BYTEWISE
    (void)fold;
    (void)low;
    (void)high;
    return hp_span(p, set);
    #else
    // An aligned machine word of the buffer at a time. The first may begin before p, where it
    // is made to match; the last may reach past the stop byte, into the padding.
    typedef uintptr_t __attribute__((may_alias)) word_t;
    const uintptr_t match = ONES * 'a';
    unsigned before = (uintptr_t)p % sizeof(word_t);
    const word_t *at = (const word_t *)(const void *)(p - before);
    uintptr_t word = ((*at ^ match) & ((uintptr_t)-1 << 8 * before)) ^ match;
    for (;; word = *++at) {
        // A borrow or a carry may mark bytes of the range behind a marked one
        uintptr_t out = (((word | fold) - low) | ((word | fold) + high)) & ONES * 0x80;
        for (; out != 0; out &= out - 1) {
            const uint8_t *q = (const uint8_t *)at + LOWEST_BIT(out) / 8;
            if (!hp_in(set, *q)) {
                return (uint8_t *)(uintptr_t)q;
            }
        }
    }
    #endif
}

static inline bool is_ows(uint8_t c) {
    return c == ' ' || c == '\t';
}

// RFC 9112 section 2.3, HTTP-version.
static hp_result_t http_version(hp_request_t *r, const uint8_t *p, const uint8_t *end) {
    if (end - p != 8 || p[0] != 'H' || p[1] != 'T' || p[2] != 'T' || p[3] != 'P'
        || p[4] != '/' || (uint8_t)(p[5] - '0') > 9 || p[6] != '.' || (uint8_t)(p[7] - '0') > 9) {
        return HP_BAD_VERSION;
    }
    if (p[5] != '1') {
        return HP_HTTP_VERSION;
    }
    r->version = p[7] == '0' ? 10 : 11;
    return HP_MORE;
}

// RFC 9112 section 3.2, request-target from p to end: the origin, absolute and asterisk forms.
static hp_result_t request_target(hp_request_t *r, uint8_t *p, uint8_t *end) {
    unsigned method = HP_TOKEN_NONE;
    if (r->method_len == 7) {
        method = hp_token(r->tok, 7);
    }
    r->authority = NULL;
    r->target_end = end;
    if (method == HP_TOKEN_CONNECT) {
        return HP_METHOD_CONNECT;
    }
    if (*p == '*') {
        if (end - p != 1 || method != HP_TOKEN_OPTIONS) {
            return HP_BAD_TARGET;
        }
    } else if (*p != '/') {
        uint8_t *scheme = p;
        p = span(p, TOKEN);
        if (hp_token(scheme, (size_t)(p - scheme)) != HP_TOKEN_HTTP
            || p[0] != ':' || p[1] != '/' || p[2] != '/') {
            return HP_BAD_TARGET;
        }
        p += 3;
        r->authority = p;
        while (p != end && *p != '/' && *p != '?') {
            ++p;
        }
        if (p == r->authority || !hp_uri_host(r->authority, p)) {
            return HP_BAD_TARGET;
        }
        r->flags |= HP_FROM_URI;
    }
    r->path = p;
    *end = '?';         // instead of the space that ends the target
    while (*p != '?') {
        ++p;
    }
    *end = ' ';
    r->query = p;
    return HP_MORE;
}

// Appends a field to the kept ones: value, or name and value, and behind them three bytes that
// tell the tag or the name's length, and the value's length. The line that it comes from has
// three bytes more than name and value, so it always fits.
static hp_result_t keep(hp_request_t *r, const uint8_t *name, const uint8_t *p, const uint8_t *end) {
    uint8_t *to = r->kept;
    unsigned tag = r->tag;
    size_t n = (size_t)(end - p);
    if (r->keep_all) {
        tag = r->name_len;
        if (tag > 255) {
            return HP_FIELD_TOO_LARGE;
        }
        hp_move_down(to, name, tag);
        to += tag;
    }
    hp_move_down(to, p, n);
    to += n;
    to[0] = (uint8_t)tag;
    to[1] = (uint8_t)n;
    to[2] = (uint8_t)(n >> 8);
    r->kept = to + 3;
    return HP_MORE;
}

// The field's name is complete, and somebody may want it: who?
static void look_up_name(hp_request_t *r, uint32_t bit) {
    const uint8_t *name = r->tok;
    size_t len = r->name_len;
    int tag = -1;
    if (bit & FRAMING_BITS && !(r->coding & HP_CODING_PART)) {
        r->field = (uint8_t)hp_framing_field(name, len);
        if (r->field == HP_FIELD_HOST && (r->flags & HP_FROM_URI)) {
            return;     // RFC 9112 section 3.2.2: the target's authority counts instead
        }
    }
    if (r->keep_all) {
        tag = 0;
    } else if (r->want != NULL && (bit & r->want_bits)) {
        tag = r->want(r, name, len);
    }
    r->tag = (uint8_t)tag;
}

static inline void field_name(hp_request_t *r, size_t len) {
    uint32_t bit = hp_name_bit(r->tok, len);
    r->name_len = (uint16_t)len;
    r->field = HP_FIELD_NONE;
    r->tag = HP_TAG_NONE;
    if (bit & r->interest) {
        look_up_name(r, bit);
    }
}

// The field line whose value starts at r->val is complete; end is where its CR is.
static hp_result_t field_line(hp_request_t *r, const uint8_t *end) {
    hp_result_t e = HP_MORE;
    while (end != r->val && is_ows(end[-1])) {
        --end;
    }
    if (r->field != HP_FIELD_NONE) {
        e = hp_framing_value(r, r->val, end);
    }
    if (e == HP_MORE && r->tag != HP_TAG_NONE) {
        e = keep(r, r->tok, r->val, end);
    }
    return e;
}

// The authority of the absolute form is kept as Host would have been.
static void host_from_target(hp_request_t *r) {
    static const uint32_t host = 0x74736f48;    // "Host" as its bytes lie
    uint8_t name[4];
    for (unsigned i = 0; i < 4; ++i) {
        name[i] = (uint8_t)(host >> (8 * i));
    }
    r->flags &= (uint8_t) ~HP_FROM_URI;
    r->tok = name;
    field_name(r, sizeof(name));
    r->flags |= HP_FROM_URI;
    if (r->tag != HP_TAG_NONE) {
        (void)keep(r, name, r->authority, r->path);     // a name of four bytes fits
    }
}

// Goes from state to state until the input's end at stop, or an event. The stop byte is no
// character that any state waits for, so what is expected is looked for first.
static hp_result_t head(hp_request_t *r, uint8_t *stop) {
    uint8_t *p = r->pos;
    uint8_t *tok = r->tok;
    unsigned state = r->state;
    hp_result_t e;

    switch (state) {
        case HP_S_START:
        case HP_S_START_LF:
            // RFC 9112 section 2.2: empty lines before the request-line are ignored
            while (*p == (state == HP_S_START ? '\r' : '\n')) {
                ++p;
                state ^= HP_S_START ^ HP_S_START_LF;
            }
            r->tok = tok = p;
            if (p == stop) {
                break;
            }
            if (state != HP_S_START) {
                return HP_BAD_EMPTY_LINE;
            }
        // fall through

        case HP_S_METHOD:
            p = span(p, TOKEN);
            if (p - tok > HP_METHOD_MAX) {
                return HP_METHOD_TOO_LONG;
            }
            if (p == stop) {
                state = HP_S_METHOD;
                break;
            }
            if (*p != ' ' || p == tok) {
                return HP_BAD_METHOD;
            }
            r->method_len = (uint8_t)(p - tok);
            ++p;
        // fall through

        case HP_S_TARGET:
            p = span(p, TARGET);
            if (p == stop) {
                state = HP_S_TARGET;
                break;
            }
            if (*p != ' ' || p == tok + r->method_len + 1) {
                return HP_BAD_TARGET;
            }
            r->val = ++p;
        // fall through

        case HP_S_VERSION:
            p = span(p, TARGET);
            if (p == stop) {
                state = HP_S_VERSION;
                break;
            }
            if (*p != '\r') {
                return HP_BAD_VERSION;
            }
            e = http_version(r, r->val, p);
            if (e != HP_MORE) {
                return e;
            }
            ++p;
        // fall through

        case HP_S_REQUEST_LINE_LF:
            if (*p != '\n') {
                state = HP_S_REQUEST_LINE_LF;
                goto line_feed;
            }
            r->pos = p + 1;
            r->state = HP_S_FIELDS;
            e = request_target(r, tok + r->method_len + 1, r->val - 1);
            return e == HP_MORE ? HP_REQUEST_LINE : e;

        case HP_S_FIELDS:
            r->interest = FRAMING_BITS;
            if (r->keep_all) {
                r->interest = UINT32_MAX;
            } else if (r->want != NULL) {
                r->interest |= r->want_bits;
            }
            if (r->authority != NULL) {
                host_from_target(r);
            }
        field:
            r->tok = tok = p;
        // fall through

        case HP_S_FIELD_NAME:
            p = span(p, TOKEN);
            if (*p != ':' || p == tok) {
                if (p == stop) {
                    state = HP_S_FIELD_NAME;
                    break;
                }
                if (p != tok) {
                    return HP_BAD_FIELD_NAME;
                }
                if (*p == '\r') {
                    ++p;
                    r->field = HP_FIELD_NONE;
                    r->tag = HP_TAG_NONE;
                    goto head_lf;
                }
                return is_ows(*p) ? HP_BAD_FOLDING : HP_BAD_FIELD_NAME;
            }
            if (r->fields_left == 0) {
                return HP_TOO_MANY_FIELDS;
            }
            --r->fields_left;
            field_name(r, (size_t)(p - tok));
            ++p;
        // fall through

        case HP_S_FIELD_OWS:
            while (is_ows(*p)) {
                ++p;
            }
            r->val = p;
        // fall through

        case HP_S_FIELD_VALUE:
            p = span(p, VALUE);
            if (*p != '\r') {
                if (p == stop) {
                    state = p == r->val ? HP_S_FIELD_OWS : HP_S_FIELD_VALUE;
                    break;
                }
                return HP_BAD_FIELD_VALUE;
            }
            ++p;
        // fall through

        case HP_S_FIELD_LF:
            if (*p != '\n') {
                state = HP_S_FIELD_LF;
                goto line_feed;
            }
            ++p;
            if (r->field != HP_FIELD_NONE || r->tag != HP_TAG_NONE) {
                e = field_line(r, p - 2);
                if (e != HP_MORE) {
                    return e;
                }
            }
            goto field;

        default:    // HP_S_HEAD_LF
        head_lf:
            if (*p != '\n') {
                state = HP_S_HEAD_LF;
                goto line_feed;
            }
            r->pos = r->tok = p + 1;
            return HP_HEAD;
    }
more:
    r->pos = p;
    r->state = (uint8_t)state;
    if (state >= HP_S_FIELD_OWS && r->field == HP_FIELD_NONE && r->tag == HP_TAG_NONE) {
        r->tok = p;     // nobody wants this field: let it pass
    }
    return HP_MORE;

line_feed:
    if (p == stop) {
        goto more;
    }
    return HP_BAD_LINE_END;
}

// Bounds what head() sees to what the head may still take.
hp_result_t hp_head_parse(hp_request_t *r) {
    uint8_t *from = r->pos;
    size_t n = hp_request_buffered(r);
    if (n > r->head_left) {
        n = r->head_left;
    }
    uint8_t *stop = from + n;
    uint8_t behind = *stop;
    *stop = 0;
    hp_result_t e = head(r, stop);
    *stop = behind;
    r->head_left -= (uint32_t)(r->pos - from);
    if (e == HP_MORE) {
        if (r->head_left == 0) {
            e = HP_HEAD_TOO_LARGE;
        } else if (r->end - r->tok >= r->limit - r->kept) {
            e = HP_FIELD_TOO_LARGE;
        }
        if (e != HP_MORE && r->state < HP_S_FIELDS) {
            // Without end, empty lines are no request either
            e = r->state <= HP_S_START_LF ? HP_BAD_EMPTY_LINE : HP_TARGET_TOO_LONG;
        }
    }
    return e;
}

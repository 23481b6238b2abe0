// SPDX-License-Identifier: MIT
//
// The message body's framing, decided once: RFC 9112 section 6 and 9.3, RFC 9110 sections 7.2,
// 7.6.1, 8.6 and 10.1.1.

#include "chars.h"
#include "httpparse.h"
#include "words.h"

// Whether p is the word w, whatever its capitals. Setting bit 5 maps only letters on letters
// here: control characters have been refused before.
static bool is_word(const uint8_t *p, size_t len, const uint32_t *w) {
    const uint8_t *end = p + len;
    uint32_t chars = 0;
    for (; p != end; ++p, chars >>= 8) {
        if (chars == 0) {
            chars = *w++;
        }
        if ((uint8_t)((*p | 0x20u) ^ chars) != 0) {
            return false;
        }
    }
    return true;
}

// No two of them have the same length.
unsigned hp_framing_field(const uint8_t *name, size_t len) {
    static const uint32_t words[] = {
        HP_W('h', 'o', 's', 't'),
        HP_W('e', 'x', 'p', 'e'), HP_W('c', 't', 0, 0),
        HP_W('c', 'o', 'n', 'n'), HP_W('e', 'c', 't', 'i'), HP_W('o', 'n', 0, 0),
        HP_W('c', 'o', 'n', 't'), HP_W('e', 'n', 't', '-'), HP_W('l', 'e', 'n', 'g'), HP_W('t', 'h', 0, 0),
        HP_W('t', 'r', 'a', 'n'), HP_W('s', 'f', 'e', 'r'), HP_W('-', 'e', 'n', 'c'), HP_W('o', 'd', 'i', 'n'),
        HP_W('g', 0, 0, 0),
    };
    const uint32_t *w = words;
    unsigned field;
    if (len == 4) {
        field = HP_FIELD_HOST;
    } else if (len == 6) {
        field = HP_FIELD_EXPECT;
        w += 1;
    } else if (len == 10) {
        field = HP_FIELD_CONNECTION;
        w += 3;
    } else if (len == 14) {
        field = HP_FIELD_CONTENT_LENGTH;
        w += 6;
    } else if (len == 17) {
        field = HP_FIELD_TRANSFER_ENCODING;
        w += 10;
    } else {
        return HP_FIELD_NONE;
    }
    return is_word(name, len, w) ? field : HP_FIELD_NONE;
}

unsigned hp_lookup(const uint32_t *w, const uint8_t *p, size_t len) {
    uint32_t entry;
    while ((entry = *w++) != 0) {
        uint32_t n = entry & 0xff;
        if (n == len && is_word(p, len, w)) {
            return entry >> 8;
        }
        w += (n + 3) / 4;
    }
    return 0;
}

unsigned hp_token(const uint8_t *p, size_t len) {
    static const uint32_t tokens[] = {
        HP_ENTRY(5, HP_TOKEN_CLOSE), HP_W('c', 'l', 'o', 's'), HP_W('e', 0, 0, 0),
        HP_ENTRY(10, HP_TOKEN_KEEP_ALIVE), HP_W('k', 'e', 'e', 'p'), HP_W('-', 'a', 'l', 'i'),
        HP_W('v', 'e', 0, 0),
        HP_ENTRY(7, HP_TOKEN_UPGRADE), HP_W('u', 'p', 'g', 'r'), HP_W('a', 'd', 'e', 0),
        HP_ENTRY(12, HP_TOKEN_CONTINUE), HP_W('1', '0', '0', '-'), HP_W('c', 'o', 'n', 't'),
        HP_W('i', 'n', 'u', 'e'),
        HP_ENTRY(7, HP_TOKEN_CHUNKED), HP_W('c', 'h', 'u', 'n'), HP_W('k', 'e', 'd', 0),
        HP_ENTRY(4, HP_TOKEN_HTTP), HP_W('h', 't', 't', 'p'),
        HP_ENTRY(5, HP_TOKEN_HTTP), HP_W('h', 't', 't', 'p'), HP_W('s', 0, 0, 0),
        HP_ENTRY(7, HP_TOKEN_CONNECT), HP_W('c', 'o', 'n', 'n'), HP_W('e', 'c', 't', 0),
        HP_ENTRY(7, HP_TOKEN_OPTIONS), HP_W('o', 'p', 't', 'i'), HP_W('o', 'n', 's', 0),
        0,
    };
    return hp_lookup(tokens, p, len);
}

// RFC 3986 section 3.2.2 and 3.2.3: host [ ":" port ]. What stands at end is no part of it.
bool hp_uri_host(const uint8_t *p, const uint8_t *end) {
    if (*p == '[') {
        const uint8_t *address = ++p;
        p = hp_span(p, hp_ipv6);
        if (p == address || *p++ != ']') {
            return false;
        }
    } else {
        p = hp_span(p, hp_reg_name);
    }
    if (p < end && *p == ':') {
        do {
            ++p;
        } while ((uint8_t)(*p - '0') <= 9);
    }
    return p == end;
}

// RFC 9110 section 8.6: 1*DIGIT, and here exactly one of it.
static hp_result_t content_length(hp_request_t *r, const uint8_t *p, const uint8_t *end) {
    uint32_t n = 0;
    hp_result_t e = HP_MORE;
    if ((r->flags & HP_HAS_LENGTH) || p == end) {
        return HP_BAD_CONTENT_LENGTH;
    }
    r->flags |= HP_HAS_LENGTH;
    for (; p != end; ++p) {
        uint8_t digit = (uint8_t)(*p - '0');
        if (digit > 9) {
            return HP_BAD_CONTENT_LENGTH;
        }
        // At most 10 times the limit and 9 more: no overflow
        if (n <= HP_LENGTH_MAX / 10) {
            n = n * 10 + digit;
        } else {
            e = HP_CONTENT_TOO_LARGE;
        }
    }
    r->content_length = n;
    return n > HP_LENGTH_MAX ? HP_CONTENT_TOO_LARGE : e;
}

// One member of the list that Connection, Expect or Transfer-Encoding is.
static hp_result_t list_member(hp_request_t *r, unsigned token) {
    switch (r->field) {
        case HP_FIELD_CONNECTION:
            if (token >= HP_TOKEN_CLOSE && token <= HP_TOKEN_UPGRADE) {
                r->flags |= (uint8_t)(HP_CLOSE << (token - HP_TOKEN_CLOSE));
            }
            break;
        case HP_FIELD_EXPECT:
            if (token != HP_TOKEN_CONTINUE) {
                return HP_EXPECTATION;
            }
            r->flags |= HP_EXPECT;
            break;
        default:
            if (r->coding & HP_CODING_CHUNKED) {
                r->coding |= HP_CODING_BAD;
            }
            r->coding |= token == HP_TOKEN_CHUNKED ? HP_CODING_CHUNKED : HP_CODING_OTHER;
            break;
    }
    return HP_MORE;
}

// The value of the framing field r->field. What stands at end is OWS or CR.
hp_result_t hp_framing_value(hp_request_t *r, const uint8_t *p, const uint8_t *end) {
    if (r->field == HP_FIELD_CONTENT_LENGTH) {
        return content_length(r, p, end);
    }
    if (r->field == HP_FIELD_HOST) {
        if ((r->flags & HP_HAS_HOST) || !hp_uri_host(p, end)) {
            return HP_BAD_HOST;
        }
        r->flags |= HP_HAS_HOST;
        return HP_MORE;
    }
    if (r->field == HP_FIELD_TRANSFER_ENCODING) {
        r->coding |= HP_CODING_LISTED;
    }
    // RFC 9110 section 5.6.1.2: a list of members, some empty
    hp_result_t e = HP_MORE;
    while (p < end && e == HP_MORE) {
        if (*p == ' ' || *p == '\t' || *p == ',') {
            ++p;
            continue;
        }
        const uint8_t *member = p;
        while (p != end && *p != ',') {
            ++p;
        }
        const uint8_t *last = p;
        while (last[-1] == ' ' || last[-1] == '\t') {
            --last;
        }
        e = list_member(r, hp_token(member, (size_t)(last - member)));
    }
    return e;
}

// RFC 9112 section 6.3, at the head's end.
hp_result_t hp_framing_decide(hp_request_t *r) {
    if (r->version >= 11 && !(r->flags & HP_HAS_HOST)) {
        return HP_BAD_HOST;
    }
    if (r->coding != 0) {
        // With Content-Length beside it, or in HTTP/1.0, somebody on the way may have framed
        // the message in another way
        if (r->version == 10 || (r->flags & HP_HAS_LENGTH)
            || (r->coding & (HP_CODING_BAD | HP_CODING_CHUNKED)) != HP_CODING_CHUNKED) {
            return HP_BAD_TRANSFER_ENCODING;
        }
        if (r->coding & HP_CODING_OTHER) {
            return HP_TRANSFER_CODING;
        }
        r->state = HP_S_CHUNK_SIZE;
        r->head_left = r->max_head;     // from now on for chunk extensions and trailers
        return HP_HEAD;
    }
    if (r->version == 10) {
        r->flags &= (uint8_t) ~HP_EXPECT;   // RFC 9110 section 10.1.1
    }
    r->remaining = r->content_length;
    r->state = r->remaining != 0 ? HP_S_IDENTITY : HP_S_DONE;
    return HP_HEAD;
}

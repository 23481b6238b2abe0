// SPDX-License-Identifier: MIT
//
// Look-ups, Content-Length, Host, and what the framing fields together decide.

#include "prove.h"

#include "chars.c"
#include "framing.c"

static void any_visible(uint8_t *p, size_t n) {
    any_bytes(p, n);
    for (size_t i = 0; i != n; ++i) {
        ASSUME(p[i] >= 0x20 && p[i] != 0x7f);      // what head.c lets pass
    }
}

// PROOF token fast unwind=16: hp_token() is a comparison with each word, whatever the capitals
void prove_token(void) {
    static const struct {
        const char *word;
        unsigned token;
    } words[] = {
        { "close", HP_TOKEN_CLOSE }, { "keep-alive", HP_TOKEN_KEEP_ALIVE }, { "upgrade", HP_TOKEN_UPGRADE },
        { "100-continue", HP_TOKEN_CONTINUE }, { "chunked", HP_TOKEN_CHUNKED }, { "http", HP_TOKEN_HTTP },
        { "https", HP_TOKEN_HTTP }, { "connect", HP_TOKEN_CONNECT }, { "options", HP_TOKEN_OPTIONS },
    };
    uint8_t p[14];
    size_t n = any_between(0, sizeof(p));
    any_visible(p, sizeof(p));
    unsigned expected = HP_TOKEN_NONE;
    for (size_t i = 0; i != sizeof(words) / sizeof(*words); ++i) {
        if (is_the_word(p, n, words[i].word)) {
            expected = words[i].token;
        }
    }
    PROVE(hp_token(p, n) == expected);
}

// PROOF framing-field fast unwind=20: hp_framing_field() is a comparison with each name
void prove_framing_field(void) {
    static const char *const names[] = {
        "host", "expect", "connection", "content-length", "transfer-encoding",
    };
    uint8_t p[18];
    size_t n = any_between(1, sizeof(p));
    any_visible(p, sizeof(p));
    unsigned expected = HP_FIELD_NONE;
    for (unsigned i = 0; i != 5; ++i) {
        if (is_the_word(p, n, names[i])) {
            expected = HP_FIELD_HOST + i;
        }
    }
    PROVE(hp_framing_field(p, n) == expected);
}

// p[0..n) as Content-Length, of which the caller knows n at most and the value of the first `known`.
static void check_content_length(const uint8_t *p, size_t n, size_t most, size_t known, uint64_t value) {
    hp_request_t r;
    r.flags = any_byte();
    bool repeated = r.flags & HP_HAS_LENGTH;
    bool digits = n != 0;
    for (size_t i = known; i != most; ++i) {
        if (i < n) {
            digits = digits && p[i] >= '0' && p[i] <= '9';
            value = value * 10 + (uint64_t)(p[i] - '0');
        }
    }
    hp_result_t e = content_length(&r, p, p + n);
    if (repeated || !digits) {
        PROVE(e == HP_BAD_CONTENT_LENGTH);
    } else if (value > HP_LENGTH_MAX) {
        PROVE(e == HP_CONTENT_TOO_LARGE);
    } else {
        PROVE(e == HP_MORE && r.content_length == value && (r.flags & HP_HAS_LENGTH));
    }
}

// PROOF content-length fast unwind=7: up to 4 bytes: the number, and errors for all else
void prove_content_length(void) {
    uint8_t p[4];
    size_t n = any_between(0, sizeof(p));
    any_bytes(p, sizeof(p));
    check_content_length(p, n, sizeof(p), 0, 0);
}

// PROOF content-length-limit fast unwind=13: 2147483 and up to 4 bytes: what 64 bits count, and the limit
void prove_content_length_limit(void) {
    uint8_t p[11] = "2147483";
    size_t n = any_between(7, sizeof(p));
    any_bytes(p + 7, 4);
    check_content_length(p, n, sizeof(p), 7, 2147483);
}

// PROOF host fast unwind=20: Host: what hp_uri_host() reads ends with the byte behind the value
void prove_host(void) {
    hp_request_t r;
    uint8_t value[17];
    size_t n = any_between(0, sizeof(value) - 1);
    any_visible(value, sizeof(value));
    value[n] = any_byte();
    ASSUME(value[n] == '\r' || value[n] == ' ' || value[n] == '/' || value[n] == '?');
    r.field = HP_FIELD_HOST;
    r.flags = any_byte();
    bool repeated = r.flags & HP_HAS_HOST;
    hp_result_t e = hp_framing_value(&r, value, value + n);
    PROVE(e == HP_BAD_HOST || (e == HP_MORE && !repeated && (r.flags & HP_HAS_HOST)));
}

// PROOF decide fast: the framing is decided as RFC 9112 section 6.3 says, for every head
void prove_decide(void) {
    hp_request_t r;
    r.flags = any_byte();
    r.coding = any_byte();
    ASSUME(r.coding < HP_CODING_TRAILER);
    ASSUME((r.coding == 0) == !(r.coding & HP_CODING_LISTED));
    r.version = any_bool() ? 10 : 11;
    r.content_length = any_word();
    ASSUME(r.content_length <= HP_LENGTH_MAX);
    r.max_head = any_word();
    bool has_length = r.flags & HP_HAS_LENGTH;
    hp_result_t e = hp_framing_decide(&r);
    if (r.version == 11 && !(r.flags & HP_HAS_HOST)) {
        PROVE(e == HP_BAD_HOST);
    } else if (r.coding != 0) {
        // Only "chunked" alone is read, and never beside a length
        bool chunked = r.coding == (HP_CODING_LISTED | HP_CODING_CHUNKED);
        PROVE((e == HP_HEAD) == (chunked && r.version == 11 && !has_length));
        PROVE(e != HP_HEAD || r.state == HP_S_CHUNK_SIZE);
    } else {
        PROVE(e == HP_HEAD && r.remaining == r.content_length);
        PROVE(r.state == (r.remaining != 0 ? HP_S_IDENTITY : HP_S_DONE));
    }
}

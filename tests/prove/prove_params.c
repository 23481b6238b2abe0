// SPDX-License-Identifier: MIT
//
// Parameters and cookies: any bytes in a field value, which is all that these functions see.

#include "prove.h"

#include "params.h"
#include "urlencoded.h"
#include "words.h"

// What is decoded is proved in prove_urlencoded.c, what is looked up in prove_framing.c.
size_t hp_unquote(uint8_t *p, size_t len, bool plus) {
    (void)plus;
    PROVE(__CPROVER_w_ok(p, len));
    return any_between(0, len);
}

size_t hp_utf8_bad(const uint8_t *p, size_t len) {
    PROVE(__CPROVER_r_ok(p, len));
    return any_size();
}

int hp_hexdig(uint8_t c) {
    (void)c;
    return any_bool() ? -1 : (int)any_between(0, 15);
}

unsigned hp_lookup(const uint32_t *table, const uint8_t *p, size_t len) {
    (void)table;
    PROVE(__CPROVER_r_ok(p, len));
    return any_bool();
}

#include "chars.c"
#include "params.c"

// The bytes of a value, and none behind them
#define LONGEST 8

static bool within(const uint8_t *p, size_t n, const uint8_t *begin, const uint8_t *end) {
    return p >= begin && p <= end && n <= (size_t)(end - p);
}

// PROOF params-value fast unwind=10: 8 bytes: a media type is found to its end
void prove_params_value(void) {
    uint8_t bytes[LONGEST];
    size_t from = any_between(0, LONGEST);
    any_bytes(bytes, LONGEST);
    size_t n = hp_params_value(bytes + from, bytes + LONGEST);
    PROVE(n <= LONGEST - from);
    size_t i = any_between(0, LONGEST - 1);
    if (i < n) {
        PROVE(bytes[from + i] == '/' || hp_in(hp_tchar, bytes[from + i]));
    }
    PROVE(n == LONGEST - from || (bytes[from + n] != '/' && !hp_in(hp_tchar, bytes[from + n])));
}

// PROOF params-next unwind=10: 8 bytes: name and value lie in what is left, which gets less by 4 bytes at least
void prove_params_next(void) {
    uint8_t bytes[LONGEST];
    hp_pair_t pair;
    any_bytes(bytes, LONGEST);
    uint8_t *end = bytes + LONGEST;
    uint8_t *from = bytes + any_between(0, LONGEST);
    uint8_t *at = from;
    hp_result_t e = hp_params_next(&at, end, &pair);
    PROVE(e == HP_PAIR || e == HP_DONE || e == HP_BAD_PARAMETER);
    if (e == HP_PAIR) {
        PROVE(within(pair.name, pair.name_len, from + 1, at) && pair.name_len != 0);
        PROVE(within(pair.value, pair.value_len, pair.name + pair.name_len + 1, at));
        PROVE(at >= from + 4 && at <= end);
    } else {
        PROVE(at == (e == HP_DONE ? end : from));
    }
}

// PROOF quoted-string fast unwind=10: 8 bytes: what is between the quotes, without its backslashes, by the plain way
void prove_quoted_string(void) {
    uint8_t bytes[LONGEST];
    uint8_t expected[LONGEST];
    hp_pair_t pair;
    any_bytes(bytes, LONGEST);
    size_t n = 0;
    size_t i = 0;
    bool bad = false;
    while (i < LONGEST && bytes[i] != '"') {
        if (bytes[i] == '\\' && ++i == LONGEST) {
            break;
        }
        uint8_t c = bytes[i++];
        bad = bad || c == 0x7f || (c < 0x20 && c != '\t');
        expected[n++] = c;
    }
    const uint8_t *closed = i == LONGEST || bad ? NULL : bytes + i + 1;
    PROVE(quoted_string(bytes, bytes + LONGEST, &pair) == closed);
    if (closed != NULL) {
        PROVE(pair.value == bytes && pair.value_len == n);
        for (i = 0; i < n; ++i) {
            PROVE(bytes[i] == expected[i]);
        }
    }
}

// PROOF ext-value fast unwind=10: 8 bytes: charset, language and escapes are within the value
void prove_ext_value(void) {
    uint8_t bytes[LONGEST];
    hp_pair_t pair;
    any_bytes(bytes, LONGEST);
    pair.value = bytes + any_between(0, LONGEST);
    pair.value_len = (size_t)(bytes + LONGEST - pair.value);
    uint8_t *value = pair.value;
    hp_result_t e = hp_ext_value(&pair);
    PROVE(e == HP_PAIR || e == HP_MORE || e == HP_BAD_PARAMETER);
    PROVE(within(pair.value, pair.value_len, value, bytes + LONGEST));
    PROVE(e != HP_PAIR || pair.value >= value + 2);
}

// PROOF cookies-next unwind=10: 8 bytes: each pair lies in what is left, and what is left gets less
void prove_cookies_next(void) {
    uint8_t bytes[LONGEST];
    hp_pair_t pair;
    any_bytes(bytes, LONGEST);
    uint8_t *end = bytes + LONGEST;
    uint8_t *from = bytes + any_between(0, LONGEST);
    uint8_t *at = from;
    hp_result_t e = hp_cookies_next(&at, end, &pair);
    if (e == HP_PAIR) {
        PROVE(within(pair.name, pair.name_len, from, at) && pair.name_len != 0);
        PROVE(within(pair.value, pair.value_len, pair.name + pair.name_len + 1, at));
        PROVE(at > from && at <= end && (at == end || *at == ';'));
        size_t i = any_between(0, LONGEST);
        ASSUME(i < pair.value_len);
        PROVE(pair.value[i] != ';');
    } else {
        PROVE(e == HP_DONE && at == end);
    }
}

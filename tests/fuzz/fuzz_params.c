// SPDX-License-Identifier: MIT
//
// Parameters, extended values and cookies: the input is a field value.

#include "fuzz.h"
#include "params.h"
#include "urlencoded.h"

// A copy of exactly that size
static uint8_t *copy_of(const uint8_t *data, size_t n) {
    uint8_t *copy = fuzz_alloc(n);
    if (n != 0) {
        memcpy(copy, data, n);
    }
    return copy;
}

static void check_pair(const hp_pair_t *pair, const uint8_t *from, const uint8_t *end) {
    CHECK(pair->name >= from && pair->name_len != 0);
    CHECK(pair->name + pair->name_len < pair->value + 1);
    CHECK(pair->value + pair->value_len <= end);
}

static void put_quoted(fuzz_text_t *text, const hp_pair_t *pair) {
    fuzz_put(text, ";", 1);
    fuzz_put(text, pair->name, pair->name_len);
    fuzz_put(text, "=\"", 2);
    for (size_t i = 0; i < pair->value_len; ++i) {
        if (pair->value[i] == '"' || pair->value[i] == '\\') {
            fuzz_put(text, "\\", 1);
        }
        fuzz_put(text, pair->value + i, 1);
    }
    fuzz_put(text, "\"", 1);
}

// Parses the parameters of p[0..n); again gets the same ones, all quoted.
static hp_result_t parameters(uint8_t *p, size_t n, fuzz_text_t *again) {
    hp_pair_t pair;
    uint8_t *at = p + hp_params_value(p, p + n);
    CHECK(at <= p + n);
    fuzz_put(again, p, (size_t)(at - p));
    for (;;) {
        const uint8_t *from = at;
        hp_result_t e = hp_params_next(&at, p + n, &pair);
        if (e != HP_PAIR) {
            CHECK(e == HP_BAD_PARAMETER || (e == HP_DONE && at == p + n));
            return e;
        }
        CHECK(at > from && at <= p + n);
        check_pair(&pair, from, p + n);
        for (size_t i = 0; i < pair.value_len; ++i) {
            CHECK(pair.value[i] == '\t' || (pair.value[i] >= ' ' && pair.value[i] != 0x7f));
        }
        put_quoted(again, &pair);
        uint8_t *value = copy_of(pair.value, pair.value_len);
        pair.value = value;
        if (hp_ext_value(&pair) == HP_PAIR) {
            CHECK(hp_utf8_bad(pair.value, pair.value_len) == 0);
            CHECK(pair.value_len == 0 || memchr(pair.value, 0, pair.value_len) == NULL);
        }
        free(value);
    }
}

static void cookies(uint8_t *p, size_t n, fuzz_text_t *again) {
    hp_pair_t pair;
    uint8_t *at = p;
    hp_result_t e;
    while ((e = hp_cookies_next(&at, p + n, &pair)) == HP_PAIR) {
        check_pair(&pair, p, at);
        CHECK(pair.value_len == 0 || memchr(pair.value, ';', pair.value_len) == NULL);
        if (again->len != 0) {
            fuzz_put(again, "; ", 2);
        }
        fuzz_put(again, pair.name, pair.name_len);
        fuzz_put(again, "=", 1);
        fuzz_put(again, pair.value, pair.value_len);
    }
    CHECK(e == HP_DONE && at == p + n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_text_t first = { 0 };
    fuzz_text_t second = { 0 };
    uint8_t *copy = copy_of(data, size);
    // What was understood, written in one way, is understood as the same
    if (parameters(copy, size, &first) == HP_DONE) {
        uint8_t *written = copy_of(first.data, first.len);
        CHECK(parameters(written, first.len, &second) == HP_DONE);
        CHECK(fuzz_same(&first, &second));
        free(written);
    }
    free(copy);

    first.len = second.len = 0;
    copy = copy_of(data, size);
    cookies(copy, size, &first);
    CHECK(size == 0 || memcmp(copy, data, size) == 0);
    uint8_t *written = copy_of(first.data, first.len);
    cookies(written, first.len, &second);
    CHECK(fuzz_same(&first, &second));
    free(written);
    free(copy);
    free(first.data);
    free(second.data);
    return 0;
}

// SPDX-License-Identifier: MIT
//
// Percent-decoding and the repair of UTF-8. One byte of options (bit 0: '+' is a space), then
// the text.

#include "fuzz.h"
#include "urlencoded.h"

// One character after the other, with a look-ahead of two: what hp_unquote() has to give.
static size_t expected(uint8_t *to, const uint8_t *p, size_t n, bool plus) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    size_t len = 0;
    for (size_t i = 0; i < n; ++i) {
        uint8_t c = p[i];
        if (c == '%' && n - i > 2) {
            const char *high = memchr(digits, p[i + 1], 32);
            const char *low = memchr(digits, p[i + 2], 32);
            if (high != NULL && low != NULL) {
                c = (uint8_t)((high - digits) % 16 * 16 + (low - digits) % 16);
                i += 2;
            }
        } else if (c == '+' && plus) {
            c = ' ';
        }
        to[len++] = c;
    }
    return len;
}

static size_t unquoted(uint8_t *to, const uint8_t *p, size_t n, bool plus) {
    // A copy of exactly that size
    uint8_t *copy = fuzz_alloc(n);
    if (n != 0) {
        memcpy(copy, p, n);
    }
    size_t len = hp_unquote(copy, n, plus);
    CHECK(len <= n);
    if (len != 0) {
        memcpy(to, copy, len);
    }
    free(copy);
    return len;
}

static void check_utf8(const uint8_t *p, size_t n) {
    size_t bad = hp_utf8_bad(p, n);
    CHECK(bad <= n);
    uint8_t *repaired = fuzz_alloc(n + 2 * bad);
    hp_utf8_repair(repaired, p, n);
    CHECK(hp_utf8_bad(repaired, n + 2 * bad) == 0);
    if (bad == 0 && n != 0) {
        CHECK(memcmp(repaired, p, n) == 0);
    }
    free(repaired);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) {
        return 0;
    }
    bool plus = data[0] & 1;
    const uint8_t *p = data + 1;
    size_t n = size - 1;
    uint8_t *wanted = fuzz_alloc(n);
    uint8_t *got = fuzz_alloc(n);
    size_t wanted_len = expected(wanted, p, n, plus);
    CHECK(unquoted(got, p, n, plus) == wanted_len);
    CHECK(wanted_len == 0 || memcmp(got, wanted, wanted_len) == 0);
    check_utf8(wanted, wanted_len);

    // A cut changes nothing unless an escape is cut
    for (size_t cut = 0; cut <= n && n < 300; ++cut) {
        if ((cut >= 1 && p[cut - 1] == '%') || (cut >= 2 && p[cut - 2] == '%')) {
            continue;
        }
        size_t len = unquoted(got, p, cut, plus);
        len += unquoted(got + len, p + cut, n - cut, plus);
        CHECK(len == wanted_len && (len == 0 || memcmp(got, wanted, len) == 0));
    }
    free(wanted);
    free(got);
    return 0;
}

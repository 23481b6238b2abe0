// SPDX-License-Identifier: MIT

#include "urlencoded.h"

int hp_hexdig(uint8_t c) {
    uint8_t d = (uint8_t)(c - '0');
    if (d <= 9) {
        return d;
    }
    d = (uint8_t)((c | 0x20) - 'a');
    return d < 6 ? d + 10 : -1;
}

size_t hp_unquote(uint8_t *p, size_t n, bool plus) {
    uint8_t *to = p;
    const uint8_t *end = p + n;
    const uint8_t *from = p;
    while (from != end) {
        uint8_t c = *from++;
        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%' && end - from >= 2) {
            int high = hp_hexdig(from[0]);
            int low = hp_hexdig(from[1]);
            if (high >= 0 && low >= 0) {
                c = (uint8_t)(high << 4 | low);
                from += 2;
            }
        }
        *to++ = c;
    }
    return (size_t)(to - p);
}

// The length of the well-formed sequence at p, 0 if there is none: no overlong forms, no
// surrogates, nothing above U+10FFFF.
static size_t utf8_sequence(const uint8_t *p, size_t n) {
    uint8_t c = p[0];
    if (c < 0x80) {
        return 1;
    }
    size_t len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (c < 0xc2 || c > 0xf4 || n < len) {
        return 0;
    }
    uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; ++i) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

size_t hp_utf8_bad(const uint8_t *p, size_t n) {
    size_t bad = 0;
    while (n != 0) {
        size_t len = utf8_sequence(p, n);
        if (len == 0) {
            ++bad;
            len = 1;
        }
        p += len;
        n -= len;
    }
    return bad;
}

void hp_utf8_repair(uint8_t *dst, const uint8_t *p, size_t n) {
    while (n != 0) {
        size_t len = utf8_sequence(p, n);
        if (len == 0) {
            // U+FFFD REPLACEMENT CHARACTER
            *dst++ = 0xef;
            *dst++ = 0xbf;
            *dst++ = 0xbd;
            ++p;
            --n;
        }
        for (; len != 0; --len, --n) {
            *dst++ = *p++;
        }
    }
}

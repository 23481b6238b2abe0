// SPDX-License-Identifier: MIT
//
// Percent-encoding and UTF-8, against the plain way.

#include "prove.h"

#include "urlencoded.c"

static int digit(uint8_t c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// PROOF hexdig fast: every byte
void prove_hexdig(void) {
    uint8_t c = any_byte();
    PROVE(hp_hexdig(c) == digit(c));
}

// PROOF unquote fast unwind=7: 5 bytes: each escape and nothing else is decoded, in place
void prove_unquote(void) {
    uint8_t p[5];
    uint8_t expected[5];
    size_t n = any_between(0, sizeof(p));
    bool plus = any_bool();
    any_bytes(p, sizeof(p));
    size_t len = 0;
    for (size_t i = 0; i < n; ++i) {
        uint8_t c = p[i];
        if (c == '%' && i + 2 < n && digit(p[i + 1]) >= 0 && digit(p[i + 2]) >= 0) {
            c = (uint8_t)(digit(p[i + 1]) * 16 + digit(p[i + 2]));
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        expected[len++] = c;
    }
    PROVE(hp_unquote(p, n, plus) == len);
    for (size_t i = 0; i < len; ++i) {
        PROVE(p[i] == expected[i]);
    }
}

// PROOF utf8-sequence fast unwind=6: every sequence of 4 bytes or fewer, by the value that it stands for
void prove_utf8_sequence(void) {
    uint8_t p[4];
    size_t n = any_between(1, sizeof(p));
    any_bytes(p, sizeof(p));
    size_t len = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3
        : (p[0] & 0xf8) == 0xf0 ? 4 : 0;
    if (len != 0 && len <= n) {
        uint32_t value = len == 1 ? p[0] : p[0] & (0x7fu >> len);
        for (size_t i = 1; i < len; ++i) {
            if ((p[i] & 0xc0) != 0x80) {
                len = 0;
                break;
            }
            value = value << 6 | (p[i] & 0x3f);
        }
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
            len = 0;
        }
    } else {
        len = 0;
    }
    PROVE(utf8_sequence(p, n) == len);
}

// PROOF utf8-repair unwind=14: 4 bytes: what is repaired is UTF-8 and as long as hp_utf8_bad() says
void prove_utf8_repair(void) {
    uint8_t p[4];
    uint8_t to[12];
    size_t n = any_between(0, sizeof(p));
    any_bytes(p, sizeof(p));
    size_t len = n + 2 * hp_utf8_bad(p, n);
    PROVE(len <= sizeof(to));
    uint8_t *dst = to + (sizeof(to) - len);     // not a byte more
    hp_utf8_repair(dst, p, n);
    PROVE(hp_utf8_bad(dst, len) == 0);
}

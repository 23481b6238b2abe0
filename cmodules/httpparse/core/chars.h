// SPDX-License-Identifier: MIT
//
// Character classes as bitmaps of 32-bit words: a chip that reads its flash only in aligned
// words can use them where they lie.
#ifndef HTTPPARSE_CORE_CHARS_H
#define HTTPPARSE_CORE_CHARS_H

#include <stdint.h>

typedef uint32_t hp_charset_t[8];

extern const hp_charset_t hp_tchar;         // RFC 9110 section 5.6.2
extern const hp_charset_t hp_reg_name;      // RFC 3986 section 3.2.2
extern const hp_charset_t hp_ipv6;          // RFC 3986 section 3.2.2: HEXDIG, ':' and '.'

static inline uint32_t hp_in(const hp_charset_t set, uint8_t c) {
    return (set[c >> 5] >> (c & 31)) & 1;
}

// The first byte from p on that is not in the set. The caller has put one there.
static inline uint8_t *hp_span(const uint8_t *p, const hp_charset_t set) {
    while (hp_in(set, *p)) {
        ++p;
    }
    return (uint8_t *)(uintptr_t)p;
}

#endif // HTTPPARSE_CORE_CHARS_H

// SPDX-License-Identifier: MIT
//
// Words to compare with, in lower case, four characters to a 32-bit word so that they can be
// read where they lie in a flash that allows only aligned words.
#ifndef HTTPPARSE_CORE_WORDS_H
#define HTTPPARSE_CORE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define HP_W(a, b, c, d) \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

// In front of a table's word: its length and its number, 1 or more.
#define HP_ENTRY(len, number) ((uint32_t)(len) | (uint32_t)(number) << 8)

// The number of p[0..len), whatever its capitals, in a table of entries that 0 ends; 0 if it is
// not there. p has no control characters.
unsigned hp_lookup(const uint32_t *table, const uint8_t *p, size_t len);

#endif // HTTPPARSE_CORE_WORDS_H

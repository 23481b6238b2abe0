// SPDX-License-Identifier: MIT

#include <stdbool.h>

#include "copy.h"

#if defined(__XTENSA_CALL0_ABI__)
// The ESP8266's memcpy() takes a dozen instructions for each byte where not all is aligned. Here a word
// takes some seven. What is copied may lie in flash: only aligned words are read, those at the ends whole.

typedef uint32_t __attribute__((may_alias)) word_t;

static const word_t *word_of(const uint8_t *p) {
    return (const word_t *)((uintptr_t)p & ~(uintptr_t)3);
}

static unsigned bits_before(const uint8_t *p) {
    return ((uintptr_t)p & 3) * 8;
}

static uint8_t byte_at(const uint8_t *p) {
    return (uint8_t)(*word_of(p) >> bits_before(p));
}

static bool is_aligned(const uint8_t *p) {
    return ((uintptr_t)p & 3) == 0;
}

uint8_t *hp_copy(uint8_t *to, const void *text, size_t n) {
    const uint8_t *from = text;
    for (; n != 0 && !is_aligned(to); --n) {
        *to++ = byte_at(from++);
    }
    const word_t *p = word_of(from);
    unsigned shift = bits_before(from);
    from += n & ~(size_t)3;
    if (shift == 0) {
        for (; n >= 4; n -= 4, to += 4) {
            *(word_t *)(void *)to = *p++;
        }
    } else if (n >= 4) {
        word_t low = *p >> shift;
        for (; n >= 4; n -= 4, to += 4) {
            word_t next = *++p;
            *(word_t *)(void *)to = low | next << (32 - shift);
            low = next >> shift;
        }
    }
    for (; n != 0; --n) {
        *to++ = byte_at(from++);
    }
    return to;
}

void hp_move_up(uint8_t *to, const uint8_t *from, size_t n) {
    for (; n != 0 && !is_aligned(to + n); --n) {
        to[n - 1] = byte_at(from + n - 1);
    }
    const word_t *p = word_of(from + n);
    unsigned shift = bits_before(from + n);
    if (shift == 0) {
        for (; n >= 4; n -= 4) {
            *(word_t *)(void *)(to + n - 4) = *--p;
        }
    } else if (n >= 4) {
        word_t high = *p << (32 - shift);
        for (; n >= 4; n -= 4) {
            word_t next = *--p;
            *(word_t *)(void *)(to + n - 4) = high | next >> shift;
            high = next << (32 - shift);
        }
    }
    for (; n != 0; --n) {
        to[n - 1] = byte_at(from + n - 1);
    }
}
#else
uint8_t *hp_copy(uint8_t *to, const void *from, size_t n) {
    memcpy(to, from, n);
    return to + n;
}
#endif

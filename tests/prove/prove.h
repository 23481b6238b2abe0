// SPDX-License-Identifier: MIT
//
// What the proofs share. A proof is a function prove_NAME() without arguments, with a line
// "// PROOF NAME ..." in front of it (run.py). It makes any state and any input that it is about, calls
// the core, and says what has to follow; CBMC looks at all of them, and beside that at every access,
// shift, conversion of a pointer and signed sum in the core, and at the end of each loop.
#ifndef TESTS_PROVE_PROVE_H
#define TESTS_PROVE_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define any_byte nondet_byte
#define any_short nondet_short
#define any_word nondet_word
#define any_size nondet_size
#define any_bool nondet_bool

uint8_t any_byte(void);
uint16_t any_short(void);
uint32_t any_word(void);
size_t any_size(void);
bool any_bool(void);

// From here on it is so.
#define ASSUME(condition) __CPROVER_assume(condition)
// It is so always.
#define PROVE(condition) __CPROVER_assert(condition, #condition)

// A number from low to high.
static inline size_t any_between(size_t low, size_t high) {
    size_t n = any_size();
    ASSUME(n >= low && n <= high);
    return n;
}

// Fills p[0..n) with any bytes. The loop is unwound by n, which is a constant.
static inline void any_bytes(uint8_t *p, size_t n) {
    for (size_t i = 0; i != n; ++i) {
        p[i] = any_byte();
    }
}

// In the place of hp_move_down(): bytes move as they are. That the places are there is proved, and
// what is moved is any bytes.
static inline void check_move_down(const uint8_t *dst, const uint8_t *src, size_t n) {
    PROVE(__CPROVER_r_ok(src, n) && __CPROVER_w_ok(dst, n));
    PROVE(!__CPROVER_same_object(dst, src) || dst <= src);
}

static inline uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

// Whether p[0..n) is the word, whatever its capitals: the plain way.
static inline bool is_the_word(const uint8_t *p, size_t n, const char *word) {
    size_t i = 0;
    for (; word[i] != 0; ++i) {
        if (i >= n || lower(p[i]) != (uint8_t)word[i]) {
            return false;
        }
    }
    return i == n;
}

#endif // TESTS_PROVE_PROVE_H

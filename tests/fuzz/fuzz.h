// SPDX-License-Identifier: MIT
//
// What the fuzz harnesses share. A harness is one file fuzz_NAME.c that defines
// LLVMFuzzerTestOneInput(); libFuzzer, AFL++ or replay.c call it. It checks by CHECK() what has
// to hold for every input, above all that the cuts of the input do not change the result.
#ifndef HTTPPARSE_FUZZ_FUZZ_H
#define HTTPPARSE_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

// Exactly n bytes, so that AddressSanitizer sees a step beyond them.
static inline uint8_t *fuzz_alloc(size_t n) {
    uint8_t *p = malloc(n != 0 ? n : 1);
    CHECK(p != NULL);
    return p;
}

// The input: harnesses take their options from its start.
typedef struct {
    const uint8_t *p;
    size_t left;
} fuzz_input_t;

// The next byte, 0 at the end.
static inline uint8_t fuzz_byte(fuzz_input_t *in) {
    if (in->left == 0) {
        return 0;
    }
    --in->left;
    return *in->p++;
}

// The next n bytes, or as many as there are; *got says how many.
static inline const uint8_t *fuzz_bytes(fuzz_input_t *in, size_t n, size_t *got) {
    const uint8_t *p = in->p;
    *got = n < in->left ? n : in->left;
    in->p += *got;
    in->left -= *got;
    return p;
}

// How a stream of bytes is cut: pieces of sizes[i] % 64 + 1 bytes, over and over; without a
// size, one piece. Printable characters give all the sizes, so that seeds can be text files.
typedef struct {
    const uint8_t *sizes;
    size_t count;
    size_t at;
} fuzz_cuts_t;

static inline size_t fuzz_cut(fuzz_cuts_t *cuts, size_t n) {
    if (cuts->count == 0) {
        return n;
    }
    size_t k = cuts->sizes[cuts->at++ % cuts->count] % 64u + 1;
    return k < n ? k : n;
}

// What a run gave, for comparing it with other runs.
typedef struct {
    uint8_t *data;
    size_t len;
    size_t size;
} fuzz_text_t;

static inline void fuzz_put(fuzz_text_t *text, const void *p, size_t n) {
    if (text->len + n > text->size) {
        text->size = (text->len + n) * 2;
        text->data = realloc(text->data, text->size);
        CHECK(text->data != NULL);
    }
    if (n != 0) {
        memcpy(text->data + text->len, p, n);
        text->len += n;
    }
}

static inline void fuzz_put_number(fuzz_text_t *text, uint32_t n) {
    fuzz_put(text, &n, sizeof(n));
}

static inline void fuzz_put_string(fuzz_text_t *text, const void *p, size_t n) {
    fuzz_put_number(text, (uint32_t)n);
    fuzz_put(text, p, n);
}

static inline bool fuzz_same(const fuzz_text_t *a, const fuzz_text_t *b) {
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

#endif // HTTPPARSE_FUZZ_FUZZ_H

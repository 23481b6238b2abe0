// SPDX-License-Identifier: MIT
//
// What goes by whole words is what would go by bytes: the spans of the head on a computer, and the
// copies of the ESP8266, from any alignment to any other. Words are aligned, and none is read that has
// no byte of what is asked for.

#include "prove.h"

#ifdef __XTENSA_CALL0_ABI__
#include "copy.c"
#else
#include "chars.c"
#include "head.c"
#endif

// Bytes that are looked at, in words that an allocator aligns
#define LONGEST 20

#ifdef __XTENSA_CALL0_ABI__

#define COPIED 10

// PROOF copy-words unwind=12 __XTENSA_CALL0_ABI__=1: up to 10 bytes from any place to any other
void prove_copy_words(void) {
    uint8_t from[LONGEST] __attribute__((aligned(4)));
    uint8_t to[LONGEST] __attribute__((aligned(4)));
    size_t n = any_between(0, COPIED);
    size_t a = any_between(0, 3);
    size_t b = any_between(0, 3);
    size_t i = any_between(0, LONGEST - 1);
    uint8_t before = to[i];
    PROVE(hp_copy(to + b, from + a, n) == to + b + n);
    PROVE(to[i] == (i >= b && i < b + n ? from[a + i - b] : before));
}

// PROOF move-down-words unwind=12 __XTENSA_CALL0_ABI__=1: up to 10 bytes to any place below them
void prove_move_down_words(void) {
    uint8_t bytes[LONGEST] __attribute__((aligned(4)));
    size_t n = any_between(0, COPIED);
    size_t b = any_between(0, 3);
    size_t a = b + any_between(0, LONGEST - COPIED - 3);
    size_t i = any_between(0, LONGEST - 1);
    uint8_t expected = i >= b && i < b + n ? bytes[a + i - b] : bytes[i];
    hp_move_down(bytes + b, bytes + a, n);
    PROVE(bytes[i] == expected);
}

// PROOF move-up-words unwind=12 __XTENSA_CALL0_ABI__=1: up to 10 bytes, by 7 at most
void prove_move_up_words(void) {
    uint8_t bytes[LONGEST] __attribute__((aligned(4)));
    size_t n = any_between(0, COPIED);
    size_t a = any_between(0, 3);
    size_t b = a + any_between(0, LONGEST - COPIED - 3);
    size_t i = any_between(0, LONGEST - 1);
    uint8_t expected = i >= b && i < b + n ? bytes[a + i - b] : bytes[i];
    hp_move_up(bytes + b, bytes + a, n);
    PROVE(bytes[i] == expected);
}

#else

// A span of any bytes from any place, which a byte ends that is in no set.
#define SPAN(class, set) \
    do { \
        uint8_t bytes[LONGEST + HP_BUFFER_PAD] __attribute__((aligned(8))); \
        size_t from = any_between(0, LONGEST - 1); \
        bytes[LONGEST - 1] = 0; \
        PROVE(span(bytes + from, class) == hp_span(bytes + from, set)); \
    } while (0)

// PROOF span-token unwind=22: names in 20 bytes
void prove_span_token(void) {
    SPAN(TOKEN, hp_tchar);
}

// PROOF span-target unwind=22: targets in 20 bytes
void prove_span_target(void) {
    SPAN(TARGET, target_char);
}

// PROOF span-value unwind=22: values in 20 bytes
void prove_span_value(void) {
    SPAN(VALUE, value_char);
}

#endif

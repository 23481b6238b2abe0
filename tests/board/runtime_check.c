// SPDX-License-Identifier: MIT
// Compares the emulated board's arithmetic (ports/qemu-lx106/runtime, renamed by
// the compiler's command line) with this computer's, which is IEEE 754 too.
// Prints the first differences and exits with 1 when there is one.

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t board_addsf3(uint32_t a, uint32_t b);
uint32_t board_subsf3(uint32_t a, uint32_t b);
uint32_t board_mulsf3(uint32_t a, uint32_t b);
uint32_t board_floatsisf(int32_t n);
uint32_t board_floatunsisf(uint32_t n);
uint32_t board_fixunssfsi(uint32_t a);
uint64_t board_extendsfdf2(uint32_t a);
uint32_t board_truncdfsf2(uint64_t a);
uint64_t board_floatsidf(int32_t n);
uint32_t board_udivsi3(uint32_t n, uint32_t d);
uint32_t board_umodsi3(uint32_t n, uint32_t d);
int32_t board_divsi3(int32_t n, int32_t d);
uint64_t board_umulsidi3(uint32_t a, uint32_t b);
uint64_t board_muldi3(uint64_t a, uint64_t b);
uint64_t board_udivdi3(uint64_t n, uint64_t d);
uint64_t board_umoddi3(uint64_t n, uint64_t d);
int64_t board_divdi3(int64_t n, int64_t d);

static unsigned long failures;

// Bits that are worth a try: ends of ranges, and what lies next to them.
static const uint32_t words[] = {
    0, 1, 2, 3, 7, 10, 0x3f, 0x40, 0x7f, 0x80, 0xff, 0xffff, 0x10000, 0x7fffff, 0x800000,
    0x800001, 0xffffff, 0x1000000, 0x1000001, 0x33800000, 0x34000000, 0x3effffff, 0x3f000000,
    0x3f7fffff, 0x3f800000, 0x3f800001, 0x40000000, 0x4b000000, 0x4b7fffff, 0x4b800000,
    0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000, 0x7effffff, 0x7f000000, 0x7f7fffff,
    0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff, 0x80000000, 0x80000001, 0x807fffff,
    0x80800000, 0x80800001, 0xbf800000, 0xff7fffff, 0xff800000, 0xffc00000, 0xffffffff,
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static uint64_t random_state;

static uint64_t random64(void) {
    // xorshift64
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static float as_float(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof(f));
    return f;
}

static uint32_t float_bits(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof(bits));
    return bits;
}

static double as_double(uint64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof(d));
    return d;
}

static uint64_t double_bits(double d) {
    uint64_t bits;
    memcpy(&bits, &d, sizeof(bits));
    return bits;
}

static void fail(const char *name, uint64_t a, uint64_t b, uint64_t got, uint64_t expected) {
    if (++failures <= 20) {
        printf("%s(%#llx, %#llx) is %#llx, should be %#llx\n", name, (unsigned long long)a,
            (unsigned long long)b, (unsigned long long)got, (unsigned long long)expected);
    }
}

static void check(const char *name, uint64_t a, uint64_t b, uint64_t got, uint64_t expected) {
    if (got != expected) {
        fail(name, a, b, got, expected);
    }
}

// Which NaN comes out is not laid down, only that it is a quiet one.
static void check_float(const char *name, uint64_t a, uint64_t b, uint32_t got, float expected) {
    if (isnan(expected)) {
        if ((got & 0x7fc00000) != 0x7fc00000) {
            fail(name, a, b, got, 0x7fc00000);
        }
    } else {
        check(name, a, b, got, float_bits(expected));
    }
}

static void check_words(uint32_t a, uint32_t b) {
    check_float("addsf3", a, b, board_addsf3(a, b), as_float(a) + as_float(b));
    check_float("subsf3", a, b, board_subsf3(a, b), as_float(a) - as_float(b));
    check_float("mulsf3", a, b, board_mulsf3(a, b), as_float(a) * as_float(b));
    check("umulsidi3", a, b, board_umulsidi3(a, b), (uint64_t)a * b);
    if (b != 0) {
        check("udivsi3", a, b, board_udivsi3(a, b), a / b);
        check("umodsi3", a, b, board_umodsi3(a, b), a % b);
        if (!(a == 0x80000000 && b == 0xffffffff)) {
            check("divsi3", a, b, (uint32_t)board_divsi3((int32_t)a, (int32_t)b),
                (uint32_t)((int32_t)a / (int32_t)b));
        }
    }
}

static void check_word(uint32_t a) {
    check_float("floatsisf", a, 0, board_floatsisf((int32_t)a), (float)(int32_t)a);
    check_float("floatunsisf", a, 0, board_floatunsisf(a), (float)a);
    check("floatsidf", a, 0, board_floatsidf((int32_t)a), double_bits((double)(int32_t)a));
    float f = as_float(a);
    if (f > -1.0f && f < 4294967296.0f) {
        check("fixunssfsi", a, 0, board_fixunssfsi(a), (uint32_t)f);
    }
    if (isnan(f)) {
        if (!isnan(as_double(board_extendsfdf2(a)))) {
            fail("extendsfdf2", a, 0, board_extendsfdf2(a), 0x7ff8000000000000);
        }
    } else {
        check("extendsfdf2", a, 0, board_extendsfdf2(a), double_bits((double)f));
    }
}

static void check_long(uint64_t a, uint64_t b) {
    check("muldi3", a, b, board_muldi3(a, b), a * b);
    if (b != 0) {
        check("udivdi3", a, b, board_udivdi3(a, b), a / b);
        check("umoddi3", a, b, board_umoddi3(a, b), a % b);
        if (!(a == 1ull << 63 && b == UINT64_MAX)) {
            check("divdi3", a, b, (uint64_t)board_divdi3((int64_t)a, (int64_t)b),
                (uint64_t)((int64_t)a / (int64_t)b));
        }
    }
    check_float("truncdfsf2", a, 0, board_truncdfsf2(a), (float)as_double(a));
}

// A number near another one's size: additions that cancel, quotients around 1.
static uint32_t near_word(uint32_t a) {
    return a + ((uint32_t)random64() >> (random64() % 32)) * (random64() & 1 ? 1 : -1);
}

int main(int argc, char **argv) {
    unsigned long rounds = strtoul(argv[1], NULL, 10);
    random_state = strtoull(argv[2], NULL, 10) | 1;
    (void)argc;
    for (size_t i = 0; i < WORDS; ++i) {
        check_word(words[i]);
        for (size_t j = 0; j < WORDS; ++j) {
            check_words(words[i], words[j]);
            for (size_t k = 0; k < WORDS; ++k) {
                check_long((uint64_t)words[i] << 32 | words[j], words[k]);
                check_long((uint64_t)words[i] << 32 | words[j], (uint64_t)words[k] << 32 | words[j]);
            }
        }
    }
    for (unsigned long i = 0; i < rounds; ++i) {
        uint32_t a = (uint32_t)random64();
        uint64_t c = random64();
        check_word(a);
        check_words(a, (uint32_t)c);
        check_words(a, near_word(a));
        check_words(a, near_word(a) ^ 0x80000000);
        check_words(a & 0x80ffffff, (uint32_t)c & 0x80ffffff);
        check_long(c, random64() >> (random64() % 64));
        // Exponents that a float has, so that few results are 0 or infinite.
        check_long((c & 0x800fffffffffffff) | (uint64_t)(1023 - 160 + c % 300) << 52, a | 1);
    }
    printf("%lu differences\n", failures);
    return failures != 0;
}

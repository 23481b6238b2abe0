// SPDX-License-Identifier: MIT
// Floating point of the compiler's support library, as far as the ESP8266 has it
// in ROM and libgcc for it leaves it out. IEEE 754, round to nearest even, with
// subnormal numbers; no exceptions or flags.
//
// Numbers are passed as their bits: on this ABI a float travels in the same
// register as an integer, and a double in the same pair.

#include <stdbool.h>
#include <stdint.h>

uint32_t __addsf3(uint32_t a, uint32_t b);
uint32_t __subsf3(uint32_t a, uint32_t b);
uint32_t __mulsf3(uint32_t a, uint32_t b);
uint32_t __floatsisf(int32_t n);
uint32_t __floatunsisf(uint32_t n);
uint32_t __fixunssfsi(uint32_t a);
uint64_t __extendsfdf2(uint32_t a);
uint32_t __truncdfsf2(uint64_t a);
uint64_t __floatsidf(int32_t n);
uint64_t __muldi3(uint64_t a, uint64_t b);

#define SIGN            (0x80000000u)
#define INFINITY_BITS   (0x7f800000u)
#define NAN_BITS        (0x7fc00000u)
#define QUIET           (0x00400000u)
#define FRACTION        (0x007fffffu)
#define BIAS            (127)

#define DOUBLE_BIAS     (1023)

// Significands are worked on with their leading one at bit 30: one bit for a
// carry above, seven bits to round below.
#define ONE             (1u << 30)
#define ROUND_BITS      (7)

static bool is_nan(uint32_t a) {
    return (a & ~SIGN) > INFINITY_BITS;
}

static bool is_infinite(uint32_t a) {
    return (a & ~SIGN) == INFINITY_BITS;
}

// Shifts right; bits that fall off leave a mark in the lowest bit.
static uint32_t shift_right_sticky(uint32_t n, int shift) {
    if (shift == 0) {
        return n;
    }
    if (shift >= 32) {
        return n != 0;
    }
    return n >> shift | ((n << (32 - shift)) != 0);
}

// The exponent field and significand of a finite number. Subnormal numbers have
// exponent 1 and a significand below ONE.
static int unpack(uint32_t a, uint32_t *significand) {
    int exponent = (int)((a & INFINITY_BITS) >> 23);
    *significand = (a & FRACTION) << ROUND_BITS;
    if (exponent == 0) {
        return 1;
    }
    *significand |= ONE;
    return exponent;
}

// Moves the leading one of a significand that is not 0 to bit 30.
static int normalize(int exponent, uint32_t *significand) {
    int shift = __builtin_clz(*significand) - 1;
    *significand <<= shift;
    return exponent - shift;
}

// Rounds to a number of the given sign. The significand's leading one is at bit
// 30, or below it when the exponent is 1.
static uint32_t round_and_pack(uint32_t sign, int exponent, uint32_t significand) {
    if (exponent >= 255) {
        return sign | INFINITY_BITS;
    }
    if (exponent < 1) {
        significand = shift_right_sticky(significand, 1 - exponent);
        exponent = 1;
    }
    uint32_t below = significand & ((1u << ROUND_BITS) - 1);
    uint32_t half = 1u << (ROUND_BITS - 1);
    significand = (significand + half) >> ROUND_BITS;
    if (below == half) {
        significand &= ~1u;
    }
    // The leading one, where there is one, adds 1 to the exponent field, and a
    // carry out of the significand adds another.
    return sign | (((uint32_t)(exponent - 1) << 23) + significand);
}

uint32_t __addsf3(uint32_t a, uint32_t b) {
    if (is_nan(a)) {
        return a | QUIET;
    }
    if (is_nan(b)) {
        return b | QUIET;
    }
    if (is_infinite(a)) {
        return is_infinite(b) && a != b ? NAN_BITS : a;
    }
    if (is_infinite(b)) {
        return b;
    }
    if ((a & ~SIGN) < (b & ~SIGN)) {
        uint32_t larger = b;
        b = a;
        a = larger;
    }
    uint32_t sa;
    uint32_t sb;
    int exponent = unpack(a, &sa);
    sb = 0;
    int shift = exponent - unpack(b, &sb);
    sb = shift_right_sticky(sb, shift);
    uint32_t sign = a & SIGN;
    if (((a ^ b) & SIGN) == 0) {
        sa += sb;
        if (sa >= 2 * ONE) {
            sa = shift_right_sticky(sa, 1);
            ++exponent;
        }
        return round_and_pack(sign, exponent, sa);
    }
    sa -= sb;
    if (sa == 0) {
        return 0;
    }
    exponent = normalize(exponent, &sa);
    return round_and_pack(sign, exponent, sa);
}

uint32_t __subsf3(uint32_t a, uint32_t b) {
    return __addsf3(a, is_nan(b) ? b : b ^ SIGN);
}

uint32_t __mulsf3(uint32_t a, uint32_t b) {
    uint32_t sign = (a ^ b) & SIGN;
    if (is_nan(a)) {
        return a | QUIET;
    }
    if (is_nan(b)) {
        return b | QUIET;
    }
    bool zero = (a & ~SIGN) == 0 || (b & ~SIGN) == 0;
    if (is_infinite(a) || is_infinite(b)) {
        return zero ? NAN_BITS : sign | INFINITY_BITS;
    }
    if (zero) {
        return sign;
    }
    uint32_t sa;
    uint32_t sb;
    int exponent = unpack(a, &sa);
    exponent = normalize(exponent, &sa);
    int exponent_b = unpack(b, &sb);
    exponent += normalize(exponent_b, &sb) - BIAS;
    // Leading ones at bits 30 and 31, so that of the product is at bit 61 or 62.
    uint64_t product = __muldi3(sa, sb << 1);
    uint32_t significand = (uint32_t)(product >> 32);
    uint32_t rest = (uint32_t)product;
    if (significand < ONE) {
        significand = significand << 1 | rest >> 31;
        rest <<= 1;
    } else {
        ++exponent;
    }
    return round_and_pack(sign, exponent, significand | (rest != 0));
}

static uint32_t from_unsigned(uint32_t sign, uint32_t n) {
    if (n == 0) {
        return 0;
    }
    int shift = __builtin_clz(n);
    return round_and_pack(sign, BIAS + 31 - shift, shift_right_sticky(n << shift, 1));
}

uint32_t __floatunsisf(uint32_t n) {
    return from_unsigned(0, n);
}

uint32_t __floatsisf(int32_t n) {
    return n < 0 ? from_unsigned(SIGN, -(uint32_t)n) : from_unsigned(0, (uint32_t)n);
}

// Out of range: 0 below, the largest number above.
uint32_t __fixunssfsi(uint32_t a) {
    uint32_t significand;
    int exponent = unpack(a, &significand) - BIAS;
    if (is_nan(a) || (a & SIGN) || exponent < 0) {
        return 0;
    }
    if (exponent >= 32) {
        return UINT32_MAX;
    }
    return exponent == 31 ? significand << 1 : significand >> (30 - exponent);
}

uint64_t __extendsfdf2(uint32_t a) {
    uint32_t significand;
    int exponent = unpack(a, &significand);
    uint64_t sign = (uint64_t)(a & SIGN) << 32;
    if ((a & INFINITY_BITS) == INFINITY_BITS) {
        uint32_t quiet = is_nan(a) ? QUIET : 0;
        return sign | 0x7ff0000000000000u | (uint64_t)((a & FRACTION) | quiet) << 29;
    }
    if (significand == 0) {
        return sign;
    }
    exponent = normalize(exponent, &significand) - BIAS + DOUBLE_BIAS;
    return sign | (((uint64_t)(exponent - 1) << 52) + ((uint64_t)significand << 22));
}

uint32_t __truncdfsf2(uint64_t a) {
    uint32_t sign = (uint32_t)(a >> 32) & SIGN;
    int exponent = (int)(a >> 52) & 0x7ff;
    uint64_t fraction = a & 0x000fffffffffffffu;
    if (exponent == 0x7ff) {
        return sign | (fraction ? NAN_BITS | (uint32_t)(fraction >> 29) : INFINITY_BITS);
    }
    if (exponent == 0) {
        // Subnormal as a double is 0 as a float.
        return sign;
    }
    uint32_t significand = ONE | (uint32_t)(fraction >> 22) | (((uint32_t)fraction & 0x3fffff) != 0);
    return round_and_pack(sign, exponent - DOUBLE_BIAS + BIAS, significand);
}

uint64_t __floatsidf(int32_t n) {
    if (n == 0) {
        return 0;
    }
    uint64_t sign = n < 0 ? 1ull << 63 : 0;
    uint32_t significand = n < 0 ? -(uint32_t)n : (uint32_t)n;
    int shift = __builtin_clz(significand);
    significand <<= shift;
    // The leading one at bit 31 goes to bit 52 and adds 1 to the exponent field.
    return sign | (((uint64_t)(DOUBLE_BIAS + 31 - shift - 1) << 52) + ((uint64_t)significand << 21));
}

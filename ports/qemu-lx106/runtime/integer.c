// SPDX-License-Identifier: MIT
// Integer division and 64-bit multiplication: functions of the compiler's
// support library that the ESP8266 has in ROM, so that libgcc for it leaves them
// out. The core has a 32 x 32 -> 32 bit multiplication and no division.
//
// Each function does what GCC's "Integer library routines" say. A division by
// zero yields 0; MicroPython never gets as far.

#include <stdint.h>

uint32_t __udivsi3(uint32_t n, uint32_t d);
uint32_t __umodsi3(uint32_t n, uint32_t d);
int32_t __divsi3(int32_t n, int32_t d);
uint64_t __umulsidi3(uint32_t a, uint32_t b);
uint64_t __muldi3(uint64_t a, uint64_t b);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
int64_t __divdi3(int64_t n, int64_t d);

// Long division in base 2, from the first bit that can be set. Returns the
// quotient and leaves the remainder in *rest.
static uint32_t divide32(uint32_t n, uint32_t d, uint32_t *rest) {
    uint32_t quotient = 0;
    if (d != 0 && n >= d) {
        int shift = __builtin_clz(d) - __builtin_clz(n);
        d <<= shift;
        do {
            quotient <<= 1;
            if (n >= d) {
                n -= d;
                quotient |= 1;
            }
            d >>= 1;
        } while (--shift >= 0);
    }
    *rest = n;
    return quotient;
}

static int count_leading_zeros64(uint64_t n) {
    uint32_t high = (uint32_t)(n >> 32);
    return high != 0 ? __builtin_clz(high) : 32 + __builtin_clz((uint32_t)n);
}

static uint64_t divide64(uint64_t n, uint64_t d, uint64_t *rest) {
    if (n >> 32 == 0) {
        uint32_t rest32 = (uint32_t)n;
        uint32_t quotient32 = d >> 32 == 0 ? divide32((uint32_t)n, (uint32_t)d, &rest32) : 0;
        *rest = rest32;
        return quotient32;
    }
    uint64_t quotient = 0;
    if (d != 0 && n >= d) {
        int shift = count_leading_zeros64(d) - count_leading_zeros64(n);
        d <<= shift;
        do {
            quotient <<= 1;
            if (n >= d) {
                n -= d;
                quotient |= 1;
            }
            d >>= 1;
        } while (--shift >= 0);
    }
    *rest = n;
    return quotient;
}

uint32_t __udivsi3(uint32_t n, uint32_t d) {
    uint32_t rest;
    return divide32(n, d, &rest);
}

uint32_t __umodsi3(uint32_t n, uint32_t d) {
    uint32_t rest;
    divide32(n, d, &rest);
    return rest;
}

int32_t __divsi3(int32_t n, int32_t d) {
    uint32_t rest;
    uint32_t quotient = divide32(n < 0 ? -(uint32_t)n : (uint32_t)n, d < 0 ? -(uint32_t)d : (uint32_t)d, &rest);
    return (int32_t)((n < 0) != (d < 0) ? -quotient : quotient);
}

uint64_t __udivdi3(uint64_t n, uint64_t d) {
    uint64_t rest;
    return divide64(n, d, &rest);
}

uint64_t __umoddi3(uint64_t n, uint64_t d) {
    uint64_t rest;
    divide64(n, d, &rest);
    return rest;
}

int64_t __divdi3(int64_t n, int64_t d) {
    uint64_t rest;
    uint64_t quotient = divide64(n < 0 ? -(uint64_t)n : (uint64_t)n, d < 0 ? -(uint64_t)d : (uint64_t)d, &rest);
    return (int64_t)((n < 0) != (d < 0) ? -quotient : quotient);
}

// Column by column; a sum of three 16-bit numbers and a carry fits.
static uint64_t multiply32(uint32_t a, uint32_t b) {
    uint32_t a0 = (uint16_t)a;
    uint32_t a1 = a >> 16;
    uint32_t b0 = (uint16_t)b;
    uint32_t b1 = b >> 16;
    uint32_t low = a0 * b0;
    uint32_t middle = a1 * b0 + (low >> 16);
    uint32_t high = middle >> 16;
    middle = (middle & 0xffff) + a0 * b1;
    high += (middle >> 16) + a1 * b1;
    return (uint64_t)high << 32 | (middle << 16 | (low & 0xffff));
}

// GCC calls it from version 13 on; earlier ones call __muldi3 instead.
uint64_t __umulsidi3(uint32_t a, uint32_t b) {
    return multiply32(a, b);
}

uint64_t __muldi3(uint64_t a, uint64_t b) {
    uint32_t high = (uint32_t)a * (uint32_t)(b >> 32) + (uint32_t)(a >> 32) * (uint32_t)b;
    return multiply32((uint32_t)a, (uint32_t)b) + ((uint64_t)high << 32);
}

// SPDX-License-Identifier: MIT

#include "websocket.h"

static inline uint32_t rotate(uint32_t x, unsigned n) {
    return x << n | x >> (32 - n);
}

// FIPS 180-4 section 6.1.2 with the method of section 6.1.3: w is used up
static void block(uint32_t h[5], uint32_t w[16]) {
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (unsigned t = 0; t < 80; ++t) {
        if (t >= 16) {
            w[t & 15] = rotate(w[(t + 13) & 15] ^ w[(t + 8) & 15] ^ w[(t + 2) & 15] ^ w[t & 15], 1);
        }
        uint32_t f;
        if (t < 20) {
            f = (d ^ (b & (c ^ d))) + 0x5a827999u;
        } else if (t < 40) {
            f = (b ^ c ^ d) + 0x6ed9eba1u;
        } else if (t < 60) {
            f = ((b & c) | (d & (b | c))) + 0x8f1bbcdcu;
        } else {
            f = (b ^ c ^ d) + 0xca62c1d6u;
        }
        f += rotate(a, 5) + e + w[t & 15];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = f;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

static uint8_t base64(uint32_t digit) {
    if (digit < 52) {
        return (uint8_t)(digit < 26 ? 'A' + digit : digit - 26 + 'a');
    }
    return (uint8_t)(digit < 62 ? digit - 52 + '0' : digit == 62 ? '+' : '/');
}

void tw_ws_accept(uint8_t accept[TW_WS_ACCEPT_LEN], const uint8_t key[TW_WS_KEY_LEN]) {
    // "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", in words as flash is read, and the hash's padding
    static const uint32_t guid[10] = {
        0x32353845, 0x41464135, 0x2d453931, 0x342d3437, 0x44412d39, 0x3543412d, 0x43354142,
        0x30444338, 0x35423131, 0x80000000,
    };
    uint32_t h[6] = { 0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u, 0 };
    uint32_t w[16];
    for (unsigned i = 0; i < 6; ++i) {
        const uint8_t *p = key + 4 * i;
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    }
    for (unsigned i = 0; i < 10; ++i) {
        w[6 + i] = guid[i];
    }
    block(h, w);
    for (unsigned i = 0; i < 15; ++i) {
        w[i] = 0;
    }
    w[15] = 60 * 8;
    block(h, w);
    // 160 bits and 2 zero ones make 27 digits
    for (unsigned i = 0; i < TW_WS_ACCEPT_LEN - 1; ++i) {
        const uint32_t *word = h + 6 * i / 32;
        unsigned bit = 6 * i % 32;
        uint32_t bits = word[0] << bit;
        if (bit != 0) {
            bits |= word[1] >> (32 - bit);
        }
        accept[i] = base64(bits >> 26);
    }
    accept[TW_WS_ACCEPT_LEN - 1] = '=';
}

bool tw_ws_is_key(const uint8_t key[TW_WS_KEY_LEN]) {
    for (unsigned i = 0; i < TW_WS_KEY_LEN - 2; ++i) {
        uint8_t c = key[i];
        if ((uint8_t)((c | 0x20) - 'a') > 25 && (uint8_t)(c - '0') > 9 && c != '+' && c != '/') {
            return false;
        }
    }
    return key[TW_WS_KEY_LEN - 2] == '=' && key[TW_WS_KEY_LEN - 1] == '=';
}

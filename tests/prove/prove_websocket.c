// SPDX-License-Identifier: MIT
//
// The frame reader (RFC 6455 section 5): one call from any state of which tw_ws_holds().

#include "prove.h"

// Aligned words: that they are is proved where one is read
static inline const void *aligned_word(const void *p) {
    PROVE(__CPROVER_POINTER_OFFSET(p) % 4 == 0);
    return p;
}

#define __builtin_assume_aligned(p, n) ((void *)aligned_word(p))

#include "websocket.c"
#include "frames_hold.c"

static void any_reader(tw_ws_t *w) {
    w->final = any_bool();
    w->open = any_bool();
    any_bytes(w->head, sizeof(w->head));
    w->have = any_byte();
    ASSUME(tw_ws_holds(w));
}

// PROOF frame-space fast unwind=16: space for a head is there, and within it
void prove_frame_space(void) {
    tw_ws_t w;
    size_t n;
    any_reader(&w);
    uint8_t *p = tw_ws_space(&w, &n);
    PROVE(n != 0 && p >= w.head && p + n <= w.head + sizeof(w.head));
}

// PROOF frame-head fast unwind=16: a frame's header, cut anywhere, is what section 5.2 says
void prove_frame_head(void) {
    tw_ws_t w;
    size_t space;
    uint32_t max_size = any_word();
    any_reader(&w);
    uint8_t message = w.message;
    uint32_t size = w.size;
    uint8_t have = w.have;
    (void)tw_ws_space(&w, &space);
    unsigned got = tw_ws_head(&w, any_between(1, space), max_size);

    unsigned opcode = w.head[0] & 15;
    bool control = opcode >= 8;
    bool good = (w.head[0] & 0x70) == 0
        && (control ? opcode <= 10 && w.head[0] >= 0x80
            : opcode <= 2 && (opcode == 0) == (message != 0));
    unsigned second = w.head[1] & 0x7f;
    unsigned length = second == 126 ? 8 : second == 127 ? 14 : 6;
    uint64_t left = second;
    if (length == 8) {
        left = (uint64_t)w.head[2] << 8 | w.head[3];
    } else if (length == 14) {
        left = 0;
        for (unsigned i = 2; i != 10; ++i) {
            left = left << 8 | w.head[i];
        }
    }
    bool good_length = w.head[1] >= 0x80 && (!control || second < 126)
        && (length != 8 || left >= 126) && (length != 14 || (left > 0xffff && left >> 63 == 0));
    if (got == TW_WS_MORE) {
        PROVE(tw_ws_holds(&w) && w.have > have && w.message == message && w.size == size);
    } else if (got == TW_WS_FRAME) {
        PROVE(good && good_length && tw_ws_holds(&w) && w.have == 0 && w.open);
        PROVE(w.left == left && w.opcode == opcode && w.final == (w.head[0] >= 0x80));
        PROVE(w.key[0] == w.head[length - 4] && w.key[3] == w.head[length - 1]);
        PROVE(control ? w.size == size && w.message == message
            : w.size == (opcode != 0 ? 0 : size) + left && w.size <= max_size);
    } else if (got == TW_WS_TOO_BIG) {
        PROVE(good && good_length);
    } else {
        PROVE(got == TW_WS_PROTOCOL_ERROR && !(good && good_length && have + space == length && w.have == 0));
    }
}

// PROOF frame-next fast unwind=16: from a frame to the next one
void prove_frame_next(void) {
    tw_ws_t w;
    any_reader(&w);
    uint8_t message = w.message;
    bool complete = tw_ws_next(&w);
    PROVE(tw_ws_holds(&w) && !w.open && w.message == (complete ? 0 : message));
    PROVE(!complete || (w.final && w.opcode < 8));
}

// PROOF frame-mask fast unwind=14: 7 bytes at any alignment: the mask of section 5.3
void prove_frame_mask(void) {
    uint8_t p[10] __attribute__((aligned(4)));
    uint8_t before[10];
    uint8_t key[4];
    unsigned phase = (unsigned)any_between(0, 3);
    size_t from = any_between(0, 3);
    size_t n = any_between(0, 7);
    any_bytes(p, sizeof(p));
    any_bytes(key, sizeof(key));
    for (size_t i = 0; i != sizeof(p); ++i) {
        before[i] = p[i];
    }
    tw_ws_mask(p + from, n, key, phase);
    for (size_t i = 0; i != sizeof(p); ++i) {
        bool inside = i >= from && i - from < n;
        uint8_t mask = inside ? key[(phase + i - from) & 3] : 0;
        PROVE(p[i] == (uint8_t)(before[i] ^ mask));
    }
}

// PROOF frame-text unwind=6: a text is checked as by the values of its characters, however cut
void prove_frame_text(void) {
    uint8_t p[4] __attribute__((aligned(4)));
    any_bytes(p, sizeof(p));
    size_t cut = any_between(0, sizeof(p));
    tw_utf8_t s = { 0, 0, 0 };
    bool good = tw_utf8(&s, p, cut) && tw_utf8(&s, p + cut, sizeof(p) - cut) && s.more == 0;
    // The plain way: one character after the other
    bool expected = true;
    size_t i = 0;
    while (i < sizeof(p) && expected) {
        uint8_t c = p[i];
        size_t len = c < 0x80 ? 1 : (c & 0xe0) == 0xc0 ? 2 : (c & 0xf0) == 0xe0 ? 3
            : (c & 0xf8) == 0xf0 ? 4 : 0;
        if (len == 0 || len > sizeof(p) - i) {
            expected = false;
            break;
        }
        uint32_t value = len == 1 ? c : c & (0x7fu >> len);
        for (size_t k = 1; k < len; ++k) {
            expected = expected && (p[i + k] & 0xc0) == 0x80;
            value = value << 6 | (p[i + k] & 0x3f);
        }
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        expected = expected && value >= least[len] && value <= 0x10ffff
            && !(value >= 0xd800 && value <= 0xdfff);
        i += len;
    }
    PROVE(good == expected);
}

// PROOF frame-render fast unwind=10: the header that is sent reads back
void prove_frame_render(void) {
    uint8_t head[TW_WS_HEAD_MAX];
    uint8_t first = any_byte();
    size_t length = any_size();
    size_t n = tw_ws_render(head, first, length);
    PROVE(head[0] == first && (n == 2 || n == 4 || n == 10));
    size_t value = head[1];
    if (n != 2) {
        PROVE(head[1] == (n == 4 ? 126 : 127));
        value = 0;
        for (size_t i = 2; i < n; ++i) {
            value = value << 8 | head[i];
        }
        PROVE(n == 4 ? length >= 126 : length > 0xffff);
    }
    PROVE(value == length && (n != 2 || value < 126));
}

// SPDX-License-Identifier: MIT

#include <string.h>

#include "websocket.h"

// Aligned words, so that a chip without unaligned loads takes one instruction for each.

static inline uint32_t load(const uint8_t *p) {
    uint32_t word;
    memcpy(&word, __builtin_assume_aligned(p, 4), 4);
    return word;
}

static inline void store(uint8_t *p, uint32_t word) {
    memcpy(__builtin_assume_aligned(p, 4), &word, 4);
}

static inline bool aligned(const uint8_t *p) {
    return ((uintptr_t)p & 3) == 0;
}

bool tw_utf8(tw_utf8_t *s, const uint8_t *p, size_t n) {
    const uint8_t *end = p + n;
    while (p != end) {
        uint8_t c = *p;
        if (s->more != 0) {
            if (c < s->low || c > s->high) {
                return false;
            }
            --s->more;
            s->low = 0x80;
            s->high = 0xbf;
        } else if (c < 0x80) {
            while (aligned(p) && end - p > 4 && (load(p) & 0x80808080u) == 0) {
                p += 4;
            }
            if (*p >= 0x80) {
                continue;
            }
        } else if (c < 0xc2 || c > 0xf4) {
            return false;
        } else {
            // No overlong forms, no surrogates, nothing above U+10FFFF
            s->more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
            s->low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
            s->high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        }
        ++p;
    }
    return true;
}

void tw_ws_mask(uint8_t *p, size_t n, const uint8_t key[4], unsigned phase) {
    for (; n != 0 && !aligned(p); --n) {
        *p++ ^= key[phase++ & 3];
    }
    uint8_t turned[4];
    for (unsigned i = 0; i < 4; ++i) {
        turned[i] = key[(phase + i) & 3];
    }
    uint32_t word;
    memcpy(&word, turned, 4);
    for (; n >= 4; n -= 4) {
        store(p, load(p) ^ word);
        p += 4;
    }
    for (size_t i = 0; i < n; ++i) {
        p[i] ^= turned[i];
    }
}

void tw_ws_init(tw_ws_t *w) {
    memset(w, 0, sizeof(*w));
}

// How long the head is, as far as it is known: every client's frame has two bytes and a key.
static size_t head_length(const tw_ws_t *w) {
    unsigned length = w->have < 2 ? 0 : w->head[1] & 0x7f;
    return length == 127 ? 14 : length == 126 ? 8 : 6;
}

uint8_t *tw_ws_space(tw_ws_t *w, size_t *n) {
    *n = head_length(w) - w->have;
    return w->head + w->have;
}

// The first byte: FIN, RSV1 to RSV3, opcode
static bool good_first(const tw_ws_t *w) {
    uint8_t first = w->head[0];
    unsigned opcode = first & 15;
    if ((first & 0x70) != 0) {
        return false;       // no extension was negotiated that would use these bits
    }
    if (opcode >= TW_WS_CLOSE) {
        return opcode <= TW_WS_PONG && (first & TW_WS_FIN) != 0;
    }
    // A message goes on with continuations and with nothing else (section 5.4)
    return opcode <= TW_WS_BINARY && (opcode == TW_WS_CONTINUATION) == (w->message != 0);
}

// The second byte: MASK, and a length up to 125 or where it is
static bool good_second(const tw_ws_t *w) {
    uint8_t second = w->head[1];
    if ((second & 0x80) == 0) {
        return false;       // section 5.1: a client masks
    }
    return (w->head[0] & 8) == 0 || (second & 0x7f) <= 125;
}

unsigned tw_ws_head(tw_ws_t *w, size_t n, uint32_t max_size) {
    w->have = (uint8_t)(w->have + n);
    if (!good_first(w) || (w->have >= 2 && !good_second(w))) {
        return TW_WS_PROTOCOL_ERROR;
    }
    size_t length = head_length(w);
    if (w->have < length) {
        return TW_WS_MORE;
    }
    const uint8_t *p = w->head + 2;
    uint32_t left = w->head[1] & 0x7f;
    if (length == 14) {
        if ((p[0] & 0x80) != 0) {
            return TW_WS_PROTOCOL_ERROR;
        }
        uint32_t high = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        left = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
        if (high == 0 && left <= 0xffff) {
            return TW_WS_PROTOCOL_ERROR;    // not the minimal number of bytes
        }
        if (high != 0 || left > TW_WS_LENGTH_MAX) {
            return TW_WS_TOO_BIG;
        }
        p += 8;
    } else if (length == 8) {
        left = (uint32_t)p[0] << 8 | p[1];
        if (left < 126) {
            return TW_WS_PROTOCOL_ERROR;
        }
        p += 2;
    }
    memcpy(w->key, p, 4);
    w->opcode = w->head[0] & 15;
    w->final = (w->head[0] & TW_WS_FIN) != 0;
    w->left = left;
    w->phase = 0;
    w->have = 0;
    w->open = true;
    if (!tw_ws_is_control(w)) {
        if (w->opcode != TW_WS_CONTINUATION) {
            w->message = w->opcode;
            w->size = 0;
            w->utf8.more = 0;
        }
        if (w->size > max_size || left > max_size - w->size) {
            return TW_WS_TOO_BIG;
        }
        w->size += left;
    }
    return TW_WS_FRAME;
}

bool tw_ws_payload(tw_ws_t *w, uint8_t *p, size_t n) {
    tw_ws_mask(p, n, w->key, w->phase);
    w->phase = (uint8_t)((w->phase + n) & 3);
    w->left -= (uint32_t)n;
    if (tw_ws_is_control(w) || w->message != TW_WS_TEXT) {
        return true;
    }
    return tw_utf8(&w->utf8, p, n);
}

bool tw_ws_next(tw_ws_t *w) {
    w->open = false;
    if (tw_ws_is_control(w) || !w->final) {
        return false;
    }
    w->message = 0;
    return true;
}

bool tw_ws_close_code(const uint8_t *p, size_t n, unsigned *code) {
    if (n == 0) {
        *code = TW_WS_NO_STATUS;
        return true;
    }
    unsigned c = n == 1 ? 0 : (unsigned)p[0] << 8 | p[1];
    // Defined ones, those that IANA has registered since, and those of libraries and
    // applications; 1004 to 1006 and 1015 are never sent
    if (!((c >= 1000 && c <= 1014 && (c < 1004 || c > 1006)) || (c >= 3000 && c <= 4999))) {
        *code = TW_WS_PROTOCOL_ERROR;
        return false;
    }
    tw_utf8_t utf8 = { 0, 0, 0 };
    if (!tw_utf8(&utf8, p + 2, n - 2) || utf8.more != 0) {
        *code = TW_WS_BAD_DATA;
        return false;
    }
    *code = c;
    return true;
}

size_t tw_ws_render(uint8_t head[TW_WS_HEAD_MAX], unsigned first, size_t length) {
    head[0] = (uint8_t)first;
    if (length < 126) {
        head[1] = (uint8_t)length;
        return 2;
    }
    size_t n = length <= 0xffff ? 2 : 8;
    head[1] = n == 2 ? 126 : 127;
    size_t rest = length;
    for (size_t i = n; i != 0; --i) {
        head[1 + i] = (uint8_t)rest;
        rest >>= 8;
    }
    return 2 + n;
}

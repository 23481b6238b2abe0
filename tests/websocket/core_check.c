// SPDX-License-Identifier: MIT
//
// Checks cmodules/tinyweb/core with every alignment and every cut, in memory of exactly the
// needed size. Prints for each line of hex digits from the input how many bytes tw_utf8() takes.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "websocket.h"

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

static void check_mask(void) {
    static const uint8_t key[4] = { 0x01, 0x80, 0xff, 0x5a };
    for (size_t offset = 0; offset < 8; ++offset) {
        for (size_t n = 0; n < 40; ++n) {
            for (unsigned phase = 0; phase < 9; ++phase) {
                uint8_t *p = malloc(offset + n + 1);
                for (size_t i = 0; i < offset + n; ++i) {
                    p[i] = (uint8_t)(i * 37);
                }
                tw_ws_mask(p + offset, n, key, phase);
                for (size_t i = 0; i < offset + n; ++i) {
                    uint8_t mask = i < offset ? 0 : key[(i - offset + phase) & 3];
                    CHECK(p[i] == (uint8_t)(i * 37 ^ mask));
                }
                free(p);
            }
        }
    }
}

// A frame as the parser gets it, cut after `cut` bytes of the head and of the payload
static void check_frame(size_t length, unsigned first, size_t cut) {
    uint8_t head[TW_WS_HEAD_MAX];
    size_t n = tw_ws_render(head, first, length);
    head[1] |= 0x80;
    uint8_t *data = malloc(n + 4 + length);
    memcpy(data, head, n);
    memcpy(data + n, "\x12\x34\x56\x78", 4);
    memset(data + n + 4, 'a', length);
    tw_ws_mask(data + n + 4, length, data + n, 0);
    tw_ws_t w;
    tw_ws_init(&w);
    const uint8_t *p = data;
    unsigned e;
    do {
        size_t k;
        uint8_t *to = tw_ws_space(&w, &k);
        CHECK(k != 0 && p + k <= data + n + 4);
        k = cut < k ? cut : k;
        memcpy(to, p, k);
        p += k;
        e = tw_ws_head(&w, k, 1000000);
    } while (e == TW_WS_MORE);
    CHECK(e == TW_WS_FRAME && w.open && w.left == length && p == data + n + 4);
    while (w.left != 0) {
        size_t k = cut < w.left ? cut : w.left;
        uint8_t *part = malloc(k);
        memcpy(part, p, k);
        p += k;
        CHECK(tw_ws_payload(&w, part, k));
        for (size_t i = 0; i < k; ++i) {
            CHECK(part[i] == 'a');
        }
        free(part);
    }
    CHECK(tw_ws_next(&w) == (first == (TW_WS_FIN | TW_WS_TEXT)) && !w.open);
    free(data);
}

static void check_utf8(const char *hex) {
    size_t n = strlen(hex) / 2;
    for (size_t cut = 1; cut <= n; ++cut) {
        for (size_t offset = 0; offset < 4; ++offset) {
            tw_utf8_t s = { 0, 0, 0 };
            size_t good = 0;
            for (size_t at = 0; at < n; at += cut) {
                size_t k = n - at < cut ? n - at : cut;
                uint8_t *part = malloc(offset + k);
                for (size_t i = 0; i < k; ++i) {
                    unsigned c;
                    sscanf(hex + 2 * (at + i), "%2x", &c);
                    part[offset + i] = (uint8_t)c;
                }
                bool fine = tw_utf8(&s, part + offset, k);
                free(part);
                if (!fine) {
                    break;
                }
                good += k;
            }
            if (cut == 1 && offset == 0) {
                printf("%zu %d\n", good, good == n && s.more == 0);
            }
            static size_t first;
            first = cut == 1 && offset == 0 ? good : first;
            CHECK(good == first / cut * cut || good == n);
        }
    }
}

int main(void) {
    check_mask();
    static const size_t lengths[] = { 0, 1, 7, 124, 125, 126, 127, 300, 65535, 65536 };
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); ++i) {
        for (size_t cut = 1; cut < 16; ++cut) {
            check_frame(lengths[i], TW_WS_FIN | TW_WS_TEXT, cut);
            check_frame(lengths[i], TW_WS_BINARY, cut);
            if (lengths[i] <= 125) {
                check_frame(lengths[i], TW_WS_FIN | TW_WS_PING, cut);
            }
        }
    }
    static char line[1000];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        check_utf8(line);
    }
    return 0;
}

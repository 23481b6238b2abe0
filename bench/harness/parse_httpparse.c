// SPDX-License-Identifier: MIT
//
// A request head through the core of cmodules/httpparse, as the MicroPython binding uses it:
// a buffer that is filled again and again. KEEP: 0 keeps no field, 1 those that `wanted` names,
// 2 all, for which the buffer has to be larger.
#include "core/httpparse.h"
#include "message.h"

#define BUFFER_SIZE (KEEP == 2 ? 1024 : 512)

typedef struct {
    const char *text;
    size_t len;
} name_t;

#define NAME(text) { text, sizeof(text) - 1 }

static const name_t wanted[] = { NAME("Host"), NAME("User-Agent"), NAME("Cookie") };
#define WANTED_COUNT (sizeof(wanted) / sizeof(*wanted))

static bool equal_names(const uint8_t *a, const char *b, size_t len) {
    for (size_t i = 0; i < len; ++i) {
        unsigned differ = a[i] ^ (uint8_t)b[i];
        if (differ != 0 && (differ != 0x20 || (uint8_t)((a[i] | 0x20) - 'a') > 25)) {
            return false;
        }
    }
    return true;
}

static int want(const hp_request_t *r, const uint8_t *name, size_t len) {
    (void)r;
    for (size_t i = 0; i < WANTED_COUNT; ++i) {
        if (wanted[i].len == len && equal_names(name, wanted[i].text, len)) {
            return (int)i;
        }
    }
    return -1;
}

static void keep(hp_request_t *r) {
    r->keep_all = KEEP == 2;
    if (KEEP == 1) {
        r->want = want;
        r->want_bits = 0;
        for (size_t i = 0; i < WANTED_COUNT; ++i) {
            r->want_bits |= hp_name_bit((const uint8_t *)wanted[i].text, wanted[i].len);
        }
    }
}

bool measured(const message_t *message, size_t piece) {
    static uintptr_t buffer[BUFFER_SIZE / sizeof(uintptr_t) + 1];
    hp_request_t request;
    hp_request_init(&request, (uint8_t *)buffer, BUFFER_SIZE, 16384, 100);
    size_t at = 0;
    for (;;) {
        hp_result_t result = hp_request_parse(&request);
        if (result == HP_HEAD || result >= HP_ERROR) {
            return result == HP_HEAD;
        }
        if (result == HP_REQUEST_LINE) {
            keep(&request);
            continue;
        }
        size_t space;
        uint8_t *to = hp_request_space(&request, &space);
        size_t n = message->len - at;
        n = n < piece ? n : piece;
        n = n < space ? n : space;
        if (n == 0) {
            return false;
        }
        memcpy(to, message->data + at, n);
        at += n;
        hp_request_received(&request, n);
    }
}

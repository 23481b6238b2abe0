// SPDX-License-Identifier: MIT
//
// The kinds of requests: how each is written, and what its handler in application.py answers.

#include <stdio.h>
#include <string.h>

#include "world.h"

// New ones come last: plans that are kept have their numbers.
const kind_t kinds[] = {
    {"plain", "GET", 200, KIND_TEXT},
    {"returned", "GET", 200, KIND_TEXT | KIND_SIZED},
    {"pieces", "GET", 200, KIND_TEXT | KIND_SIZED},
    {"yielded", "GET", 200, KIND_TEXT | KIND_SIZED},
    {"list", "GET", 200, 0},
    {"slow", "GET", 200, KIND_TEXT | KIND_SIZED | KIND_SLEEPS},
    {"late", "GET", 503, KIND_CLOSES},
    {"stubborn", "GET", 503, KIND_CLOSES | KIND_CUT},
    {"raises", "GET", 500, 0},
    {"forbids", "GET", 403, 0},
    {"nothing", "GET", 500, KIND_CUT},
    {"forgets", "GET", 200, KIND_TEXT | KIND_SIZED},
    {"cuts", "GET", 200, KIND_TEXT | KIND_SIZED | KIND_CUT},
    {"body", "POST", 200, KIND_TEXT | KIND_SIZED | KIND_BODY},
    {"body", "POST", 200, KIND_TEXT | KIND_SIZED | KIND_BODY | KIND_CHUNKED},
    {"parts", "POST", 200, KIND_TEXT | KIND_SIZED | KIND_BODY},
    {"parts", "POST", 200, KIND_TEXT | KIND_SIZED | KIND_BODY | KIND_CHUNKED},
    {"unread", "POST", 200, KIND_TEXT | KIND_SIZED | KIND_BODY},
    {"form", "POST", 200, KIND_TEXT},
    {"file", "GET", 200, 0},
    {"rest", "GET", 200, 0},
    {"restless", "GET", 500, KIND_CUT},
    {"missing", "GET", 404, 0},
    {"plain", "PUT", 405, 0},
    {"plain", "HEAD", 200, 0},
    {"malformed", "GET", 400, KIND_CLOSES | KIND_LAST},
    {"long", "GET", 414, KIND_CLOSES | KIND_LAST},
    {"large", "POST", 413, KIND_CLOSES | KIND_LAST},
    {"echo", "GET", 101, KIND_STREAM | KIND_LAST},
    {"room", "GET", 101, KIND_STREAM | KIND_LAST},
    {"events", "GET", 200, KIND_STREAM | KIND_LAST | KIND_SIZED},
    {"echo", "GET", 101, KIND_STREAM | KIND_LAST | KIND_FLOOD},
    {"plain", "GET", 200, KIND_LAST | KIND_FLOOD},
    {"both", "POST", 200, KIND_TEXT | KIND_SIZED | KIND_BODY},
    {"both", "POST", 200, KIND_TEXT | KIND_SIZED | KIND_BODY | KIND_CHUNKED},
    {STORES, "PUT", 200, KIND_TEXT | KIND_SIZED | KIND_BODY},
    {STORES, "PUT", 200, KIND_TEXT | KIND_SIZED | KIND_BODY | KIND_CHUNKED},
};
const int kinds_used = sizeof(kinds) / sizeof(*kinds);

int kind_of(const char *name) {
    for (int i = 0; i < kinds_used; ++i) {
        if (strcmp(kinds[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static size_t letters(char *buf, int n) {
    for (int i = 0; i < n; ++i) {
        buf[i] = (char)('a' + i % 26);
    }
    return (size_t)n;
}

size_t answer_text(char *buf, const item_t *item, int number) {
    const kind_t *kind = &kinds[item->kind];
    size_t n = (size_t)sprintf(buf, "%s %d ", kind->name, number);
    if (kind->flags & KIND_SLEEPS) {
        return n + (size_t)sprintf(buf + n, "%d", item->a);
    }
    if (strcmp(kind->name, "form") == 0) {
        return n + (size_t)sprintf(buf + n, "AB");
    }
    return n + (kind->flags & KIND_SIZED ? letters(buf + n, item->a) : 0);
}

size_t stored_text(char *buf, size_t n) {
    letters(buf, (int)n);
    char size[16];
    size_t digits = (size_t)sprintf(size, "%06zu", n);
    memcpy(buf, size, digits < n ? digits : n);
    return n;
}

static size_t body_text(char *buf, const item_t *item) {
    bool stores = strcmp(kinds[item->kind].name, STORES) == 0;
    return stores ? stored_text(buf, (size_t)item->a) : letters(buf, item->a);
}

// The body of a request, in chunks of 100 bytes if it is sent so.
static size_t write_body(char *buf, const item_t *item) {
    if (!(kinds[item->kind].flags & KIND_CHUNKED)) {
        return body_text(buf, item);
    }
    static char whole[4096];
    size_t size = body_text(whole, item);
    size_t n = 0;
    for (size_t at = 0; at < size;) {
        size_t chunk = size - at < 100 ? size - at : 100;
        n += (size_t)sprintf(buf + n, "%zx\r\n%.*s\r\n", chunk, (int)chunk, whole + at);
        at += chunk;
    }
    return n + (size_t)sprintf(buf + n, "0\r\n%s\r\n", item->d & 1 ? "X-Trailer: t\r\n" : "");
}

static size_t write_malformed(char *buf, const item_t *item, int number) {
    static const char *const heads[] = {
        "GET / HTTP/1.1\r\nHost : h\r\n\r\n", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "POST /body/1/2 HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: \001\r\n\r\n", "\r\r\n\r\n",
        "POST /body/1/2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "POST /body/1/2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
    };
    (void)number;
    return (size_t)sprintf(buf, "%s", heads[item->d]);
}

static size_t write_long(char *buf) {
    size_t n = (size_t)sprintf(buf, "GET /");
    n += letters(buf + n, 600);
    return n + (size_t)sprintf(buf + n, " HTTP/1.1\r\nHost: h\r\n\r\n");
}

static size_t write_handshake(char *buf, const kind_t *kind, int number) {
    return (size_t)sprintf(buf, "GET /%s/%d HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", kind->name, number);
}

static size_t write_path(char *buf, const item_t *item, int number) {
    const kind_t *kind = &kinds[item->kind];
    size_t n = (size_t)sprintf(buf, "%s /%s/%d", kind->method, kind->name, number);
    if (kind->flags & KIND_SIZED) {
        n += (size_t)sprintf(buf + n, "/%d", item->a);
    }
    return n;
}

static size_t write_request(char *buf, const item_t *item, int number, bool last) {
    const kind_t *kind = &kinds[item->kind];
    size_t n = write_path(buf, item, number);
    bool chunked = kind->flags & KIND_CHUNKED;
    bool old = item->d == 1 && last && !chunked && kind->method[0] == 'G';
    n += (size_t)sprintf(buf + n, " HTTP/1.%d\r\nHost: h\r\n", !old);
    if (item->d == 2 && last) {
        n += (size_t)sprintf(buf + n, "Connection: close\r\n");
    }
    if (item->d == 3) {
        n += (size_t)sprintf(buf + n, "User-Agent: ");
        n += letters(buf + n, 200);
        n += (size_t)sprintf(buf + n, "\r\nAccept: */*\r\n");
    }
    if (strcmp(kind->name, "form") == 0) {
        return n + (size_t)sprintf(buf + n, "Content-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: 9\r\n\r\nname=%%41B");
    }
    if (strcmp(kind->name, "large") == 0) {
        n += (size_t)sprintf(buf + n, "Content-Length: 3000\r\n\r\n");
        return n + letters(buf + n, 3000);
    }
    if (kind->flags & KIND_BODY) {
        if (chunked) {
            n += (size_t)sprintf(buf + n, "Transfer-Encoding: chunked\r\n\r\n");
        } else {
            n += (size_t)sprintf(buf + n, "Content-Length: %d\r\n\r\n", item->a);
        }
        return n + write_body(buf + n, item);
    }
    return n + (size_t)sprintf(buf + n, "\r\n");
}

size_t request_write(uint8_t *buf, const item_t *item, int number, bool last) {
    const kind_t *kind = &kinds[item->kind];
    char *text = (char *)buf;
    if (strcmp(kind->name, "malformed") == 0) {
        return write_malformed(text, item, number);
    }
    if (strcmp(kind->name, "long") == 0) {
        return write_long(text);
    }
    if (kind->status == 101) {
        return write_handshake(text, kind, number);
    }
    return write_request(text, item, number, last);
}

// A frame of a client whose mask is 0; `payload` shorter than 126 bytes.
static size_t write_frame(uint8_t *buf, uint8_t first, const char *payload, size_t n) {
    buf[0] = first;
    buf[1] = (uint8_t)(0x80 | n);
    memset(buf + 2, 0, 4);
    memcpy(buf + 6, payload, n);
    return n + 6;
}

size_t frames_write(uint8_t *buf, const item_t *item, int number) {
    size_t n = 0;
    if (kinds[item->kind].flags & KIND_FLOOD) {
        static const uint8_t firsts[] = {0x89, 0x8a, 0x89, 0x8a};
        for (int i = 0; i < 100; ++i) {
            n += write_frame(buf + n, firsts[item->d & 3], "p", 1);
        }
        return n;
    }
    for (int i = 0; i < item->a; ++i) {
        char message[32];
        size_t size = (size_t)sprintf(message, "m%d.%d", number, i);
        if (item->d & 1) {
            n += write_frame(buf + n, 0x89, "ping", 4);
        }
        if (item->d & 2) {
            n += write_frame(buf + n, 0x01, message, 1);
            n += write_frame(buf + n, 0x80, message + 1, size - 1);
        } else {
            n += write_frame(buf + n, 0x81, message, size);
        }
    }
    if (item->d == 4) {
        return n + write_frame(buf + n, 0x83, "x", 1);      // an opcode that is not there: 1002
    }
    return n + write_frame(buf + n, 0x88, "\003\350", 2);
}

// SPDX-License-Identifier: MIT
//
// Frames of the WebSocket protocol. Six bytes of options, then what a client sends:
//   0      the largest message: 16 * (byte % 64)
//   1      at most byte % 64 + 1 bytes of payload are taken at once
//   2..5   cuts
//
// The core is driven as modtinyweb_websocket.c drives it, and has to give the same as expected(),
// which has the whole input before it.

#include "fuzz.h"
#include "../prove/frames_hold.h"
#include "websocket.h"

typedef struct {
    uint32_t max_size;
    size_t part;
    const uint8_t *data;
    size_t len;
} job_t;

// What ends a log beside a status code: the end of the input, or a Close frame
enum { END = 1, CLOSED = 2 };

static void put_frame(fuzz_text_t *text, unsigned opcode, const fuzz_text_t *payload) {
    fuzz_put_number(text, opcode);
    fuzz_put_string(text, payload->data, payload->len);
}

// How many bytes of p[0..n) a text can begin with (RFC 3629 section 3); *complete: no character is
// left open. By the values that the bytes so far leave possible.
static size_t text_length(const uint8_t *p, size_t n, bool *complete) {
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    unsigned more = 0;
    unsigned length = 0;
    uint32_t value = 0;
    size_t i = 0;
    for (; i < n; ++i) {
        uint8_t c = p[i];
        if (more != 0) {
            if ((c & 0xc0) != 0x80) {
                break;
            }
            --more;
            value = value << 6 | (c & 0x3f);
        } else if (c < 0x80) {
            length = 0;
            value = c;
        } else {
            if (c < 0xc0 || c >= 0xf8) {
                break;
            }
            length = more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
            value = c & (0x3fu >> length);
        }
        uint32_t low = value << (6 * more);
        uint32_t high = low | ((1u << (6 * more)) - 1);
        if (high < least[length] || low > 0x10ffff || (low >= 0xd800 && high <= 0xdfff)) {
            ++more;     // within this character
            break;
        }
    }
    *complete = more == 0;
    return i;
}

// What the payload of a Close frame has to give (sections 7.1.5 and 7.4).
static unsigned close_code(const uint8_t *p, size_t n, bool good) {
    bool complete;
    if (n == 0) {
        CHECK(good);
        return TW_WS_NO_STATUS;
    }
    unsigned code = n < 2 ? 0 : p[0] * 256u + p[1];
    bool never = code < 1000 || code == 1004 || code == 1005 || code == 1006 || code >= 5000;
    if (never || (code > 1014 && code < 3000)) {
        CHECK(!good);
        return TW_WS_PROTOCOL_ERROR;
    }
    bool text = text_length(p + 2, n - 2, &complete) == n - 2 && complete;
    CHECK(good == text);
    return good ? code : TW_WS_BAD_DATA;
}

// Logs a control frame. 0, or what ends the log.
static unsigned put_control(fuzz_text_t *text, unsigned opcode, const fuzz_text_t *payload) {
    unsigned code = 0;
    if (opcode == TW_WS_CLOSE) {
        uint8_t *copy = fuzz_alloc(payload->len);
        if (payload->len != 0) {
            memcpy(copy, payload->data, payload->len);
        }
        bool good = tw_ws_close_code(copy, payload->len, &code);
        CHECK(code == close_code(copy, payload->len, good));
        free(copy);
        if (!good) {
            return code;
        }
    }
    put_frame(text, opcode, payload);
    return code != 0 ? CLOSED : 0;
}

static unsigned receive(fuzz_text_t *text, const job_t *job, fuzz_cuts_t cuts) {
    tw_ws_t w;
    fuzz_text_t message = { 0 };
    fuzz_text_t control = { 0 };
    const uint8_t *from = job->data;
    size_t left = job->len;
    unsigned e = 0;
    tw_ws_init(&w);
    while (e == 0) {
        CHECK(tw_ws_holds(&w));
        if (!w.open) {
            size_t space;
            uint8_t *to = tw_ws_space(&w, &space);
            CHECK(space != 0 && to >= w.head && to + space <= w.head + sizeof(w.head));
            size_t n = fuzz_cut(&cuts, space < left ? space : left);
            if (n == 0) {
                e = END;
                break;
            }
            memcpy(to, from, n);
            from += n;
            left -= n;
            unsigned got = tw_ws_head(&w, n, job->max_size);
            CHECK(w.open == (got == TW_WS_FRAME) || got == TW_WS_TOO_BIG);
            if (got == TW_WS_MORE) {
                continue;
            }
            if (got != TW_WS_FRAME) {
                CHECK(got == TW_WS_PROTOCOL_ERROR || got == TW_WS_TOO_BIG);
                e = got;
                break;
            }
            CHECK(tw_ws_is_control(&w) ? w.left <= 125 : w.left <= w.size && w.size <= job->max_size);
        }
        fuzz_text_t *into = tw_ws_is_control(&w) ? &control : &message;
        if (w.left != 0) {
            size_t n = w.left < job->part ? w.left : job->part;
            n = fuzz_cut(&cuts, n < left ? n : left);
            if (n == 0) {
                e = END;
                break;
            }
            // At any alignment, with nothing behind it
            size_t offset = n % 4;
            uint8_t *p = fuzz_alloc(offset + n);
            memcpy(p + offset, from, n);
            from += n;
            left -= n;
            bool good = tw_ws_payload(&w, p + offset, n);
            fuzz_put(into, p + offset, n);
            free(p);
            if (!good) {
                e = TW_WS_BAD_DATA;
                break;
            }
        }
        if (w.left == 0) {
            if (!tw_ws_is_control(&w) && tw_ws_cuts_character(&w)) {
                e = TW_WS_BAD_DATA;
                break;
            }
            unsigned opcode = w.message;
            bool complete = tw_ws_next(&w);
            CHECK(!w.open && (!complete || w.message == 0));
            if (complete) {
                CHECK(message.len == w.size);
                put_frame(text, opcode, &message);
                message.len = 0;
            } else if (tw_ws_is_control(&w)) {
                e = put_control(text, w.opcode, &control);
                control.len = 0;
            }
        }
    }
    free(message.data);
    free(control.data);
    fuzz_put_number(text, e);
    return e;
}

// The same from the whole input, as RFC 6455 says it.
static unsigned expected(fuzz_text_t *text, const job_t *job) {
    const uint8_t *p = job->data;
    const uint8_t *end = p + job->len;
    fuzz_text_t message = { 0 };
    fuzz_text_t payload = { 0 };
    unsigned kind = 0;
    unsigned e = 0;
    while (e == 0) {
        // Section 5.2: FIN, RSV1 to RSV3, opcode
        if (end - p < 1) {
            e = END;
            break;
        }
        unsigned opcode = p[0] & 15;
        bool final = p[0] >= 0x80;
        bool control = opcode >= 8;
        bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
        bool in_order = control ? final : (opcode == 0) == (kind != 0);
        if ((p[0] / 16) % 8 != 0 || !known || !in_order) {
            e = TW_WS_PROTOCOL_ERROR;
            break;
        }
        // MASK, payload length
        if (end - p < 2) {
            e = END;
            break;
        }
        uint64_t length = p[1] & 127;
        if (p[1] < 128 || (control && length > 125)) {
            e = TW_WS_PROTOCOL_ERROR;
            break;
        }
        size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
        if ((size_t)(end - p) < 2 + more + 4) {
            e = END;
            break;
        }
        p += 2;
        if (more != 0) {
            length = 0;
            for (size_t i = 0; i < more; ++i) {
                length = length << 8 | *p++;
            }
            if (length > INT64_MAX || length < (more == 2 ? 126 : 65536)) {
                e = TW_WS_PROTOCOL_ERROR;
                break;
            }
        }
        const uint8_t *key = p;
        p += 4;
        if (!control && length > job->max_size - message.len) {
            e = TW_WS_TOO_BIG;
            break;
        }
        if (!control && opcode != 0) {
            kind = opcode;
        }
        size_t there = (uint64_t)(end - p) < length ? (size_t)(end - p) : (size_t)length;
        fuzz_text_t *into = control ? &payload : &message;
        for (size_t i = 0; i < there; ++i) {
            uint8_t c = *p++ ^ key[i % 4];
            fuzz_put(into, &c, 1);
        }
        if (!control && kind == TW_WS_TEXT) {
            bool complete;
            size_t good = text_length(message.data, message.len, &complete);
            if (good != message.len || (there == length && final && !complete)) {
                e = TW_WS_BAD_DATA;
                break;
            }
        }
        if (there != length) {
            e = END;
        } else if (control) {
            e = put_control(text, opcode, &payload);
            payload.len = 0;
        } else if (final) {
            put_frame(text, kind, &message);
            message.len = 0;
            kind = 0;
        }
    }
    free(message.data);
    free(payload.data);
    fuzz_put_number(text, e);
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 6) {
        return 0;
    }
    job_t job;
    job.max_size = 16 * (data[0] % 64u);
    job.part = data[1] % 64u + 1;
    job.data = data + 6;
    job.len = size - 6;

    fuzz_text_t whole = { 0 };
    fuzz_text_t cut = { 0 };
    expected(&whole, &job);
    receive(&cut, &job, (fuzz_cuts_t) { data + 2, 4, 0 });
    CHECK(fuzz_same(&whole, &cut));
    cut.len = 0;
    receive(&cut, &job, (fuzz_cuts_t) { (const uint8_t *)"@", 1, 0 });
    CHECK(fuzz_same(&whole, &cut));
    cut.len = 0;
    job.part = SIZE_MAX;
    receive(&cut, &job, (fuzz_cuts_t) { NULL, 0, 0 });
    CHECK(fuzz_same(&whole, &cut));
    free(whole.data);
    free(cut.data);
    return 0;
}

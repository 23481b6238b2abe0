// SPDX-License-Identifier: MIT
//
// Drives the parser's core on the host, for tests and fuzzers: reads jobs from stdin, each with
// its length in front (32 bits, little-endian), and writes a transcript of each in the same form.
// Every buffer has exactly the size that the core asks for, so that a sanitizer sees every step
// beyond it.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "httpparse.h"
#include "response.h"
#include "urlencoded.h"

// The job being read.
static const uint8_t *job;
static size_t job_left;

// The transcript being written.
static char *text;
static size_t text_len;
static size_t text_size;

static void *allocate(size_t n) {
    void *p = malloc(n);
    if (p == NULL) {
        abort();
    }
    return p;
}

static void print_bytes(const void *p, size_t n) {
    if (text_len + n > text_size) {
        text_size = (text_len + n) * 2;
        text = realloc(text, text_size);
        if (text == NULL) {
            abort();
        }
    }
    if (n != 0) {
        memcpy(text + text_len, p, n);
    }
    text_len += n;
}

__attribute__((format(printf, 1, 2)))
static void print(const char *format, ...) {
    char line[200];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    print_bytes(line, (size_t)n);
}

static void print_digits(const uint8_t *p, size_t n) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; ++i) {
        const char two[2] = { digits[p[i] >> 4], digits[p[i] & 15] };
        print_bytes(two, 2);
    }
}

static void print_hex(const uint8_t *p, size_t n) {
    print_bytes(" x", 2);
    print_digits(p, n);
}

static uint32_t number(unsigned bytes) {
    uint32_t n = 0;
    for (unsigned i = 0; i < bytes; ++i) {
        if (job_left == 0) {
            break;
        }
        n |= (uint32_t)*job++ << (8 * i);
        --job_left;
    }
    return n;
}

static const uint8_t *bytes(size_t n, size_t *got) {
    const uint8_t *p = job;
    *got = n < job_left ? n : job_left;
    job += *got;
    job_left -= *got;
    return p;
}

// A source or sink that moves as many bytes at a time as a list of sizes says, over and over.
typedef struct {
    const uint8_t *sizes;
    size_t count;
    size_t at;
} steps_t;

static size_t step(steps_t *s, size_t n) {
    if (s->count == 0) {
        return n;
    }
    size_t k = (size_t)s->sizes[s->at++ % s->count] + 1;
    return k < n ? k : n;
}

typedef struct {
    const uint8_t *p;
    size_t left;
    steps_t steps;
} source_t;

static size_t source_read(source_t *s, uint8_t *to, size_t n) {
    n = step(&s->steps, n < s->left ? n : s->left);
    memcpy(to, s->p, n);
    s->p += n;
    s->left -= n;
    return n;
}

#define NAMES_MAX 8

typedef struct {
    const uint8_t *name[NAMES_MAX];
    size_t len[NAMES_MAX];
    size_t count;
} names_t;

static uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static int want(const hp_request_t *r, const uint8_t *name, size_t len) {
    const names_t *names = r->want_ctx;
    for (size_t i = 0; i < names->count; ++i) {
        size_t k = 0;
        while (k < len && names->len[i] == len && lower(name[k]) == lower(names->name[i][k])) {
            ++k;
        }
        if (k == len && names->len[i] == len) {
            return (int)i;
        }
    }
    return -1;
}

static bool fill(hp_request_t *r, source_t *source) {
    size_t n;
    uint8_t *to = hp_request_space(r, &n);
    if (n == 0) {
        abort();
    }
    n = source_read(source, to, n);
    hp_request_received(r, n);
    return n != 0;
}

static void print_error(hp_result_t e) {
    uint8_t text[HP_TEXT_MAX];
    int len = (int)hp_error_text(text, e);
    print("error %u %.*s\n", hp_error_status(e), len, (const char *)text);
}

static void print_head(const hp_request_t *r, const names_t *names) {
    uint8_t *at = NULL;
    hp_field_t field;
    while (hp_request_field(r, &at, &field)) {
        print("field");
        if (r->keep_all) {
            print_hex(field.name, field.name_len);
        } else {
            print_hex(names->name[field.tag], names->len[field.tag]);
        }
        print_hex(field.value, field.value_len);
        print("\n");
    }
    print("head");
    if (r->flags & HP_HAS_LENGTH) {
        print(" length=%u", r->content_length);
    }
    print(" remaining=%d%s%s%s%s\n", hp_request_remaining(r),
        hp_request_chunked(r) ? " chunked" : "", hp_request_persistent(r) ? " keep-alive" : "",
        r->flags & HP_EXPECT ? " expect" : "", r->flags & HP_UPGRADE ? " upgrade" : "");
}

// What may go past the buffer, which is empty: a body of known length, and a chunk that is no
// smaller than the buffer.
static void check_bypass(const hp_request_t *r) {
    size_t bypass = hp_request_bypass(r);
    bool large = r->remaining >= (size_t)(r->limit - r->buf);
    if (r->state == HP_S_CHUNK_DATA ? (bypass != 0) != large : (bypass != 0) != (r->state == HP_S_IDENTITY)) {
        abort();
    }
}

// The kept fields' space serves the body: what is read begins at the buffer's front, and of a body
// of known length no more is asked for.
static void check_space(hp_request_t *r) {
    size_t n;
    size_t size = (size_t)(r->limit - r->buf);
    if (r->state == HP_S_IDENTITY && size > r->remaining) {
        size = r->remaining;
    }
    if (hp_request_space(r, &n) != r->buf || n != size) {
        abort();
    }
}

// Reads one body to its end. size 0 discards it.
static hp_result_t read_body(hp_request_t *r, source_t *source, size_t size) {
    uint8_t *dst = size != 0 ? allocate(size) : NULL;
    hp_result_t e;
    size_t total = 0;
    if (hp_request_buffered(r) != 0 && hp_request_bypass(r) != 0) {
        abort();
    }
    print("body x");
    for (;;) {
        size_t got;
        e = hp_request_body(r, dst, size != 0 ? size : (size_t)-1, &got);
        if (got != 0) {
            total += got;
            print_digits(dst, dst != NULL ? got : 0);
            continue;
        }
        if (e != HP_MORE) {
            break;
        }
        if (hp_request_buffered(r) == 0 && !(r->coding & HP_CODING_TRAILER)) {
            check_bypass(r);
            check_space(r);
        }
        size_t bypass = size != 0 ? hp_request_bypass(r) : 0;
        if (bypass != 0) {
            size_t n = source_read(source, dst, bypass < size ? bypass : size);
            if (n == 0) {
                break;
            }
            hp_request_bypassed(r, n);
            total += n;
            print_digits(dst, n);
        } else if (!fill(r, source)) {
            break;
        }
    }
    if (e == HP_MORE && (hp_request_parse(r) != HP_HEAD || hp_request_next(r))) {
        abort();
    }
    print(" bytes=%u remaining=%d\n", (unsigned)total, hp_request_remaining(r));
    free(dst);
    return e;
}

// Says which fields to keep, unless it is none. mode 1: those of these names; 3: the same without a
// filter before them; 2: all.
static void keep_fields(hp_request_t *r, unsigned mode, names_t *names) {
    if (mode == 2) {
        r->keep_all = true;
    } else if (mode != 0) {
        r->want = want;
        r->want_ctx = names;
    }
    if (mode == 1) {
        r->want_bits = 0;
        for (size_t i = 0; i < names->count; ++i) {
            if (names->len[i] != 0) {
                r->want_bits |= hp_name_bit(names->name[i], names->len[i]);
            }
        }
    }
}

// Parses messages until the input's end or an error.
static void request_job(void) {
    hp_request_t r;
    source_t source;
    names_t names;
    size_t got;
    size_t size = number(2);
    uint32_t max_head = number(4);
    uint16_t max_fields = (uint16_t)number(2);
    unsigned mode = number(1);
    size_t body_size = number(2);
    source.steps.at = 0;
    source.steps.sizes = bytes(number(1), &source.steps.count);
    names.count = number(1);
    if (names.count > NAMES_MAX) {
        names.count = NAMES_MAX;
    }
    for (size_t i = 0; i < names.count; ++i) {
        names.name[i] = bytes(number(1), &names.len[i]);
    }
    source.p = bytes(job_left, &source.left);

    if (hp_error_text(NULL, HP_MORE) != 0) {
        abort();
    }
    uint8_t *buf = allocate(size + HP_BUFFER_PAD);
    memset(buf, 0xa5, size + HP_BUFFER_PAD);
    memset(&r, 0xa5, sizeof(r));      // init leaves nothing to chance
    hp_request_init(&r, buf, size, max_head, max_fields);
    for (;;) {
        hp_result_t e = hp_request_parse(&r);
        if (e == HP_REQUEST_LINE) {
            // More may be read before the fields are parsed: the request line stays where it is
            (void)hp_request_space(&r, &got);
            if (hp_request_remaining(&r) != 0) {
                abort();    // nothing is known of a body yet
            }
            print("line");
            print_hex(hp_request_method(&r), r.method_len);
            print_hex(r.path, (size_t)(r.query - r.path));
            print_hex(r.query, (size_t)(r.target_end - r.query));
            print(" %u\n", r.version);
            keep_fields(&r, mode, &names);
            continue;
        }
        if (e == HP_HEAD) {
            print_head(&r, &names);
            e = read_body(&r, &source, body_size);
            if (e == HP_DONE) {
                if (hp_request_parse(&r) != HP_HEAD || !hp_request_next(&r)
                    || hp_request_idle(&r) != (hp_request_buffered(&r) == 0)) {
                    abort();
                }
                continue;
            }
        }
        if (e >= HP_ERROR) {
            // An error is given again by whatever is called next, and nothing leaves the buffer
            (void)hp_request_space(&r, &got);
            if (hp_request_parse(&r) != e || hp_request_body(&r, NULL, 1, &got) != e
                || hp_request_next(&r)) {
                abort();
            }
            print_error(e);
            break;
        }
        if (r.state >= HP_S_HEAD || (r.coding & HP_CODING_TRAILER) || !fill(&r, &source)) {
            // Inside a body, or at the input's end: nobody has more
            print("more%s\n", hp_request_idle(&r) ? " idle" : "");
            break;
        }
    }
    (void)got;
    free(buf);
}

static steps_t sink_steps;

// How many bytes of the body went past the buffer.
static size_t direct;

// n bytes leave, and so the response has not stalled.
static void send_some(hp_response_t *w, size_t n) {
    print_bytes(w->out, n);
    w->flags |= HP_W_STALLED;
    hp_response_sent(w, n);
    if (w->flags & HP_W_STALLED) {
        abort();
    }
}

static void send_pending(hp_response_t *w) {
    size_t n;
    while ((n = hp_response_pending(w)) != 0) {
        send_some(w, step(&sink_steps, n));
    }
}

// The smallest buffer that the response can move to.
static unsigned smallest(const hp_response_t *w) {
    unsigned n = 0;
    while (!hp_response_fits(w, n)) {
        ++n;
    }
    return n;
}

static void write_body(hp_response_t *w, const uint8_t *p, size_t len) {
    while (len != 0) {
        size_t n = len;
        send_pending(w);
        if (w->owed == 0 && n >= (size_t)(w->limit - w->buf) && hp_response_may_direct(w)) {
            hp_response_direct(w, n);
            continue;
        }
        if (w->owed != 0) {
            n = step(&sink_steps, n < w->owed ? n : w->owed);
            print_bytes(p, n);
            hp_response_direct_sent(w, n);
            direct += n;
        } else {
            size_t space;
            uint8_t *to = hp_response_space(w, &space);
            if ((w->framing == HP_FRAMING_LENGTH || w->framing == HP_FRAMING_CLOSE)
                && to + space != w->limit) {
                abort();    // no chunk has to end: the whole buffer can be used
            }
            n = n < space ? n : space;
            memcpy(to, p, n);
            hp_response_added(w, n);
            if (n == space) {
                hp_response_seal(w);
            }
        }
        p += n;
        len -= n;
    }
}

// Renders one response; the transcript is what leaves, and a line about it behind a NUL.
static void response_job(void) {
    hp_response_t w;
    size_t n;
    size_t size = number(2);
    unsigned status = number(2);
    unsigned flags = number(2);
    sink_steps.at = 0;
    sink_steps.sizes = bytes(number(1), &sink_steps.count);
    unsigned fields = number(1);
    char results[258] = "";

    uint8_t *buf = allocate(size);
    memset(&w, 0xa5, sizeof(w));      // init leaves nothing to chance
    hp_response_init(&w, buf, size);
    if (flags & 32) {
        // A response that is given up
        hp_response_begin(&w, 500, 11, true, false);
        hp_response_field(&w, "A", 1, "b", 1);
        hp_response_seal(&w);
    }
    if (flags & 8) {
        hp_response_reset(&w);
        hp_response_interim(&w, 100);
        if (flags & 16) {
            send_pending(&w);
        }
        if (flags & 1024) {
            send_some(&w, 5);
        }
    }
    hp_response_begin(&w, status, flags & 1 ? 11 : 10, flags & 2, flags & 4);
    for (unsigned i = 0; i < fields; ++i) {
        size_t name_len;
        size_t value_len;
        const uint8_t *name = bytes(number(1), &name_len);
        const uint8_t *value = bytes(number(2), &value_len);
        results[i] = (char)('0' + hp_response_field(&w, name, name_len, value, value_len));
        results[i + 1] = 0;
    }
    unsigned fits_begin = smallest(&w);
    direct = 0;
    while (job_left != 0) {
        const uint8_t *p = bytes(number(2), &n);
        if ((flags & 256) && hp_response_pending(&w) == 0 && hp_response_fits(&w, size)) {
            uint8_t *other = allocate(size);
            hp_response_move(&w, other, size);
            free(buf);
            buf = other;
        }
        if (n == 0) {
            size_t space;
            hp_response_seal(&w);
            hp_response_seal(&w);
            hp_response_space(&w, &space);
            if (hp_response_pending(&w) != 0 && (space != 0 || hp_response_may_direct(&w))) {
                abort();
            }
            send_pending(&w);
            continue;
        }
        if (w.flags & HP_W_NO_BODY) {
            if (hp_response_allowed(&w, n) != n) {
                abort();
            }
            hp_response_added(&w, n);
            continue;
        }
        size_t allowed = hp_response_allowed(&w, n);
        write_body(&w, p, allowed);
        if (allowed != n) {
            w.flags |= HP_W_EXCESS;
        }
    }
    if (flags & 64) {
        // Too late, unless there was no body
        results[fields] = (char)('0' + hp_response_field(&w, "Late", 4, "x", 1));
        results[fields + 1] = 0;
    }
    if ((flags & 128) && hp_response_may_direct(&w)) {
        // Announced, and then not sent
        hp_response_direct(&w, 1000);
    }
    unsigned fits_end = smallest(&w);
    if (flags & 512) {
        hp_response_cut(&w);
    }
    hp_response_finish(&w);
    hp_response_finish(&w);
    send_pending(&w);
    print_bytes("", 1);
    print("%s keep_alive=%d body_bytes=%u sent=%d", results, (w.flags & HP_W_KEEP_ALIVE) != 0,
        w.body_bytes, (w.flags & HP_W_SENT) != 0);
    print(" moved=%u direct=%u fits_begin=%u fits_end=%u", w.moved, (unsigned)direct, fits_begin, fits_end);
    free(buf);
}

// Decodes the rest of the job: the bytes, and behind a NUL-free length the repaired text.
static void unquote_job(void) {
    bool plus = number(1) != 0;
    size_t n;
    const uint8_t *p = bytes(job_left, &n);
    uint8_t *copy = allocate(n);
    memcpy(copy, p, n);
    n = hp_unquote(copy, n, plus);
    uint8_t *exact = allocate(n);
    memcpy(exact, copy, n);
    free(copy);
    size_t bad = hp_utf8_bad(exact, n);
    uint8_t *repaired = allocate(n + 2 * bad + 1);
    hp_utf8_repair(repaired, exact, n);
    print_hex(exact, n);
    print_hex(repaired, n + 2 * bad);
    free(exact);
    free(repaired);
}

#include "harness_forms.h"
#include "harness_frames.h"

// One job: its kind, then what that kind reads.
void harness_run(const uint8_t *p, size_t n) {
    job = p;
    job_left = n;
    text_len = 0;
    switch (number(1)) {
        case 'R':
            request_job();
            break;
        case 'W':
            response_job();
            break;
        case 'U':
            unquote_job();
            break;
        case 'M':
            multipart_job();
            break;
        case 'F':
            form_job();
            break;
        case 'P':
            pairs_job(false);
            break;
        case 'C':
            pairs_job(true);
            break;
        case 'S':
            frames_job();
            break;
        case 'H':
            frame_head_job();
            break;
        case 'K':
            handshake_job();
            break;
    }
}

#ifndef HARNESS_NO_MAIN
static bool read_exactly(void *p, size_t n) {
    return fread(p, 1, n, stdin) == n;
}

int main(void) {
    uint8_t head[4];
    while (read_exactly(head, sizeof(head))) {
        size_t n = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16
            | (size_t)head[3] << 24;
        uint8_t *p = allocate(n + 1);
        if (!read_exactly(p, n)) {
            return 1;
        }
        uint8_t *exact = allocate(n);
        memcpy(exact, p, n);
        free(p);
        harness_run(exact, n);
        free(exact);
        for (unsigned i = 0; i < 4; ++i) {
            head[i] = (uint8_t)(text_len >> (8 * i));
        }
        fwrite(head, 1, sizeof(head), stdout);
        fwrite(text, 1, text_len, stdout);
        fflush(stdout);
    }
    free(text);
    return 0;
}
#endif

// SPDX-License-Identifier: MIT
//
// Requests: heads, bodies by Content-Length and chunks, pipelined. Eight bytes of options, then
// what a client sends:
//   0      buffer size: 32 + 4 * (byte % 64)
//   1      bit 0: keep all fields, bit 1: keep some, bits 2 to 4: max_fields (7: 100)
//   2      max_head: 16384, or 8 * (byte % 64) where bit 6 is not set
//   3      size of the body's reads: byte % 64 + 1
//   4..7   cuts

#include "fuzz.h"
#include "httpparse.h"

typedef struct {
    size_t size;
    uint32_t max_head;
    uint16_t max_fields;
    bool keep_all;
    bool keep_some;
    const uint8_t *data;
    size_t len;
} job_t;

// Fields that start with one of these letters are kept, under the letter's number.
static int want(const hp_request_t *r, const uint8_t *name, size_t len) {
    const char *letters = r->want_ctx;
    const char *found = len != 0 ? memchr(letters, name[0], strlen(letters)) : NULL;
    return found != NULL ? (int)(found - letters) : -1;
}

typedef struct {
    const uint8_t *p;
    size_t left;
    fuzz_cuts_t cuts;
} source_t;

static size_t read_source(source_t *s, uint8_t *to, size_t n) {
    n = fuzz_cut(&s->cuts, n < s->left ? n : s->left);
    if (n != 0) {
        memcpy(to, s->p, n);
    }
    s->p += n;
    s->left -= n;
    return n;
}

static void check_pointers(const hp_request_t *r) {
    CHECK(r->buf <= r->kept && r->pos <= r->end && r->end <= r->limit);
    // An error leaves the position where the last piece began
    CHECK(r->state == HP_S_ERROR || (r->kept <= r->tok && r->tok <= r->pos));
}

static bool fill(hp_request_t *r, source_t *s) {
    size_t space;
    uint8_t *to = hp_request_space(r, &space);
    CHECK(space != 0 && to + space <= r->limit);
    size_t n = read_source(s, to, space);
    hp_request_received(r, n);
    check_pointers(r);
    return n != 0;
}

static void put_request_line(fuzz_text_t *text, const hp_request_t *r) {
    CHECK(r->path <= r->query && r->query <= r->target_end);
    CHECK(r->authority == NULL || r->authority < r->path);
    fuzz_put_string(text, hp_request_method(r), r->method_len);
    fuzz_put_string(text, r->path, (size_t)(r->query - r->path));
    fuzz_put_string(text, r->query, (size_t)(r->target_end - r->query));
    fuzz_put_number(text, r->version);
}

static void put_head(fuzz_text_t *text, const hp_request_t *r) {
    uint8_t *at = NULL;
    hp_field_t field;
    while (hp_request_field(r, &at, &field)) {
        CHECK(at >= r->buf && field.value + field.value_len < r->kept);
        for (size_t i = 0; i < field.value_len; ++i) {
            CHECK(field.value[i] == '\t' || (field.value[i] >= ' ' && field.value[i] != 0x7f));
        }
        fuzz_put_string(text, field.name, field.name_len);
        fuzz_put_string(text, field.value, field.value_len);
        fuzz_put_number(text, field.tag);
    }
    fuzz_put_number(text, r->flags);
    fuzz_put_number(text, r->content_length);
    fuzz_put_number(text, (uint32_t)hp_request_remaining(r));
    fuzz_put_number(text, hp_request_chunked(r));
    fuzz_put_number(text, hp_request_persistent(r));
}

// Reads one body, by size bytes at a time, and puts what it is.
static hp_result_t read_body(fuzz_text_t *text, hp_request_t *r, source_t *s, size_t size) {
    uint8_t *dst = fuzz_alloc(size);
    uint32_t total = 0;
    hp_result_t e;
    for (;;) {
        size_t got;
        e = hp_request_body(r, dst, size, &got);
        check_pointers(r);
        CHECK(got <= size);
        if (got == 0) {
            if (e != HP_MORE) {
                break;
            }
            size_t bypass = hp_request_bypass(r);
            if (bypass == 0) {
                if (!fill(r, s)) {
                    break;
                }
                continue;
            }
            got = read_source(s, dst, bypass < size ? bypass : size);
            if (got == 0) {
                break;
            }
            hp_request_bypassed(r, got);
        }
        total += (uint32_t)got;
        fuzz_put(text, dst, got);
    }
    free(dst);
    fuzz_put_number(text, total);
    fuzz_put_number(text, (uint32_t)hp_request_remaining(r));
    return e;
}

// Parses all messages of the input that arrives in pieces, and puts what they are.
static void run(fuzz_text_t *text, const job_t *job, fuzz_cuts_t cuts, size_t body_size) {
    source_t source = { job->data, job->len, cuts };
    hp_request_t r;
    uint8_t *buf = fuzz_alloc(job->size + HP_BUFFER_PAD);
    memset(buf, 0, job->size + HP_BUFFER_PAD);
    hp_request_init(&r, buf, job->size, job->max_head, job->max_fields);
    hp_result_t e;
    for (;;) {
        e = hp_request_parse(&r);
        check_pointers(&r);
        if (e == HP_MORE) {
            if (!fill(&r, &source)) {
                break;
            }
        } else if (e == HP_REQUEST_LINE) {
            put_request_line(text, &r);
            r.keep_all = job->keep_all;
            r.want = job->keep_some ? want : NULL;
            r.want_ctx = (void *)(uintptr_t)"HhCcTXA";
        } else if (e == HP_HEAD) {
            CHECK(hp_request_parse(&r) == HP_HEAD);
            put_head(text, &r);
            e = read_body(text, &r, &source, body_size);
            if (e != HP_DONE) {
                break;
            }
            CHECK(hp_request_remaining(&r) == 0);
            CHECK(hp_request_next(&r));
        } else {
            break;
        }
    }
    if (e >= HP_ERROR) {
        size_t got;
        CHECK(hp_request_parse(&r) == e);
        CHECK(hp_request_body(&r, NULL, 1, &got) == e && got == 0);
        CHECK(!hp_request_next(&r));
        uint8_t reason[HP_TEXT_MAX];
        unsigned status = hp_error_status(e);
        CHECK(status >= 400 && status <= 505 && hp_error_text(reason, e) != 0);
    }
    fuzz_put_number(text, e);
    fuzz_put_number(text, hp_request_idle(&r));
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 8) {
        return 0;
    }
    job_t job;
    job.size = 32 + 4 * (data[0] % 64u);
    job.keep_all = data[1] & 1;
    job.keep_some = data[1] & 2;
    job.max_fields = data[1] >> 2 & 7;
    if (job.max_fields == 7) {
        job.max_fields = 100;
    }
    job.max_head = data[2] & 64 ? 16384 : 8 * (data[2] % 64u);
    job.data = data + 8;
    job.len = size - 8;

    fuzz_text_t whole = { 0 };
    fuzz_text_t cut = { 0 };
    run(&whole, &job, (fuzz_cuts_t) { NULL, 0, 0 }, 4096);
    run(&cut, &job, (fuzz_cuts_t) { data + 4, 4, 0 }, data[3] % 64u + 1);
    CHECK(fuzz_same(&whole, &cut));
    cut.len = 0;
    run(&cut, &job, (fuzz_cuts_t) { (const uint8_t *)"@", 1, 0 }, 1);
    CHECK(fuzz_same(&whole, &cut));
    free(whole.data);
    free(cut.data);
    return 0;
}

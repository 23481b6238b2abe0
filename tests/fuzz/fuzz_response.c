// SPDX-License-Identifier: MIT
//
// Responses: what is rendered is read back as RFC 9112 says. Eight bytes of options, then lines
// "name:value" up to an empty one, then the body:
//   0      buffer size: HP_RESPONSE_SIZE_MIN + 4 * (byte % 64)
//   1      status: one of the list below
//   2      bit 0: HTTP/1.1, bit 1: keep-alive, bit 2: HEAD, bits 3 and 4: 100 Continue before
//          it, left in the buffer or sent; bit 5: seal after each part
//   3      sizes that the connection takes
//   4..7   cuts of the body

#include "fuzz.h"
#include "httpparse.h"
#include "response.h"

#define FIELDS_MAX 32

typedef struct {
    const uint8_t *name;
    const uint8_t *value;
    size_t name_len;
    size_t value_len;
} line_t;

typedef struct {
    line_t lines[FIELDS_MAX];
    size_t count;
    const uint8_t *body;
    size_t body_len;
    unsigned status;
    unsigned flags;
    size_t size;
} job_t;

typedef struct {
    fuzz_text_t sent;
    hp_field_result_t results[FIELDS_MAX];
    hp_response_t w;
} outcome_t;

static void send_pending(outcome_t *out, fuzz_cuts_t *sink) {
    size_t n;
    while ((n = hp_response_pending(&out->w)) != 0) {
        CHECK(out->w.out + n <= out->w.limit);
        n = fuzz_cut(sink, n);
        fuzz_put(&out->sent, out->w.out, n);
        hp_response_sent(&out->w, n);
    }
}

// As the binding's write() does it.
static void write_part(outcome_t *out, fuzz_cuts_t *sink, const uint8_t *p, size_t len) {
    hp_response_t *w = &out->w;
    while (len != 0) {
        size_t n = len;
        send_pending(out, sink);
        if (w->owed == 0 && n >= (size_t)(w->limit - w->buf) && hp_response_may_direct(w)) {
            hp_response_direct(w, n);
            continue;
        }
        if (w->owed != 0) {
            n = fuzz_cut(sink, n < w->owed ? n : w->owed);
            fuzz_put(&out->sent, p, n);
            hp_response_direct_sent(w, n);
        } else {
            size_t space;
            uint8_t *to = hp_response_space(w, &space);
            CHECK(to + space <= w->limit);
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

static void render(outcome_t *out, const job_t *job, fuzz_cuts_t cuts, fuzz_cuts_t sink) {
    hp_response_t *w = &out->w;
    uint8_t *buf = fuzz_alloc(job->size);
    hp_response_init(w, buf, job->size);
    out->sent.len = 0;
    if (job->flags & 8) {
        hp_response_interim(w, 100);
        if (job->flags & 16) {
            send_pending(out, &sink);
        }
    }
    hp_response_begin(w, job->status, job->flags & 1 ? 11 : 10, job->flags & 2, job->flags & 4);
    for (size_t i = 0; i < job->count; ++i) {
        const line_t *line = &job->lines[i];
        out->results[i] = hp_response_field(w, line->name, line->name_len, line->value,
            line->value_len);
    }
    for (size_t at = 0; at < job->body_len;) {
        size_t n = fuzz_cut(&cuts, job->body_len - at);
        if (w->flags & HP_W_NO_BODY) {
            hp_response_added(w, n);
        } else {
            size_t allowed = hp_response_allowed(w, n);
            CHECK(allowed <= n);
            write_part(out, &sink, job->body + at, allowed);
            if (allowed != n) {
                w->flags |= HP_W_EXCESS;
            }
        }
        at += n;
        if (job->flags & 32) {
            hp_response_seal(w);
            send_pending(out, &sink);
        }
    }
    hp_response_finish(w);
    send_pending(out, &sink);
    CHECK(w->flags & HP_W_SENT);
    free(buf);
}

// The next line of what was sent, without its CR LF.
static const uint8_t *next_line(fuzz_input_t *in, size_t *len) {
    const uint8_t *p = in->p;
    while (in->left >= 2 && (in->p[0] != '\r' || in->p[1] != '\n')) {
        CHECK(in->p[0] != '\r' && in->p[0] != '\n' && in->p[0] != 0);
        ++in->p;
        --in->left;
    }
    CHECK(in->left >= 2);
    *len = (size_t)(in->p - p);
    in->p += 2;
    in->left -= 2;
    return p;
}

static bool starts(const uint8_t *p, size_t len, const char *text) {
    return len >= strlen(text) && memcmp(p, text, strlen(text)) == 0;
}

// Takes the chunked coding away; false where it ends before the last chunk.
static bool dechunk(fuzz_text_t *body, fuzz_input_t *in) {
    while (in->left != 0) {
        size_t len;
        size_t n = 0;
        const uint8_t *line = next_line(in, &len);
        CHECK(len >= 1 && len <= 8);
        for (size_t i = 0; i < len; ++i) {
            const char *digits = "0123456789abcdef";
            const char *digit = memchr(digits, line[i], 16);
            CHECK(digit != NULL);
            n = n * 16 + (size_t)(digit - digits);
        }
        size_t got;
        const uint8_t *data = fuzz_bytes(in, n, &got);
        CHECK(got == n);
        fuzz_put(body, data, n);
        next_line(in, &len);
        CHECK(len == 0);
        if (n == 0) {
            CHECK(in->left == 0);
            return true;
        }
    }
    return false;
}

// The number, from `at` on, of the accepted field that a line is.
static size_t accepted_field(const outcome_t *out, const job_t *job, size_t at,
    const uint8_t *line, size_t len) {
    for (; at < job->count; ++at) {
        const line_t *f = &job->lines[at];
        if (out->results[at] == HP_FIELD_OK && len == f->name_len + 2 + f->value_len
            && memcmp(line, f->name, f->name_len) == 0
            && memcmp(line + f->name_len, ": ", 2) == 0
            && memcmp(line + f->name_len + 2, f->value, f->value_len) == 0) {
            break;
        }
    }
    CHECK(at < job->count);
    return at;
}

// Reads what was sent as a client does: the fields that were accepted and no others, in their
// order, and the body.
static void read_back(const outcome_t *out, const job_t *job) {
    fuzz_input_t in = { out->sent.data, out->sent.len };
    const hp_response_t *w = &out->w;
    size_t len;
    size_t length = 0;
    bool has_length = false;
    bool chunked = false;
    bool closes = false;
    const uint8_t *line = next_line(&in, &len);
    if (job->flags & 8) {
        CHECK(starts(line, len, "HTTP/1.1 100 Continue") && len == 21);
        next_line(&in, &len);
        CHECK(len == 0);
        line = next_line(&in, &len);
    }
    CHECK(starts(line, len, job->flags & 1 ? "HTTP/1.1 " : "HTTP/1.0 "));
    CHECK(len >= 13 && (unsigned)atoi((const char *)line + 9) == job->status && line[12] == ' ');

    size_t at = 0;
    for (;;) {
        line = next_line(&in, &len);
        if (len == 0) {
            break;
        }
        if (starts(line, len, "Content-Length: ")) {
            CHECK(!has_length && !chunked);
            has_length = true;
            length = (size_t)strtoull((const char *)line + 16, NULL, 10);
        } else if (starts(line, len, "Transfer-Encoding: chunked") && len == 26) {
            CHECK(!has_length && !chunked && (job->flags & 1));
            chunked = true;
        } else if (starts(line, len, "Connection: close") && len == 17) {
            CHECK(!closes);
            closes = true;
        } else if (starts(line, len, "Connection: keep-alive") && len == 22) {
            CHECK(!(job->flags & 1) && !closes);
        } else {
            at = accepted_field(out, job, at, line, len) + 1;
        }
    }

    bool persists = w->flags & HP_W_KEEP_ALIVE;
    CHECK(!persists || (!closes && (job->flags & 2)));
    if (w->flags & HP_W_NO_BODY) {
        CHECK(in.left == 0 && !chunked && w->body_bytes == job->body_len);
        return;
    }
    fuzz_text_t body = { 0 };
    bool whole = true;
    if (chunked) {
        whole = dechunk(&body, &in);
    } else {
        fuzz_put(&body, in.p, in.left);
        CHECK(!has_length || body.len <= length);
        whole = has_length ? body.len == length : closes;
    }
    size_t wanted = has_length && job->body_len > length ? length : job->body_len;
    CHECK(body.len == wanted && w->body_bytes == wanted);
    CHECK(wanted == 0 || memcmp(body.data, job->body, wanted) == 0);
    CHECK(whole || !persists);
    CHECK(has_length || chunked || closes);
    free(body.data);
}

static void parse_job(job_t *job, fuzz_input_t *in) {
    job->count = 0;
    while (in->left != 0) {
        const uint8_t *end = memchr(in->p, '\n', in->left);
        size_t len = end != NULL ? (size_t)(end - in->p) : in->left;
        const uint8_t *p = fuzz_bytes(in, len, &len);
        fuzz_byte(in);
        if (len == 0) {
            break;
        }
        if (job->count == FIELDS_MAX) {
            continue;
        }
        line_t *line = &job->lines[job->count++];
        const uint8_t *colon = memchr(p, ':', len);
        line->name = p;
        line->name_len = colon != NULL ? (size_t)(colon - p) : len;
        line->value = colon != NULL ? colon + 1 : p + len;
        line->value_len = (size_t)(p + len - line->value);
    }
    job->body = in->p;
    job->body_len = in->left;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint16_t statuses[] = {
        200, 200, 200, 404, 500, 201, 204, 205, 304, 999, 299, 503,
    };
    if (size < 8) {
        return 0;
    }
    job_t job;
    job.size = HP_RESPONSE_SIZE_MIN + 4 * (data[0] % 64u);
    job.status = statuses[data[1] % (sizeof(statuses) / sizeof(*statuses))];
    job.flags = data[2] & 63u;
    fuzz_input_t in = { data + 8, size - 8 };
    parse_job(&job, &in);

    fuzz_cuts_t all = { NULL, 0, 0 };
    fuzz_cuts_t cuts = { data + 4, 4, 0 };
    outcome_t whole = { 0 };
    outcome_t cut = { 0 };
    render(&whole, &job, all, all);
    read_back(&whole, &job);
    // How much the connection takes at a time changes nothing of what is sent
    render(&cut, &job, all, (fuzz_cuts_t) { data + 3, 1, 0 });
    CHECK(fuzz_same(&whole.sent, &cut.sent));
    // How the application cuts the body may change the framing, but not what is understood
    render(&cut, &job, cuts, (fuzz_cuts_t) { data + 3, 1, 0 });
    CHECK(memcmp(cut.results, whole.results, sizeof(cut.results)) == 0);
    read_back(&cut, &job);
    free(whole.sent.data);
    free(cut.sent.data);
    return 0;
}

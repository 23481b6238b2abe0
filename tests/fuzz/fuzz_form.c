// SPDX-License-Identifier: MIT
//
// application/x-www-form-urlencoded as a stream. Six bytes of options, then the form:
//   0      buffer size: 16 + byte % 64
//   1      max_pairs: byte % 32; bit 6: slices
//   2..5   cuts

#include "form.h"
#include "fuzz.h"
#include "urlencoded.h"

typedef struct {
    size_t size;
    uint16_t max_pairs;
    bool slices;
    const uint8_t *data;
    size_t len;
} job_t;

// Gives the text, and where joined is not NULL the pairs with the slices of a value put together.
static hp_result_t run(fuzz_text_t *text, fuzz_text_t *joined, const job_t *job, fuzz_cuts_t cuts) {
    hp_form_t f;
    uint8_t *buf = fuzz_alloc(job->size);
    const uint8_t *from = job->data;
    size_t left = job->len;
    bool open = false;
    hp_result_t e;
    hp_form_init(&f, buf, job->size, job->max_pairs, job->slices);
    while ((e = hp_form_parse(&f)) == HP_MORE || e == HP_PAIR) {
        if (e == HP_MORE) {
            size_t space;
            uint8_t *to = hp_form_space(&f, &space);
            CHECK(space != 0 && to >= f.buf && to + space == f.limit);
            size_t n = fuzz_cut(&cuts, space < left ? space : left);
            if (n != 0) {
                memcpy(to, from, n);
            }
            from += n;
            left -= n;
            hp_form_received(&f, n);
            continue;
        }
        const hp_pair_t *pair = &f.pair;
        CHECK(pair->name >= f.buf && pair->name + pair->name_len <= pair->value);
        CHECK(pair->value + pair->value_len <= f.end);
        CHECK(!f.more || (job->slices && pair->value_len != 0));
        fuzz_put_string(text, pair->name, pair->name_len);
        fuzz_put_string(text, pair->value, pair->value_len);
        fuzz_put_number(text, f.more);
        if (joined != NULL) {
            if (!open) {
                fuzz_put_string(joined, pair->name, pair->name_len);
            }
            fuzz_put(joined, pair->value, pair->value_len);
            if (!f.more) {
                fuzz_put(joined, "&", 1);
            }
        }
        open = f.more;
    }
    CHECK(hp_form_parse(&f) == e);
    fuzz_put_number(text, e);
    free(buf);
    return e;
}

// The whole form at once: what the slices have to give when they are put together.
static void expected(fuzz_text_t *joined, const uint8_t *data, size_t len) {
    uint8_t *copy = fuzz_alloc(len);
    if (len != 0) {
        memcpy(copy, data, len);
    }
    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && copy[end] != '&') {
            ++end;
        }
        if (end != at) {
            size_t name = at;
            while (name < end && copy[name] != '=') {
                ++name;
            }
            size_t value = name < end ? name + 1 : end;
            fuzz_put_string(joined, copy + at, hp_unquote(copy + at, name - at, true));
            fuzz_put(joined, copy + value, hp_unquote(copy + value, end - value, true));
            fuzz_put(joined, "&", 1);
        }
        at = end + 1;
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 6) {
        return 0;
    }
    job_t job;
    job.size = 16 + data[0] % 64u;
    job.max_pairs = data[1] % 32;
    job.slices = data[1] & 64;
    job.data = data + 6;
    job.len = size - 6;

    fuzz_text_t whole = { 0 };
    fuzz_text_t joined = { 0 };
    fuzz_text_t cut = { 0 };
    hp_result_t e = run(&whole, &joined, &job, (fuzz_cuts_t) { NULL, 0, 0 });
    CHECK(e == HP_DONE || e == HP_TOO_MANY_PARTS || e == HP_CONTENT_TOO_LARGE);
    run(&cut, NULL, &job, (fuzz_cuts_t) { data + 2, 4, 0 });
    CHECK(fuzz_same(&whole, &cut));
    cut.len = 0;
    run(&cut, NULL, &job, (fuzz_cuts_t) { (const uint8_t *)"@", 1, 0 });
    CHECK(fuzz_same(&whole, &cut));
    if (e == HP_DONE) {
        cut.len = 0;
        expected(&cut, job.data, job.len);
        CHECK(fuzz_same(&joined, &cut));
    }
    free(whole.data);
    free(joined.data);
    free(cut.data);
    return 0;
}

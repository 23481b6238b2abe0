// SPDX-License-Identifier: MIT
//
// multipart/form-data. Eight bytes of options, a line with the value of Content-Type, the body:
//   0      buffer size: 256 + byte % 64
//   1      max_parts: byte % 16
//   2      max_header: 8 * (byte % 64) + 1; 4096 where bit 6 is set
//   3      max_fields: byte % 16
//   4..7   cuts

#include "fuzz.h"
#include "multipart.h"

typedef struct {
    size_t size;
    uint16_t max_parts;
    uint32_t max_header;
    uint16_t max_fields;
    const uint8_t *type;
    size_t type_len;
    const uint8_t *data;
    size_t len;
} job_t;

static void check_inside(const hp_multipart_t *m, const uint8_t *p, size_t n) {
    CHECK(p >= m->fields.buf && p + n <= m->fields.limit);
}

static void put_part(fuzz_text_t *text, const hp_multipart_t *m) {
    CHECK(m->name != NULL);
    check_inside(m, m->name, m->name_len);
    fuzz_put_string(text, m->name, m->name_len);
    fuzz_put_number(text, m->filename != NULL);
    if (m->filename != NULL) {
        check_inside(m, m->filename, m->filename_len);
        fuzz_put_string(text, m->filename, m->filename_len);
        for (size_t i = 0; i < m->filename_len; ++i) {
            CHECK(m->filename[i] == '\t' || (m->filename[i] >= ' ' && m->filename[i] != 0x7f));
        }
    }
    fuzz_put_number(text, m->type != NULL);
    if (m->type != NULL) {
        check_inside(m, m->type, m->type_len);
        fuzz_put_string(text, m->type, m->type_len);
    }
}

static void run(fuzz_text_t *text, const job_t *job, fuzz_cuts_t cuts) {
    hp_multipart_t m;
    uint8_t *buf = fuzz_alloc(job->size + HP_BUFFER_PAD);
    const uint8_t *from = job->data;
    size_t left = job->len;
    uint32_t data_len = 0;
    memset(buf, 0, job->size + HP_BUFFER_PAD);
    hp_result_t e = hp_multipart_init(&m, buf, job->size, job->type, job->type_len,
        job->max_parts, job->max_header, job->max_fields);
    while (e < HP_ERROR) {
        e = hp_multipart_parse(&m);
        CHECK(m.fields.kept <= m.fields.tok && m.fields.pos <= m.fields.end);
        if (e == HP_MORE) {
            size_t space;
            uint8_t *to = hp_multipart_space(&m, &space);
            CHECK(space != 0);
            check_inside(&m, to, space);
            size_t n = fuzz_cut(&cuts, space < left ? space : left);
            if (n == 0) {
                e = hp_multipart_end(&m);
                CHECK(e >= HP_ERROR);
                break;
            }
            memcpy(to, from, n);
            from += n;
            left -= n;
            hp_multipart_received(&m, n);
        } else if (e == HP_DATA) {
            CHECK(m.data_len != 0);
            check_inside(&m, m.data, m.data_len);
            fuzz_put(text, m.data, m.data_len);
            data_len += (uint32_t)m.data_len;
        } else if (e == HP_PART) {
            put_part(text, &m);
            data_len = 0;
        } else if (e == HP_PART_END) {
            fuzz_put_number(text, data_len);
        } else {
            break;
        }
    }
    if (e >= HP_ERROR) {
        CHECK(hp_multipart_parse(&m) == e && hp_multipart_end(&m) == e);
        uint8_t reason[HP_TEXT_MAX];
        CHECK(hp_error_status(e) >= 400 && hp_error_text(reason, e) != 0);
    } else {
        CHECK(e == HP_DONE && hp_multipart_end(&m) == HP_DONE);
        CHECK(hp_multipart_parse(&m) == HP_DONE);
    }
    fuzz_put_number(text, e);
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 9) {
        return 0;
    }
    job_t job;
    job.size = 256 + data[0] % 64u;
    job.max_parts = data[1] % 16;
    job.max_header = data[2] & 64 ? 4096 : 8 * (data[2] % 64u) + 1;
    job.max_fields = data[3] % 16;
    job.type = data + 8;
    const uint8_t *end = memchr(job.type, '\n', size - 8);
    if (end == NULL) {
        return 0;
    }
    job.type_len = (size_t)(end - job.type);
    job.data = end + 1;
    job.len = size - 9 - job.type_len;

    fuzz_text_t whole = { 0 };
    fuzz_text_t cut = { 0 };
    run(&whole, &job, (fuzz_cuts_t) { NULL, 0, 0 });
    run(&cut, &job, (fuzz_cuts_t) { data + 4, 4, 0 });
    CHECK(fuzz_same(&whole, &cut));
    cut.len = 0;
    run(&cut, &job, (fuzz_cuts_t) { (const uint8_t *)"@", 1, 0 });
    CHECK(fuzz_same(&whole, &cut));
    free(whole.data);
    free(cut.data);
    return 0;
}

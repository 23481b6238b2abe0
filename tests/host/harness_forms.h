// SPDX-License-Identifier: MIT
//
// The harness's jobs for forms: multipart, urlencoded, parameters, cookies. harness.c includes it.

#include "form.h"
#include "multipart.h"

static void print_optional(const uint8_t *p, size_t n) {
    if (p == NULL) {
        print(" -");
    } else {
        print_hex(p, n);
    }
}

// Parses one body to its end or an error.
static void multipart_job(void) {
    hp_multipart_t m;
    source_t source;
    size_t type_len;
    size_t size = number(2);
    uint16_t max_parts = (uint16_t)number(2);
    uint32_t max_header = number(4);
    uint16_t max_fields = (uint16_t)number(2);
    source.steps.at = 0;
    source.steps.sizes = bytes(number(1), &source.steps.count);
    const uint8_t *type = bytes(number(2), &type_len);
    source.p = bytes(job_left, &source.left);

    uint8_t *buf = allocate(size + HP_BUFFER_PAD);
    memset(buf, 0xa5, size + HP_BUFFER_PAD);
    memset(&m, 0x5a, sizeof(m));      // init leaves nothing to chance; no CR and LF in a set
    hp_result_t e = hp_multipart_init(&m, buf, size, type, type_len, max_parts, max_header, max_fields);
    while (e < HP_ERROR) {
        e = hp_multipart_parse(&m);
        if (e == HP_MORE) {
            size_t n;
            uint8_t *to = hp_multipart_space(&m, &n);
            if (n == 0) {
                abort();
            }
            n = source_read(&source, to, n);
            if (n == 0) {
                e = hp_multipart_end(&m);
            } else {
                hp_multipart_received(&m, n);
            }
        } else if (e == HP_PART) {
            print("part");
            print_hex(m.name, m.name_len);
            print_optional(m.filename, m.filename_len);
            print_optional(m.type, m.type_len);
            print("\ndata x");
        } else if (e == HP_DATA) {
            print_digits(m.data, m.data_len);
        } else if (e == HP_PART_END) {
            print("\n");
        } else {
            break;
        }
    }
    if (hp_multipart_parse(&m) != e || hp_multipart_end(&m) != e) {
        abort();
    }
    if (e >= HP_ERROR) {
        print("\n");
        print_error(e);
    } else {
        print("done\n");
    }
    free(buf);
}

// Parses one urlencoded form to its end or an error.
static void form_job(void) {
    hp_form_t f;
    source_t source;
    hp_result_t e;
    size_t size = number(2);
    uint16_t max_pairs = (uint16_t)number(2);
    bool slices = number(1) != 0;
    source.steps.at = 0;
    source.steps.sizes = bytes(number(1), &source.steps.count);
    source.p = bytes(job_left, &source.left);

    uint8_t *buf = allocate(size);
    memset(buf, 0xa5, size);
    memset(&f, 0xa5, sizeof(f));      // init leaves nothing to chance
    hp_form_init(&f, buf, size, max_pairs, slices);
    while ((e = hp_form_parse(&f)) == HP_MORE || e == HP_PAIR) {
        if (e == HP_PAIR) {
            print("pair");
            print_hex(f.pair.name, f.pair.name_len);
            print_hex(f.pair.value, f.pair.value_len);
            print("%s\n", f.more ? " more" : "");
        } else {
            size_t n;
            uint8_t *to = hp_form_space(&f, &n);
            if (n == 0) {
                abort();
            }
            hp_form_received(&f, source_read(&source, to, n));
        }
    }
    // It stays what it is, an error even at the form's end
    hp_form_received(&f, 0);
    if (hp_form_parse(&f) != e) {
        abort();
    }
    if (e >= HP_ERROR) {
        print_error(e);
    } else {
        print("done\n");
    }
    free(buf);
}

// What the rest of the job consists of as a field value with parameters, or as cookies.
static void pairs_job(bool cookies) {
    size_t n;
    hp_pair_t pair;
    hp_result_t e;
    const uint8_t *p = bytes(job_left, &n);
    uint8_t *exact = allocate(n);
    memcpy(exact, p, n);
    uint8_t *at = exact;
    uint8_t *end = exact + n;
    if (!cookies) {
        at += hp_params_value(exact, end);
        print_hex(exact, (size_t)(at - exact));
        print("\n");
    }
    while ((e = (cookies ? hp_cookies_next : hp_params_next)(&at, end, &pair)) == HP_PAIR) {
        print("pair");
        print_hex(pair.name, pair.name_len);
        print_hex(pair.value, pair.value_len);
        if (!cookies) {
            uint8_t *value = allocate(pair.value_len);
            memcpy(value, pair.value, pair.value_len);
            pair.value = value;
            hp_result_t extended = hp_ext_value(&pair);
            if (extended == HP_PAIR) {
                print_hex(pair.value, pair.value_len);
            } else {
                print(extended == HP_MORE ? " charset" : " -");
            }
            free(value);
        }
        print("\n");
    }
    if (e == HP_DONE && at != end) {
        abort();
    }
    print(e == HP_DONE ? "done\n" : "error\n");
    free(exact);
}

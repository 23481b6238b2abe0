// SPDX-License-Identifier: MIT

#include "check.h"
#include "multipart.h"
#include "params.h"
#include "words.h"

enum {
    TAG_DISPOSITION,
    TAG_TYPE,
};

enum {
    WORD_FORM_DATA = 1,
    WORD_MULTIPART,
    WORD_BOUNDARY,
    WORD_NAME,
    WORD_FILENAME,
    WORD_FILENAME_EXT,
};

// "'" / "(" / ")" / "+" / "_" / "," / "-" / "." / "/" / ":" / "=" / "?" / DIGIT / ALPHA / space
static const hp_charset_t bchars = {0, 0xa7fffb81, 0x87fffffe, 0x07fffffe, 0, 0, 0, 0};

static unsigned word(const uint8_t *p, size_t len) {
    static const uint32_t words[] = {
        HP_ENTRY(9, WORD_FORM_DATA), HP_W('f', 'o', 'r', 'm'), HP_W('-', 'd', 'a', 't'),
        HP_W('a', 0, 0, 0),
        HP_ENTRY(19, WORD_MULTIPART), HP_W('m', 'u', 'l', 't'), HP_W('i', 'p', 'a', 'r'),
        HP_W('t', '/', 'f', 'o'), HP_W('r', 'm', '-', 'd'), HP_W('a', 't', 'a', 0),
        HP_ENTRY(8, WORD_BOUNDARY), HP_W('b', 'o', 'u', 'n'), HP_W('d', 'a', 'r', 'y'),
        HP_ENTRY(4, WORD_NAME), HP_W('n', 'a', 'm', 'e'),
        HP_ENTRY(8, WORD_FILENAME), HP_W('f', 'i', 'l', 'e'), HP_W('n', 'a', 'm', 'e'),
        HP_ENTRY(9, WORD_FILENAME_EXT), HP_W('f', 'i', 'l', 'e'), HP_W('n', 'a', 'm', 'e'),
        HP_W('*', 0, 0, 0),
        0,
    };
    return hp_lookup(words, p, len);
}

// The part header fields that count.
static int want_field(const hp_request_t *r, const uint8_t *name, size_t len) {
    static const uint32_t names[] = {
        HP_ENTRY(19, 1 + TAG_DISPOSITION), HP_W('c', 'o', 'n', 't'), HP_W('e', 'n', 't', '-'),
        HP_W('d', 'i', 's', 'p'), HP_W('o', 's', 'i', 't'), HP_W('i', 'o', 'n', 0),
        HP_ENTRY(12, 1 + TAG_TYPE), HP_W('c', 'o', 'n', 't'), HP_W('e', 'n', 't', '-'),
        HP_W('t', 'y', 'p', 'e'),
        0,
    };
    (void)r;
    return (int)hp_lookup(names, name, len) - 1;
}

// Looks for the boundary in the parameters from p on and moves it behind to.
static hp_result_t find_boundary(hp_multipart_t *m, uint8_t *to, uint8_t *p, uint8_t *end) {
    hp_pair_t pair;
    hp_result_t e;
    size_t n = 0;
    while ((e = hp_params_next(&p, end, &pair)) == HP_PAIR) {
        if (word(pair.name, pair.name_len) != WORD_BOUNDARY) {
            continue;
        }
        if (n != 0) {
            return HP_BAD_BOUNDARY;
        }
        // RFC 2046 section 5.1.1: 0*69<bchars> bcharsnospace
        n = pair.value_len;
        if (n == 0 || n > 70 || pair.value[n - 1] == ' ') {
            return HP_BAD_BOUNDARY;
        }
        for (size_t i = 0; i != n; ++i) {
            if (!hp_in(bchars, pair.value[i])) {
                return HP_BAD_BOUNDARY;
            }
        }
        hp_move_down(to, pair.value, n);
    }
    m->delimiter_len = (uint8_t)(n + 4);
    return e != HP_DONE ? e : n == 0 ? HP_BAD_BOUNDARY : HP_MORE;
}

static hp_result_t fail(hp_multipart_t *m, hp_result_t e) {
    m->state = HP_M_ERROR;
    return hp_request_fail(&m->fields, e);
}

hp_result_t hp_multipart_init(hp_multipart_t *m, uint8_t *buf, size_t size,
    const void *content_type, size_t content_type_len, uint16_t max_parts, uint32_t max_header,
    uint16_t max_fields) {
    hp_request_t *r = &m->fields;
    hp_request_init(r, buf, size, max_header, max_fields);
    m->name = m->filename = m->type = m->data = NULL;
    m->name_len = m->filename_len = m->type_len = m->data_len = 0;
    if (content_type_len > size) {
        return fail(m, HP_FIELD_TOO_LARGE);
    }
    hp_copy(buf, content_type, content_type_len);
    uint8_t *end = buf + content_type_len;
    size_t n = hp_params_value(buf, end);
    if (word(buf, n) != WORD_MULTIPART) {
        return fail(m, HP_MEDIA_TYPE);
    }
    hp_result_t e = find_boundary(m, buf + 4, buf + n, end);
    if (e != HP_MORE) {
        return fail(m, e);
    }
    buf[0] = '\r';
    buf[1] = '\n';
    buf[2] = '-';
    buf[3] = '-';
    m->delimiter = buf;
    n = m->delimiter_len;
    for (unsigned w = 0; w != 8; ++w) {
        uint32_t set = 0;
        for (size_t i = 0; i != n; ++i) {
            if (buf[i] >> 5 == w) {
                set |= (uint32_t)1 << (buf[i] & 31);
            }
        }
        m->in_delimiter[w] = set;
    }
    hp_request_init(r, buf + n, size - n, max_header, max_fields);
    r->want = want_field;
    r->interest = UINT32_MAX;
    r->coding = HP_CODING_TRAILER | HP_CODING_PART;
    // The first delimiter may stand at the body's start, without its CRLF
    r->buf[0] = '\r';
    r->buf[1] = '\n';
    r->end = r->buf + 2;
    m->parts_left = max_parts;
    m->state = HP_M_PREAMBLE;
    return HP_MORE;
}

uint8_t *hp_multipart_space(hp_multipart_t *m, size_t *len) {
    HP_CHECK(hp_multipart_holds(m));
    hp_request_t *r = &m->fields;
    if (m->state != HP_M_FIELDS) {
        // What is not parsed is less than a delimiter
        size_t n = hp_request_buffered(r);
        hp_move_down(r->buf, r->pos, n);
        r->kept = r->pos = r->tok = r->buf;
        r->end = r->buf + n;
    }
    return hp_request_space(r, len);
}

// RFC 7578 section 4.2, and RFC 6266 section 4.3 for filename*.
static hp_result_t disposition(hp_multipart_t *m, uint8_t *p, uint8_t *end) {
    hp_pair_t pair;
    hp_result_t e;
    unsigned seen = 0;
    size_t n = hp_params_value(p, end);
    if (word(p, n) != WORD_FORM_DATA) {
        return HP_BAD_PART;
    }
    p += n;
    while ((e = hp_params_next(&p, end, &pair)) == HP_PAIR) {
        unsigned which = word(pair.name, pair.name_len);
        if (which < WORD_NAME) {
            continue;
        }
        if (seen & 1u << which) {
            return HP_BAD_PARAMETER;
        }
        seen |= 1u << which;
        if (which == WORD_NAME) {
            m->name = pair.value;
            m->name_len = pair.value_len;
            continue;
        }
        if (which == WORD_FILENAME_EXT) {
            e = hp_ext_value(&pair);
            if (e == HP_BAD_PARAMETER) {
                return e;
            }
            if (e == HP_MORE) {
                seen &= ~(1u << which);
                continue;
            }
        } else if (seen & 1u << WORD_FILENAME_EXT) {
            continue;
        }
        m->filename = pair.value;
        m->filename_len = pair.value_len;
    }
    return e == HP_DONE && m->name == NULL ? HP_BAD_PART : e;
}

// A part's header fields are complete.
static hp_result_t part(hp_multipart_t *m) {
    hp_field_t field;
    uint8_t *at = NULL;
    bool seen_disposition = false;
    m->name = m->filename = m->type = NULL;
    while (hp_request_field(&m->fields, &at, &field)) {
        uint8_t *value = at;
        if (field.tag == TAG_DISPOSITION) {
            if (seen_disposition) {
                return HP_BAD_PART;
            }
            seen_disposition = true;
            hp_result_t e = disposition(m, value, value + field.value_len);
            if (e != HP_DONE) {
                return e;
            }
        } else {
            if (m->type != NULL) {
                return HP_BAD_PART;
            }
            m->type = value;
            m->type_len = field.value_len;
        }
    }
    return seen_disposition ? HP_PART : HP_BAD_PART;
}

// Whether n bytes at p are those of the delimiter from d on.
static bool is_delimiter(const uint8_t *d, const uint8_t *p, size_t n) {
    for (; n != 0; --n) {
        if (*p++ != *d++) {
            return false;
        }
    }
    return true;
}

// The first byte from p on where a delimiter is, or may begin behind the input's end.
static uint8_t *find_delimiter(const hp_multipart_t *m, uint8_t *p, const uint8_t *end) {
    size_t n = m->delimiter_len;
    while ((size_t)(end - p) >= n) {
        if (!hp_in(m->in_delimiter, p[n - 1])) {
            p += n;     // no delimiter has this byte in it, wherever it begins
        } else if (*p == '\r' && is_delimiter(m->delimiter, p, n)) {
            return p;
        } else {
            ++p;
        }
    }
    while (!is_delimiter(m->delimiter, p, (size_t)(end - p))) {
        ++p;
    }
    return p;
}

// RFC 2046 section 5.1.1: what follows a delimiter on its line.
static hp_result_t delimiter_line(hp_multipart_t *m, uint8_t c) {
    hp_request_t *r = &m->fields;
    switch (m->state) {
        case HP_M_DELIMITED:
            if (c == '-') {
                m->state = HP_M_DASH;
                return HP_MORE;
            }
            m->state = HP_M_PADDING;
        // fall through
        case HP_M_PADDING:
            if (c == '\r') {
                m->state = HP_M_LF;
                return HP_MORE;
            }
            if (c != ' ' && c != '\t') {
                return HP_BAD_BOUNDARY;
            }
            return --r->head_left == 0 ? HP_HEAD_TOO_LARGE : HP_MORE;

        case HP_M_LF:
            if (c != '\n') {
                return HP_BAD_LINE_END;
            }
            if (m->parts_left == 0) {
                return HP_TOO_MANY_PARTS;
            }
            --m->parts_left;
            m->state = HP_M_FIELDS;
            r->state = HP_S_FIELD_NAME;
            return HP_MORE;

        default:
            m->state = HP_M_DONE;
            return c == '-' ? HP_MORE : HP_BAD_BOUNDARY;
    }
}

// RFC 2046 section 5.1.1: a part need not have a body; then the CRLF of its delimiter has ended its
// header. Whether what follows may be the rest of that delimiter.
static bool may_end_at_once(hp_multipart_t *m) {
    if (m->state != HP_M_BEGIN) {
        return false;
    }
    size_t n = hp_request_buffered(&m->fields);
    if (n > m->delimiter_len - 2u) {
        n = m->delimiter_len - 2u;
    }
    if (is_delimiter(m->delimiter + 2, m->fields.pos, n)) {
        return true;
    }
    m->state = HP_M_DATA;
    return false;
}

// Passes over what is no delimiter, and cannot become one; returns how long the one behind it is.
static size_t find_data(hp_multipart_t *m) {
    hp_request_t *r = &m->fields;
    m->data = r->pos;
    m->data_len = 0;
    if (may_end_at_once(m)) {
        return m->delimiter_len - 2u;
    }
    r->pos = r->tok = find_delimiter(m, r->pos, r->end);
    m->data_len = (size_t)(r->pos - m->data);
    return m->delimiter_len;
}

static hp_result_t parse(hp_multipart_t *m) {
    hp_request_t *r = &m->fields;
    for (;;) {
        if (m->state == HP_M_FIELDS) {
            hp_result_t e = hp_head_parse(r);
            if (e == HP_HEAD) {
                m->state = HP_M_BEGIN;
                e = part(m);
            }
            return e;
        }
        r->kept = r->buf;       // the part header fields' space serves the body from now on
        if (m->state == HP_M_DONE) {
            r->tok = r->pos = r->end;
            return HP_DONE;
        }
        if (r->pos == r->end) {
            return HP_MORE;
        }
        if (m->state > HP_M_DATA) {
            hp_result_t e = delimiter_line(m, *r->pos);
            r->tok = ++r->pos;
            if (e != HP_MORE) {
                return e;
            }
            continue;
        }
        size_t n = find_data(m);
        if (m->data_len != 0) {
            if (m->state == HP_M_DATA) {
                return HP_DATA;
            }
            continue;
        }
        if (hp_request_buffered(r) < n) {
            return HP_MORE;
        }
        r->tok = r->pos += n;
        r->head_left = r->max_head;
        r->fields_left = r->max_fields;
        unsigned state = m->state;
        m->state = HP_M_DELIMITED;
        if (state != HP_M_PREAMBLE) {
            return HP_PART_END;
        }
    }
}

hp_result_t hp_multipart_parse(hp_multipart_t *m) {
    HP_CHECK(hp_multipart_holds(m));
    if (m->state == HP_M_ERROR) {
        return (hp_result_t)m->fields.error;
    }
    hp_result_t e = parse(m);
    return e >= HP_ERROR ? fail(m, e) : e;
}

hp_result_t hp_multipart_end(hp_multipart_t *m) {
    HP_CHECK(hp_multipart_holds(m));
    if (m->state == HP_M_ERROR) {
        return (hp_result_t)m->fields.error;
    }
    return m->state == HP_M_DONE ? HP_DONE : fail(m, HP_BAD_EOF);
}

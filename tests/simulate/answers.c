// SPDX-License-Identifier: MIT
//
// Reads answers, strictly: what is malformed is said.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "world.h"

typedef struct {
    const uint8_t *data;
    size_t n;
} text_t;

static bool is_token(const text_t *text) {
    for (size_t i = 0; i < text->n; ++i) {
        if (text->data[i] <= ' ' || text->data[i] >= 127 || strchr("\"(),/:;<=>?@[\\]{}", text->data[i]) != NULL) {
            return false;
        }
    }
    return text->n > 0;
}

static bool is(const text_t *text, const char *word) {
    return text->n == strlen(word) && strncasecmp((const char *)text->data, word, text->n) == 0;
}

static long number_of(const text_t *text) {
    long value = 0;
    for (size_t i = 0; i < text->n; ++i) {
        if (text->data[i] < '0' || text->data[i] > '9') {
            return -1;
        }
        value = value * 10 + text->data[i] - '0';
    }
    return text->n == 0 || text->n > 9 ? -1 : value;
}

// The line that begins at `at`, without its end; false if that has not come.
static bool line(const uint8_t *data, size_t n, size_t *at, text_t *text) {
    const uint8_t *end = memchr(data + *at, '\n', n - *at);
    if (end == NULL) {
        return false;
    }
    text->data = data + *at;
    text->n = (size_t)(end - text->data);
    *at += text->n + 1;
    if (text->n > 0 && end[-1] == '\r') {
        --text->n;
    } else {
        text->n = SIZE_MAX;     // a line without CR
    }
    return true;
}

typedef struct {
    long length;
    bool chunked;
} framing_t;

static const char *field(answer_t *answer, framing_t *framing, const text_t *text) {
    const uint8_t *colon = memchr(text->data, ':', text->n);
    if (colon == NULL) {
        return "a field without a colon";
    }
    text_t name = {text->data, (size_t)(colon - text->data)};
    text_t value = {colon + 1, text->n - name.n - 1};
    while (value.n > 0 && *value.data == ' ') {
        ++value.data;
        --value.n;
    }
    if (!is_token(&name)) {
        return "a field's name";
    }
    if (memchr(value.data, '\r', value.n) != NULL || memchr(value.data, 0, value.n) != NULL) {
        return "a field's value";
    }
    if (is(&name, "Content-Length")) {
        if (framing->length >= 0) {
            return "two lengths";
        }
        framing->length = number_of(&value);
        return framing->length < 0 ? "the length" : NULL;
    }
    if (is(&name, "Transfer-Encoding")) {
        framing->chunked = is(&value, "chunked");
        return framing->chunked ? NULL : "the coding";
    }
    if (is(&name, "Connection") && is(&value, "close")) {
        answer->closes = true;
    }
    if (is(&name, "Date")) {
        answer->date = value.n == DATE_LENGTH ? (const char *)value.data : "?";
    }
    if (is(&name, "X-Id")) {
        answer->number = (int)number_of(&value);
    }
    return NULL;
}

static const char *status_line(answer_t *answer, const text_t *text) {
    if (text->n < 13 || text->n == SIZE_MAX || memcmp(text->data, "HTTP/1.", 7) != 0 || text->data[8] != ' '
        || text->data[12] != ' ') {
        return "the status line";
    }
    text_t status = {text->data + 9, 3};
    answer->status = (int)number_of(&status);
    return answer->status < 100 ? "the status" : NULL;
}

static void append(answer_t *answer, char *body, size_t size, const uint8_t *data, size_t n) {
    for (size_t i = 0; i < n && answer->body + i < size; ++i) {
        body[answer->body + i] = (char)data[i];
    }
    answer->body += n;
}

static void chunks(answer_t *answer, const uint8_t *data, size_t n, size_t at, char *body, size_t size) {
    for (;;) {
        text_t text;
        if (!line(data, n, &at, &text)) {
            return;
        }
        char hex[9] = {0};
        if (text.n == 0 || text.n > 8) {
            answer->wrong = "a chunk's size";
            return;
        }
        memcpy(hex, text.data, text.n);
        char *end;
        size_t chunk = strtoul(hex, &end, 16);
        if (*end != 0) {
            answer->wrong = "a chunk's size";
            return;
        }
        size_t there = n - at < chunk ? n - at : chunk;
        append(answer, body, size, data + at, there);
        if (n - at < chunk + 2) {
            return;
        }
        if (data[at + chunk] != '\r' || data[at + chunk + 1] != '\n') {
            answer->wrong = "a chunk's end";
            return;
        }
        at += chunk + 2;
        if (chunk == 0) {
            answer->complete = true;
            answer->end = at;
            return;
        }
    }
}

static void read_body(answer_t *answer, const framing_t *framing, const uint8_t *data, size_t n, bool ended,
    char *body, size_t size) {
    size_t there = n - answer->head;
    if (framing->chunked) {
        chunks(answer, data, n, answer->head, body, size);
    } else if (framing->length >= 0) {
        size_t length = (size_t)framing->length;
        append(answer, body, size, data + answer->head, there < length ? there : length);
        answer->complete = there >= length;
        answer->end = answer->head + length;
    } else {
        append(answer, body, size, data + answer->head, there);
        answer->until_close = answer->closes = true;
        answer->complete = ended;
        answer->end = n;
    }
}

void answer_read(answer_t *answer, const uint8_t *data, size_t n, bool ended, bool head_only, char *body, size_t size) {
    memset(answer, 0, sizeof(answer_t));
    answer->number = -1;
    framing_t framing = {-1, false};
    size_t at = 0;
    text_t text;
    if (!line(data, n, &at, &text)) {
        return;
    }
    answer->wrong = status_line(answer, &text);
    for (;;) {
        if (answer->wrong != NULL || !line(data, n, &at, &text)) {
            return;
        }
        if (text.n == 0) {
            break;
        }
        answer->wrong = text.n == SIZE_MAX ? "a line's end" : field(answer, &framing, &text);
    }
    answer->head = answer->end = at;
    if (framing.chunked && framing.length >= 0) {
        answer->wrong = "length and coding";
    } else if (head_only || answer->status < 200 || answer->status == 204 || answer->status == 304) {
        answer->complete = true;
    } else {
        read_body(answer, &framing, data, n, ended, body, size);
    }
}

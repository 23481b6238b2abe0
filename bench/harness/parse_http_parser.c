// SPDX-License-Identifier: MIT
//
// The same request head through http-parser (Debian's libhttp-parser-dev), with callbacks that
// keep nothing but where the fields are.
#include <http_parser.h>

#include "message.h"

typedef struct {
    const char *at;
    size_t len;
    bool complete;
} seen_t;

static int on_data(http_parser *parser, const char *at, size_t len) {
    seen_t *seen = parser->data;
    seen->at = at;
    seen->len = len;
    return 0;
}

static int on_headers_complete(http_parser *parser) {
    seen_t *seen = parser->data;
    seen->complete = true;
    return 0;
}

static const http_parser_settings settings = {
    .on_url = on_data,
    .on_header_field = on_data,
    .on_header_value = on_data,
    .on_headers_complete = on_headers_complete,
};

bool measured(const message_t *message, size_t piece) {
    seen_t seen = { NULL, 0, false };
    http_parser parser;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = &seen;
    for (size_t at = 0; at < message->len && !seen.complete;) {
        size_t n = message->len - at;
        n = n < piece ? n : piece;
        if (http_parser_execute(&parser, &settings, (const char *)message->data + at, n) != n) {
            return false;
        }
        at += n;
    }
    return seen.complete;
}

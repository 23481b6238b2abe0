// SPDX-License-Identifier: MIT
//
// multipart/form-data (RFC 7578, on RFC 2046 section 5.1): the body of a form with files, part by
// part through one buffer, of any size.
//
// The caller owns the buffer, reads into the space that hp_multipart_space() names, and calls
// hp_multipart_parse() until it answers HP_MORE. The result does not depend on how the input was
// cut into reads.
#ifndef HTTPPARSE_CORE_MULTIPART_H
#define HTTPPARSE_CORE_MULTIPART_H

#include "chars.h"
#include "httpparse.h"

// The smallest buffer: the longest delimiter twice, and part header fields of some use.
#define HP_MULTIPART_SIZE_MIN 256

typedef struct hp_multipart {
    hp_request_t fields;        // the buffer behind the delimiter, and the part header fields
    const uint8_t *delimiter;   // CRLF "--" boundary, at the buffer's front
    // The part, valid from HP_PART to the next call:
    uint8_t *name;
    uint8_t *filename;          // NULL if the part is no file
    uint8_t *type;              // value of Content-Type, NULL without one
    size_t name_len;
    size_t filename_len;
    size_t type_len;
    // Bytes of the part's body in the buffer, valid from HP_DATA to the next call:
    uint8_t *data;
    size_t data_len;
    hp_charset_t in_delimiter;  // the bytes that the delimiter has
    uint16_t parts_left;
    uint8_t delimiter_len;
    uint8_t state;
} hp_multipart_t;

// Sets up m for a buffer of size bytes (HP_MULTIPART_SIZE_MIN to HP_SIZE_MAX; HP_BUFFER_PAD more are
// allocated behind it) and the value of Content-Type, which may lie in flash. max_parts bounds
// the parts, max_header, 1 or more, the bytes of one part's header fields and max_fields their number.
// HP_MORE, or an error: HP_MEDIA_TYPE, HP_BAD_PARAMETER, HP_BAD_BOUNDARY, HP_FIELD_TOO_LARGE.
hp_result_t hp_multipart_init(hp_multipart_t *m, uint8_t *buf, size_t size,
    const void *content_type, size_t content_type_len, uint16_t max_parts, uint32_t max_header,
    uint16_t max_fields);

// Where the next read may put bytes and how many (never 0 after HP_MORE).
uint8_t *hp_multipart_space(hp_multipart_t *m, size_t *len);

// n bytes were read into hp_multipart_space().
static inline void hp_multipart_received(hp_multipart_t *m, size_t n) {
    hp_request_received(&m->fields, n);
}

// Parses on: HP_MORE, HP_PART, HP_DATA, HP_PART_END, HP_DONE behind the last part (what follows is
// ignored), or an error (again and again).
hp_result_t hp_multipart_parse(hp_multipart_t *m);

// The body has ended: HP_DONE, or an error if its last delimiter has not come.
hp_result_t hp_multipart_end(hp_multipart_t *m);

// Internal: the states of hp_multipart_t.state.
enum {
    HP_M_PREAMBLE,
    HP_M_BEGIN,            // behind the part header fields
    HP_M_DATA,
    HP_M_DELIMITED,        // behind a delimiter
    HP_M_PADDING,
    HP_M_LF,
    HP_M_DASH,
    HP_M_FIELDS,
    HP_M_DONE,
    HP_M_ERROR,
};

#endif // HTTPPARSE_CORE_MULTIPART_H

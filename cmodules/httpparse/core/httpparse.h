// SPDX-License-Identifier: MIT
//
// HTTP/1 server-side message parsing: the request head (RFC 9112 sections 2 to 5), the
// message body's framing (section 6) and the chunked transfer coding (section 7.1).
//
// Nothing here allocates, keeps a global, or knows MicroPython. The caller owns one buffer,
// reads into the space that hp_request_space() names, and calls the parser; the result does
// not depend on how the input was cut into reads.
#ifndef HTTPPARSE_CORE_HTTPPARSE_H
#define HTTPPARSE_CORE_HTTPPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "copy.h"

// What the parser answers. Everything from HP_ERROR on is an error: hp_error_status() gives the
// status code that it deserves and hp_error_text() says what was wrong.
typedef enum {
    HP_MORE,                // all input is used up and more is needed
    HP_REQUEST_LINE,        // the request line is complete
    HP_HEAD,                // the head is complete and the framing decided
    HP_DONE,                // the body is complete
    HP_PART,                // a part's header fields are complete
    HP_DATA,                // bytes of a part's body
    HP_PART_END,            // a part's body is complete
    HP_PAIR,                // a name and its value
    HP_ERROR,
    // 400 Bad Request
    HP_BAD_EMPTY_LINE = HP_ERROR,
    HP_BAD_METHOD,
    HP_BAD_TARGET,
    HP_BAD_VERSION,
    HP_BAD_LINE_END,
    HP_BAD_FIELD_NAME,
    HP_BAD_FOLDING,
    HP_BAD_FIELD_VALUE,
    HP_BAD_HOST,
    HP_BAD_CONTENT_LENGTH,
    HP_BAD_TRANSFER_ENCODING,
    HP_BAD_CHUNK,
    HP_BAD_EOF,
    HP_BAD_PARAMETER,
    HP_BAD_BOUNDARY,
    HP_BAD_PART,
    HP_LAST_400 = HP_BAD_PART,
    HP_CONTENT_TOO_LARGE,   // 413
    HP_TOO_MANY_PARTS,      // 413
    HP_TARGET_TOO_LONG,     // 414
    HP_MEDIA_TYPE,          // 415
    HP_EXPECTATION,         // 417
    HP_FIELD_TOO_LARGE,     // 431: a field line that does not fit the buffer
    HP_HEAD_TOO_LARGE,      // 431: over max_head bytes
    HP_TOO_MANY_FIELDS,     // 431: over max_fields lines
    HP_METHOD_TOO_LONG,     // 501
    HP_METHOD_CONNECT,      // 501
    HP_TRANSFER_CODING,     // 501: a transfer coding other than chunked
    HP_HTTP_VERSION,        // 505
} hp_result_t;

// Status code for an error result, 400 to 505.
unsigned hp_error_status(hp_result_t e);

// The longest text that hp_error_text() and hp_reason() write.
#define HP_TEXT_MAX 31

// Writes what was wrong, in a few words, and gives the length; 0 if e is no error.
size_t hp_error_text(uint8_t *to, hp_result_t e);

// The longest method that is told apart from an unknown one (RFC 9110 section 9.1 sets none).
#define HP_METHOD_MAX 16

// The largest body that Content-Length or one chunk may announce.
#define HP_LENGTH_MAX 0x7fffffffu

// Bytes that the caller adds to the buffer behind its size: the parser's stop byte, and room to
// read whole aligned words.
#define HP_BUFFER_PAD (sizeof(uintptr_t))

// The smallest buffer, and the largest: lengths of what is kept have 16 bits.
#define HP_REQUEST_SIZE_MIN 32
#define HP_SIZE_MAX 65535

typedef struct hp_request hp_request_t;

// Asked once for each field name: the tag (0 to 254) under which the field is kept, or -1 to
// let it pass.
typedef int (*hp_want_t)(const hp_request_t *r, const uint8_t *name, size_t len);

// One of 32 bits for a field name: the same for all spellings of a name, and most often another
// one for another name.
static inline uint32_t hp_name_bit(const uint8_t *name, size_t len) {
    return (uint32_t)1 << ((name[0] ^ len) & 31);
}

struct hp_request {
    // The buffer: kept fields, a gap, the token being read from tok, unread bytes from pos, end.
    uint8_t *buf;
    uint8_t *kept;
    uint8_t *tok;
    uint8_t *val;
    uint8_t *pos;
    uint8_t *end;
    uint8_t *limit;             // buf + size

    // The request line, valid from HP_REQUEST_LINE to the next hp_request_parse().
    uint8_t *authority;         // of the absolute form, up to path; NULL for other forms
    uint8_t *path;
    uint8_t *query;             // at the '?', or the target's end
    uint8_t *target_end;

    hp_want_t want;             // NULL keeps nothing
    void *want_ctx;
    uint32_t want_bits;         // asked only for names whose hp_name_bit() is set here
    uint32_t interest;          // the same of all names that somebody may want

    uint32_t max_head;
    uint32_t head_left;         // bytes that the head, or chunk extensions and trailers, may still take
    uint32_t remaining;         // bytes of the body, or of the open chunk, not read yet
    uint32_t content_length;
    uint16_t max_fields;
    uint16_t fields_left;
    uint16_t name_len;
    uint8_t method_len;
    uint8_t state;
    uint8_t error;              // the first error, given again by every later call
    uint8_t field;              // which framing field is being read, or 0
    uint8_t tag;                // tag of the field being read
    uint8_t flags;
    uint8_t coding;             // what Transfer-Encoding listed
    uint8_t version;            // 10 or 11
    bool keep_all;
};

// Flags of the message, valid from HP_HEAD on.
enum {
    HP_HAS_LENGTH = 1 << 0,     // Content-Length was given
    HP_CLOSE = 1 << 1,          // Connection: close
    HP_KEEP_ALIVE = 1 << 2,     // Connection: keep-alive
    HP_UPGRADE = 1 << 3,        // Connection: upgrade
    HP_EXPECT = 1 << 4,         // Expect: 100-continue
    HP_HAS_HOST = 1 << 5,
    HP_FROM_URI = 1 << 6,       // the target's authority stands for Host
    HP_BROKEN = 1 << 7,         // for the caller: the stream has failed
};

// Sets up r for a buffer of size bytes (HP_REQUEST_SIZE_MIN to HP_SIZE_MAX; HP_BUFFER_PAD more are
// allocated behind it), aligned to a word. max_head bounds the head's bytes, max_fields its field lines.
void hp_request_init(hp_request_t *r, uint8_t *buf, size_t size, uint32_t max_head,
    uint16_t max_fields);

// Forgets everything: for a new connection.
void hp_request_reset(hp_request_t *r);

// Forgets the message and keeps the bytes that follow it. False if its body is still unread.
bool hp_request_next(hp_request_t *r);

// True while no byte of a message has arrived (empty lines before it do not count).
bool hp_request_idle(const hp_request_t *r);

// Where the next read may put bytes and how many (never 0 after HP_MORE). What is in the buffer may move.
uint8_t *hp_request_space(hp_request_t *r, size_t *len);

// n bytes were read into hp_request_space().
static inline void hp_request_received(hp_request_t *r, size_t n) {
    size_t space = (size_t)(r->limit - r->end);
    r->end += n < space ? n : space;
}

// Bytes that wait in the buffer behind what was parsed.
static inline size_t hp_request_buffered(const hp_request_t *r) {
    return (size_t)(r->end - r->pos);
}

// Parses the head as far as the bytes go: HP_MORE, HP_REQUEST_LINE (once), HP_HEAD (once, and
// again when asked again) or an error (again and again).
hp_result_t hp_request_parse(hp_request_t *r);

// The method, hp_request_t.method_len bytes.
static inline const uint8_t *hp_request_method(const hp_request_t *r) {
    return r->tok;
}

// Whether the body is chunked.
static inline bool hp_request_chunked(const hp_request_t *r) {
    return r->coding != 0;
}

// Whether the connection may persist after this message (RFC 9112 section 9.3).
static inline bool hp_request_persistent(const hp_request_t *r) {
    return !(r->flags & HP_CLOSE) && (r->version >= 11 || (r->flags & HP_KEEP_ALIVE));
}

// One kept field. name is NULL unless everything is kept.
typedef struct {
    const uint8_t *name;
    const uint8_t *value;
    size_t name_len;
    size_t value_len;
    unsigned tag;
} hp_field_t;

// Walks the kept fields from the last to the first: *at starts as NULL. False at the end.
bool hp_request_field(const hp_request_t *r, uint8_t **at, hp_field_t *field);

// Copies up to n body bytes from the buffer to dst (NULL discards them) and sets *got.
// HP_MORE: the buffer is used up; HP_DONE: the body is complete; or an error.
hp_result_t hp_request_body(hp_request_t *r, uint8_t *dst, size_t n, size_t *got);

// How many body bytes may be read past the buffer, straight into the application's memory,
// after hp_request_body() gave HP_MORE. Tell the parser with hp_request_bypassed().
size_t hp_request_bypass(const hp_request_t *r);
void hp_request_bypassed(hp_request_t *r, size_t n);

// Body bytes that are not read yet: exact for Content-Length, -1 for an unfinished chunked body.
int32_t hp_request_remaining(const hp_request_t *r);

// Internal, shared by the core's files.

// hp_request_t.tag of a field that is not kept
#define HP_TAG_NONE 255

enum {
    HP_FIELD_NONE,
    HP_FIELD_HOST,
    HP_FIELD_EXPECT,
    HP_FIELD_CONNECTION,
    HP_FIELD_CONTENT_LENGTH,
    HP_FIELD_TRANSFER_ENCODING,
};

enum {
    HP_CODING_LISTED = 1 << 0,      // there is a Transfer-Encoding
    HP_CODING_CHUNKED = 1 << 1,     // its last coding is chunked
    HP_CODING_OTHER = 1 << 2,       // another coding is listed
    HP_CODING_BAD = 1 << 3,         // chunked is not the last one
    HP_CODING_TRAILER = 1 << 4,     // field lines are the trailer's
    HP_CODING_PART = 1 << 5,        // with the former: field lines are a body part's
};

enum {
    HP_TOKEN_NONE,
    HP_TOKEN_CLOSE,                 // in the order of HP_CLOSE and its followers
    HP_TOKEN_KEEP_ALIVE,
    HP_TOKEN_UPGRADE,
    HP_TOKEN_CONTINUE,
    HP_TOKEN_CHUNKED,
    HP_TOKEN_HTTP,
    HP_TOKEN_CONNECT,
    HP_TOKEN_OPTIONS,
};

unsigned hp_token(const uint8_t *p, size_t len);

unsigned hp_framing_field(const uint8_t *name, size_t len);
hp_result_t hp_framing_value(hp_request_t *r, const uint8_t *p, const uint8_t *end);
hp_result_t hp_framing_decide(hp_request_t *r);
bool hp_uri_host(const uint8_t *p, const uint8_t *end);
hp_result_t hp_head_parse(hp_request_t *r);
hp_result_t hp_request_fail(hp_request_t *r, hp_result_t e);

// The states of hp_request_t.state, in the order in which a message passes them.
enum {
    HP_S_START,
    HP_S_START_LF,
    HP_S_METHOD,
    HP_S_TARGET,
    HP_S_VERSION,
    HP_S_REQUEST_LINE_LF,
    HP_S_FIELDS,
    HP_S_FIELD_NAME,
    HP_S_FIELD_OWS,
    HP_S_FIELD_VALUE,
    HP_S_FIELD_LF,
    HP_S_HEAD_LF,
    HP_S_HEAD,
    HP_S_IDENTITY,
    HP_S_CHUNK_SIZE,
    HP_S_CHUNK_SIZE_MORE,
    HP_S_CHUNK_BWS,
    HP_S_CHUNK_EXT,
    HP_S_CHUNK_SIZE_LF,
    HP_S_CHUNK_DATA,
    HP_S_CHUNK_DATA_CR,
    HP_S_CHUNK_DATA_LF,
    HP_S_TRAILER,
    HP_S_DONE,
    HP_S_ERROR,
};

#endif // HTTPPARSE_CORE_HTTPPARSE_H

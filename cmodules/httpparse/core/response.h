// SPDX-License-Identifier: MIT
//
// A response rendered through one buffer: status line and fields (RFC 9112 sections 4 and 5),
// and the body framed by Content-Length, by chunks or by the connection's end (section 6.3).
//
// The caller sends the bytes from hp_response_t.out to end whenever hp_response_pending() says
// so, and tells how many went out by hp_response_sent().
#ifndef HTTPPARSE_CORE_RESPONSE_H
#define HTTPPARSE_CORE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The smallest buffer that serves: an interim response, the longest status line, the reserve.
#define HP_RESPONSE_SIZE_MIN 160

// The longest interim response: that of status 101.
#define HP_INTERIM_MAX 37

// Room that is kept free behind a head whose framing is open: the longest framing fields, the
// empty line, and one chunk's framing with the last chunk behind it.
#define HP_RESPONSE_RESERVE 72

typedef struct hp_response {
    uint8_t *buf;
    uint8_t *limit;
    uint8_t *out;           // the first byte that is not sent yet
    uint8_t *body;          // framing open: where the head ends; chunked: where the chunk begins
    uint8_t *end;
    uint32_t length;        // Content-Length as the application gave it
    uint32_t body_bytes;    // body bytes taken so far
    uint32_t owed;          // announced body bytes that the caller still sends by itself
    uint16_t status;
    uint16_t flags;
    uint8_t version;        // 10 or 11
    uint8_t framing;
    uint16_t moved;         // for the caller, who sets it to 0: bytes that have left since then, or
                            // HP_MOVED_MAX if they are more
} hp_response_t;

#define HP_MOVED_MAX 65535

// hp_response_t.framing
enum {
    HP_FRAMING_OPEN,        // not decided: nothing of this response has been sent
    HP_FRAMING_LENGTH,
    HP_FRAMING_CHUNKED,
    HP_FRAMING_CLOSE,
};

// hp_response_t.flags
enum {
    HP_W_STARTED = 1 << 0,
    HP_W_KEEP_ALIVE = 1 << 1,
    HP_W_NO_BODY = 1 << 2,      // HEAD, 1xx, 204, 205 and 304: the body is counted, not sent
    HP_W_HAS_LENGTH = 1 << 3,   // the application gave Content-Length
    HP_W_SEALED = 1 << 4,       // the buffer waits to be sent as it is
    HP_W_SENT = 1 << 5,         // bytes of this response have left
    HP_W_FINISHED = 1 << 6,
    HP_W_EXCESS = 1 << 7,       // more body bytes than announced were offered
    HP_W_BROKEN = 1 << 8,       // for the caller: the stream has failed
    HP_W_STALLED = 1 << 9,      // for the caller, who sets it: nothing has left since then
};

typedef enum {
    HP_FIELD_OK,
    HP_FIELD_BAD_NAME,
    HP_FIELD_BAD_VALUE,
    HP_FIELD_NO_SPACE,
    HP_FIELD_LATE,          // the head is out already
} hp_field_result_t;

// Writes the reason phrase (RFC 9110 section 15), HP_TEXT_MAX bytes at most, and gives its length.
// It is the class's name for an unknown code.
size_t hp_reason(uint8_t *to, unsigned status);

// Internal: texts, to be read by memcpy() alone.
extern const char hp_text_http[8];
extern const char hp_text_length[17];
extern const char hp_text_chunked[29];
extern const char hp_text_close[20];
extern const char hp_text_keep_alive[25];

// The digits of the largest number.
#define HP_DECIMAL_MAX 10

// Writes n in decimal and returns the end.
uint8_t *hp_decimal(uint8_t *to, uint32_t n);

void hp_response_init(hp_response_t *w, uint8_t *buf, size_t size);

// Whether a buffer of `size` bytes has room for what is buffered and for the framing that follows.
bool hp_response_fits(const hp_response_t *w, size_t size);

// Goes on in another buffer, of `size` bytes, into which hp_response_fits().
void hp_response_move(hp_response_t *w, uint8_t *buf, size_t size);

// Forgets everything: for a new connection.
void hp_response_reset(hp_response_t *w);

// Renders an interim response (RFC 9110 section 15.2), when everything has just been forgotten.
void hp_response_interim(hp_response_t *w, unsigned status);

// Starts a response: version is the one to announce, keep_alive whether the connection may
// persist, head whether the request's method was HEAD.
void hp_response_begin(hp_response_t *w, unsigned status, unsigned version, bool keep_alive, bool head);

// Appends a field. name and value may lie in flash: they are only copied from. Content-Length
// and Connection are understood and rendered with the framing; Transfer-Encoding is refused.
hp_field_result_t hp_response_field(hp_response_t *w, const void *name, size_t name_len,
    const void *value, size_t value_len);

// Where body bytes may be put and how many fit now, 0 when the buffer has to be sent first.
uint8_t *hp_response_space(hp_response_t *w, size_t *len);

// n body bytes were put there.
void hp_response_added(hp_response_t *w, size_t n);

// How many of n body bytes may be sent: fewer when Content-Length announced fewer.
size_t hp_response_allowed(const hp_response_t *w, size_t n);

// True when body bytes may go past the buffer: the framing is decided, nothing is buffered.
bool hp_response_may_direct(const hp_response_t *w);

// Announces n body bytes, as many as are allowed, that the caller sends by itself once nothing is
// pending, and tells hp_response_direct_sent() about each part of them. They may go past the buffer.
void hp_response_direct(hp_response_t *w, size_t n);
void hp_response_direct_sent(hp_response_t *w, size_t n);

// Makes what is in the buffer ready to be sent, deciding the framing.
void hp_response_seal(hp_response_t *w);

// Forgets what is buffered of a response that has been sent in part, which ends the connection.
void hp_response_cut(hp_response_t *w);

// No more body. What is then pending is the response's rest.
void hp_response_finish(hp_response_t *w);

// Bytes to send now, from w->out.
static inline size_t hp_response_pending(const hp_response_t *w) {
    return w->flags & HP_W_SEALED ? (size_t)(w->end - w->out) : 0;
}

// n of them have been sent.
void hp_response_sent(hp_response_t *w, size_t n);

#endif // HTTPPARSE_CORE_RESPONSE_H

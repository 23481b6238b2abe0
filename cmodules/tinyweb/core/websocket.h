// SPDX-License-Identifier: MIT
//
// Frames of the WebSocket protocol (RFC 6455 section 5) as a server receives and sends them.
//
// It knows no socket and takes no memory: the caller reads a frame's head into the place that
// tw_ws_space() names, and the payload to wherever it wants to have it. What comes out does not
// depend on how the input was cut.
#ifndef TINYWEB_CORE_WEBSOCKET_H
#define TINYWEB_CORE_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Section 5.2
enum {
    TW_WS_CONTINUATION = 0,
    TW_WS_TEXT = 1,
    TW_WS_BINARY = 2,
    TW_WS_CLOSE = 8,
    TW_WS_PING = 9,
    TW_WS_PONG = 10,
    TW_WS_FIN = 0x80,
};

// Status codes of section 7.4.1 that are found here
enum {
    TW_WS_PROTOCOL_ERROR = 1002,
    TW_WS_NO_STATUS = 1005,
    TW_WS_BAD_DATA = 1007,
    TW_WS_TOO_BIG = 1009,
};

// What tw_ws_head() returns beside a status code that the connection is to be failed with
enum {
    TW_WS_MORE = 0,
    TW_WS_FRAME = 1,
};

// The longest head that is sent: two bytes and a length of 64 bits.
#define TW_WS_HEAD_MAX 10
// No payload of a frame may be longer than this.
#define TW_WS_LENGTH_MAX 0x7fffffffu

// A text so far: continuation bytes that must follow, and the range of the next one.
typedef struct {
    uint8_t more;
    uint8_t low;
    uint8_t high;
} tw_utf8_t;

typedef struct tw_ws {
    uint32_t left;          // payload bytes of the frame that are still to come
    uint32_t size;          // of the message up to the end of the frame
    uint8_t head[14];
    uint8_t have;           // bytes of the head that have come
    uint8_t opcode;         // of the frame
    uint8_t message;        // opcode of the message under way, 0 if none
    uint8_t phase;          // counts the masked bytes, modulo 4
    bool final;             // the frame is the last one of its message
    bool open;              // the head is complete, the payload is not
    tw_utf8_t utf8;
    uint8_t key[4];
} tw_ws_t;

// Goes on to check a text (RFC 3629 section 4). False at the first byte that no text can have
// there: nothing that follows can make it one. At the text's end, s->more must be 0.
bool tw_utf8(tw_utf8_t *s, const uint8_t *p, size_t n);

// Masks or unmasks p[0..n), of which the first byte is number phase of the payload
// (section 5.3).
void tw_ws_mask(uint8_t *p, size_t n, const uint8_t key[4], unsigned phase);

// The lengths of Sec-WebSocket-Key and of Sec-WebSocket-Accept.
#define TW_WS_KEY_LEN 24
#define TW_WS_ACCEPT_LEN 28

// Whether it is 16 bytes in base64 (section 4.2.1, item 5).
bool tw_ws_is_key(const uint8_t key[TW_WS_KEY_LEN]);

// The proof that the server has understood the handshake (section 4.2.2, item 5.4).
void tw_ws_accept(uint8_t accept[TW_WS_ACCEPT_LEN], const uint8_t key[TW_WS_KEY_LEN]);

void tw_ws_init(tw_ws_t *w);

// Where the next bytes of a head belong, and how many may be read: never any of the payload.
uint8_t *tw_ws_space(tw_ws_t *w, size_t *n);

// n of them have come, at least one. TW_WS_FRAME when the head is complete: then come w->left
// bytes of payload, perhaps none. max_size: largest message.
unsigned tw_ws_head(tw_ws_t *w, size_t n, uint32_t max_size);

// p[0..n) is the next part of the payload: unmasks it in place. False if it is no text.
bool tw_ws_payload(tw_ws_t *w, uint8_t *p, size_t n);

// The frame, which is no control frame, has no bytes left: whether it ends a text within a
// character.
static inline bool tw_ws_cuts_character(const tw_ws_t *w) {
    return w->final && w->message == TW_WS_TEXT && w->utf8.more != 0;
}

// The frame has no bytes left: go on to the next. True if it was the last one of a message.
bool tw_ws_next(tw_ws_t *w);

static inline bool tw_ws_is_control(const tw_ws_t *w) {
    return w->opcode >= TW_WS_CLOSE;
}

// The payload of a Close frame (sections 5.5.1 and 7.4): true and the code that it names, or
// false and the one to fail the connection with.
bool tw_ws_close_code(const uint8_t *p, size_t n, unsigned *code);

// Renders the head of a frame to send; returns its length. first: opcode and TW_WS_FIN.
size_t tw_ws_render(uint8_t head[TW_WS_HEAD_MAX], unsigned first, size_t length);

#endif // TINYWEB_CORE_WEBSOCKET_H

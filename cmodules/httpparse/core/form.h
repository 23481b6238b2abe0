// SPDX-License-Identifier: MIT
//
// application/x-www-form-urlencoded (WHATWG URL section 5.1) as a stream: pair by pair through one
// buffer, so that a form may be larger than the memory.
//
// The caller owns the buffer, reads into the space that hp_form_space() names, and calls
// hp_form_parse() until it answers HP_MORE. The result does not depend on how the input was cut
// into reads.
#ifndef HTTPPARSE_CORE_FORM_H
#define HTTPPARSE_CORE_FORM_H

#include "params.h"

// The smallest buffer.
#define HP_FORM_SIZE_MIN 16

typedef struct hp_form {
    uint8_t *buf;
    uint8_t *limit;
    uint8_t *tok;           // the name that is being read, or is complete
    uint8_t *val;           // the value that is being read
    uint8_t *pos;
    uint8_t *end;
    size_t name_len;
    hp_pair_t pair;         // decoded, valid from HP_PAIR to the next call
    uint16_t pairs_left;
    uint8_t state;
    uint8_t error;
    bool slices;
    bool more;              // with HP_PAIR: the value goes on in the next pair, of the same name
    bool ended;
} hp_form_t;

// Sets up f for a buffer of size bytes (at least HP_FORM_SIZE_MIN). max_pairs bounds the pairs. A
// pair that does not fit the buffer is handed out in slices of its value, or else is an error.
void hp_form_init(hp_form_t *f, uint8_t *buf, size_t size, uint16_t max_pairs, bool slices);

// Where the next read may put bytes and how many (never 0 after HP_MORE).
uint8_t *hp_form_space(hp_form_t *f, size_t *len);

// n bytes were read into hp_form_space(); 0 is the input's end.
void hp_form_received(hp_form_t *f, size_t n);

// Parses on: HP_MORE, HP_PAIR, HP_DONE, or an error (again and again): HP_CONTENT_TOO_LARGE,
// HP_TOO_MANY_PARTS.
hp_result_t hp_form_parse(hp_form_t *f);

// Internal: the states of hp_form_t.state.
enum {
    HP_F_NAME,
    HP_F_VALUE,
    HP_F_ERROR,
};

#endif // HTTPPARSE_CORE_FORM_H

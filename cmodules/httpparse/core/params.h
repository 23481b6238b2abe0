// SPDX-License-Identifier: MIT
//
// What field values consist of: parameters (RFC 9110 section 5.6.6, RFC 6266, RFC 8187) and
// cookie pairs (RFC 6265).
#ifndef HTTPPARSE_CORE_PARAMS_H
#define HTTPPARSE_CORE_PARAMS_H

#include "httpparse.h"

typedef struct {
    uint8_t *name;
    size_t name_len;
    uint8_t *value;
    size_t value_len;
} hp_pair_t;

// The value that parameters follow (a media type, a disposition type): p[0..result). The
// result is 0 if there is none.
size_t hp_params_value(const uint8_t *p, const uint8_t *end);

// The next parameter from *at on, its value without quotes and quoted-pairs: these are resolved
// in place. HP_PAIR; HP_DONE at the end; HP_BAD_PARAMETER.
hp_result_t hp_params_next(uint8_t **at, uint8_t *end, hp_pair_t *pair);

// Decodes an ext-value (RFC 8187 section 3.2) in place, which pair->value becomes. HP_PAIR;
// HP_MORE if its charset is not UTF-8; HP_BAD_PARAMETER, also for control characters.
hp_result_t hp_ext_value(hp_pair_t *pair);

// The next cookie from *at on in the value of Cookie (RFC 6265 section 4.2.1): HP_PAIR or
// HP_DONE. What is no pair, or has a name that is no token, is left out; quotes around a value
// are part of it.
hp_result_t hp_cookies_next(uint8_t **at, uint8_t *end, hp_pair_t *pair);

#endif // HTTPPARSE_CORE_PARAMS_H

// SPDX-License-Identifier: MIT
//
// Percent-encoding (RFC 3986 section 2.1) and what surrounds it in forms
// (application/x-www-form-urlencoded, WHATWG URL section 5).
#ifndef HTTPPARSE_CORE_URLENCODED_H
#define HTTPPARSE_CORE_URLENCODED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The value of a HEXDIG, or -1.
int hp_hexdig(uint8_t c);

// Decodes p[0..n) in place and gives the new length, n at most. A '%' that two HEXDIG do not
// follow stays. plus: '+' stands for a space.
size_t hp_unquote(uint8_t *p, size_t n, bool plus);

// How many bytes of p[0..n) are no part of a well-formed UTF-8 sequence (Unicode, table 3-7).
size_t hp_utf8_bad(const uint8_t *p, size_t n);

// Copies p[0..n) to dst with U+FFFD for each such byte: n + 2 * hp_utf8_bad(p, n) bytes.
void hp_utf8_repair(uint8_t *dst, const uint8_t *p, size_t n);

#endif // HTTPPARSE_CORE_URLENCODED_H

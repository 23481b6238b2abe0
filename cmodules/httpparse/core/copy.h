// SPDX-License-Identifier: MIT
//
// Copies of bytes. The ESP8266's C library is in its ROM or in its other RAM, farther away than a call
// reaches (micropython.mk): here the core has its own.
#ifndef HTTPPARSE_CORE_COPY_H
#define HTTPPARSE_CORE_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Copies n bytes, which may lie in flash and not in what is written, and returns the end of the copy.
uint8_t *hp_copy(uint8_t *to, const void *from, size_t n);

#if defined(__XTENSA_CALL0_ABI__)
#define hp_move_down(dst, src, n) ((void)hp_copy(dst, src, n))
void hp_move_up(uint8_t *to, const uint8_t *from, size_t n);
#else
// memmove() where dst <= src, or where the two do not overlap
#define hp_move_down(dst, src, n) ((void)memmove(dst, src, n))
// The same where src <= dst
#define hp_move_up(dst, src, n) ((void)memmove(dst, src, n))
#endif

#endif // HTTPPARSE_CORE_COPY_H

// SPDX-License-Identifier: MIT
// Compiler and platform description for lwIP.

#ifndef INCLUDED_LWIP_ARCH_CC_H
#define INCLUDED_LWIP_ARCH_CC_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>    // BYTE_ORDER

// The C library's tables of character classes are not linked.
#define LWIP_NO_CTYPE_H (1)

uint32_t board_random(void);
#define LWIP_RAND() board_random()

void lwip_platform_assert(const char *message);
#define LWIP_PLATFORM_DIAG(x) do { } while (0)
#define LWIP_PLATFORM_ASSERT(message) lwip_platform_assert(message)

#endif // INCLUDED_LWIP_ARCH_CC_H

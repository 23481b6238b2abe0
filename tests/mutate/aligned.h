// SPDX-License-Identifier: MIT
//
// What is assumed to be aligned is looked at: a sanitizer does not do that.
#ifndef TINYWEB_MUTATE_ALIGNED_H
#define TINYWEB_MUTATE_ALIGNED_H

#include <stdint.h>

static inline void *tw_aligned(const void *p) {
    if (((uintptr_t)p & 3) != 0) {
        __builtin_trap();
    }
    return (void *)p;
}

#define __builtin_assume_aligned(p, n) tw_aligned(p)

#endif // TINYWEB_MUTATE_ALIGNED_H

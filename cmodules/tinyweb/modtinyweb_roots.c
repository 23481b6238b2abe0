// SPDX-License-Identifier: MIT
//
// What the garbage collector has to find on the stack of the lx106.

#include "py/gc.h"
#include "py/mpstate.h"

#if defined(__XTENSA_CALL0_ABI__)

void __real_gc_collect_root(void **ptrs, size_t len);
void __wrap_gc_collect_root(void **ptrs, size_t len);

// The linker puts this in the place of gc_collect_root(), which sees an object only by a pointer to
// its beginning. On this CPU a byte is loaded by way of its address, and where only one byte of an
// object is still needed, GCC 13 keeps the address of that byte over a call and nothing else:
// mp_make_function_from_proto_fun() does, and what is compiled when memory is collected just then
// becomes a generator that does nothing. So a pointer into an object's first block keeps it, too.
void __wrap_gc_collect_root(void **ptrs, size_t len) {
    __real_gc_collect_root(ptrs, len);
    const uintptr_t begin = (uintptr_t)MP_STATE_MEM(area).gc_pool_start;
    const uintptr_t end = (uintptr_t)MP_STATE_MEM(area).gc_pool_end;
    for (size_t i = 0; i < len; ++i) {
        const uintptr_t inside = (uintptr_t)ptrs[i];
        if (inside > begin && inside < end && inside % MICROPY_BYTES_PER_GC_BLOCK != 0) {
            void *block = (void *)(inside - inside % MICROPY_BYTES_PER_GC_BLOCK);
            __real_gc_collect_root(&block, 1);
        }
    }
}

#endif

// SPDX-License-Identifier: MIT
//
// What is left of the heap. gc.mem_free() says how much in all, not in how large a piece.

#include "py/gc.h"
#include "py/mpconfig.h"
#include "py/runtime.h"

#include "modtinyweb.h"

// heap(): (bytes that are free, bytes of the largest piece of them), without a collection
static mp_obj_t memory_heap(void) {
    gc_info_t info;
    gc_info(&info);
    size_t largest = info.max_free * MICROPY_BYTES_PER_GC_BLOCK;
    #if MICROPY_GC_SPLIT_HEAP_AUTO
    info.free += info.max_new_split;
    largest = MAX(largest, info.max_new_split);
    #endif
    mp_obj_t items[] = { mp_obj_new_int_from_uint(info.free), mp_obj_new_int_from_uint(largest) };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
MP_DEFINE_CONST_FUN_OBJ_0(tinyweb_heap_obj, memory_heap);

// SPDX-License-Identifier: MIT
//
// Linked into a simulator with the sanitizer of addresses, it tells the sanitizer what lies in the
// collector's heap: of each object the bytes that were asked for, and nothing else. Behind each one is
// a red zone of at least a block that cannot be read, and nor can what is freed or was collected. For
// the red zones, the heap is three times as large as the program asked for. The linker's --wrap puts
// these functions before those of py/gc.c, which itself is not instrumented: it reads all of the heap.
//
// It also lets allocations fail: the program finds the address of `heap_fails_in` by asking for the
// variable HEAP_FAILS_IN of the environment, and writes there how many more allocations succeed, and 1.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sanitizer/asan_interface.h>

#define BLOCK (4 * sizeof(void *))
#define RED_ZONE BLOCK
// An object of one block, the smallest, takes two; what is searched for in the heap finds gaps.
#define LARGER 3

void __real_gc_init(void *start, void *end);
void __wrap_gc_init(void *start, void *end);
void *__real_gc_alloc(size_t n_bytes, unsigned int flags);
void *__wrap_gc_alloc(size_t n_bytes, unsigned int flags);
void __real_gc_free(void *ptr);
void __wrap_gc_free(void *ptr);
void *__real_gc_realloc(void *ptr, size_t n_bytes, bool allow_move);
void *__wrap_gc_realloc(void *ptr, size_t n_bytes, bool allow_move);
void __real_gc_collect_end(void);
void __wrap_gc_collect_end(void);
void __real_gc_sweep_all(void);
void __wrap_gc_sweep_all(void);
char *__real_getenv(const char *name);
char *__wrap_getenv(const char *name);
size_t gc_nbytes(const void *ptr);
void *heap_memset(void *to, int c, size_t n);
void *heap_memcpy(void *to, const void *from, size_t n);

const char *__asan_default_options(void);

#define NOT_CHECKED __attribute__((no_sanitize("address", "undefined"), optimize("no-tree-loop-distribute-patterns")))

static void *memory;            // which the heap is in
static unsigned char *heap;     // its first block, or less
static size_t blocks;
static uint32_t *sizes;         // for each block at which something begins: the bytes asked for, and 1

volatile uint32_t heap_fails_in;

// What py/gc.c uses: the sanitizer looks at what the ordinary functions touch.
NOT_CHECKED void *heap_memset(void *to, int c, size_t n) {
    unsigned char *p = to;
    while (n-- != 0) {
        *p++ = (unsigned char)c;
    }
    return to;
}

NOT_CHECKED void *heap_memcpy(void *to, const void *from, size_t n) {
    unsigned char *p = to;
    const unsigned char *q = from;
    while (n-- != 0) {
        *p++ = *q++;
    }
    return to;
}

// What is alive at the end is no leak: the port ends the process with it. MicroPython measures its
// stack by the address of a variable, which has to be on the stack: GCC 13 puts it elsewhere.
const char *__asan_default_options(void) {
    return "detect_leaks=0:detect_stack_use_after_return=0";
}

static uint32_t *size_of(const void *ptr) {
    return &sizes[(size_t)((const unsigned char *)ptr - heap) / BLOCK];
}

// What an object takes, with its red zone.
static size_t whole(size_t n_bytes) {
    return (n_bytes + RED_ZONE + BLOCK - 1) / BLOCK * BLOCK;
}

static bool fails(void) {
    return heap_fails_in != 0 && --heap_fails_in == 0;
}

static void *taken(void *ptr, size_t n_bytes) {
    if (ptr != NULL) {
        *size_of(ptr) = (uint32_t)n_bytes + 1;
        ASAN_UNPOISON_MEMORY_REGION(ptr, n_bytes);
        ASAN_POISON_MEMORY_REGION((unsigned char *)ptr + n_bytes, whole(n_bytes) - n_bytes);
    }
    return ptr;
}

static void given(void *ptr) {
    ASAN_POISON_MEMORY_REGION(ptr, whole(*size_of(ptr) - 1));
    *size_of(ptr) = 0;
}

void __wrap_gc_init(void *start, void *end) {
    size_t size = LARGER * (size_t)((unsigned char *)end - (unsigned char *)start);
    free(memory);
    memory = malloc(size);
    start = memory;
    end = (unsigned char *)memory + size;
    __real_gc_init(start, end);
    heap = (unsigned char *)((uintptr_t)start & ~(uintptr_t)(BLOCK - 1));
    blocks = (size_t)((unsigned char *)end - heap) / BLOCK + 1;
    free(sizes);
    sizes = calloc(blocks, sizeof(*sizes));
    ASAN_POISON_MEMORY_REGION(start, size);
}

void *__wrap_gc_alloc(size_t n_bytes, unsigned int flags) {
    if (n_bytes == 0 || n_bytes > INT32_MAX || fails()) {
        return NULL;
    }
    return taken(__real_gc_alloc(n_bytes + RED_ZONE, flags), n_bytes);
}

void __wrap_gc_free(void *ptr) {
    __real_gc_free(ptr);
    if (ptr != NULL && gc_nbytes(ptr) == 0) {
        given(ptr);
    }
}

void *__wrap_gc_realloc(void *ptr, size_t n_bytes, bool allow_move) {
    if (ptr == NULL) {
        return __wrap_gc_alloc(n_bytes, 0);
    }
    if (n_bytes == 0) {
        __wrap_gc_free(ptr);
        return NULL;
    }
    size_t old = *size_of(ptr) - 1;
    if (n_bytes > INT32_MAX || (n_bytes > old && fails())) {
        return NULL;
    }
    void *moved = __real_gc_realloc(ptr, n_bytes + RED_ZONE, allow_move);
    if (moved != NULL) {
        given(ptr);
        taken(moved, n_bytes);
    }
    return moved;
}

// Finds what a collection has freed.
static void forget(void) {
    for (size_t i = 0; i < blocks; ++i) {
        if (sizes[i] != 0 && gc_nbytes(heap + i * BLOCK) == 0) {
            given(heap + i * BLOCK);
        }
    }
}

void __wrap_gc_collect_end(void) {
    __real_gc_collect_end();
    forget();
}

void __wrap_gc_sweep_all(void) {
    __real_gc_sweep_all();
    forget();
}

char *__wrap_getenv(const char *name) {
    static char address[24];
    if (strcmp(name, "HEAP_FAILS_IN") != 0) {
        return __real_getenv(name);
    }
    snprintf(address, sizeof(address), "%lu", (unsigned long)(uintptr_t)&heap_fails_in);
    return address;
}

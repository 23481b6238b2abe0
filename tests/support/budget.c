// SPDX-License-Identifier: MIT
//
// Loaded before the C library, it gives calloc(), from which mbedTLS takes all its memory, no more
// than the test says through a file that both have mapped; see tests/support/budget.py.

#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

typedef struct {
    volatile int32_t limit;     // bytes; 0 is no limit
    volatile int32_t used;
    volatile int32_t peak;
    volatile int32_t failed;    // allocations that found no memory
} budget_t;

#define BLOCKS 8192

static budget_t *budget;
static void *blocks[BLOCKS];

void *__libc_calloc(size_t n, size_t size);
void __libc_free(void *block);

__attribute__((constructor)) static void map_budget(void) {
    const char *path = getenv("BUDGET");
    int fd = path == NULL ? -1 : open(path, O_RDWR);
    if (fd < 0) {
        abort();
    }
    budget = mmap(NULL, sizeof(budget_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (budget == MAP_FAILED) {
        abort();
    }
}

void *calloc(size_t n, size_t size) {
    if (budget == NULL) {
        return __libc_calloc(n, size);
    }
    if (budget->limit != 0 && budget->used + (int64_t)(n * size) > budget->limit) {
        ++budget->failed;
        return NULL;
    }
    void *block = __libc_calloc(n, size);
    for (size_t i = 0; block != NULL && i < BLOCKS; ++i) {
        if (blocks[i] == NULL) {
            blocks[i] = block;
            budget->used += (int32_t)malloc_usable_size(block);
            budget->peak = budget->used > budget->peak ? budget->used : budget->peak;
            return block;
        }
    }
    abort();
}

void free(void *block) {
    for (size_t i = 0; budget != NULL && block != NULL && i < BLOCKS; ++i) {
        if (blocks[i] == block) {
            blocks[i] = NULL;
            budget->used -= (int32_t)malloc_usable_size(block);
            break;
        }
    }
    __libc_free(block);
}

// SPDX-License-Identifier: MIT
//
// Linked into a simulator, it makes allocations fail when the test says so through a file that
// both have mapped; see tests/support/faults.py. The linker's --wrap puts it before the collector.

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

typedef struct {
    volatile int32_t skip;      // allocations that still succeed
    volatile int32_t fail;      // allocations that fail after these
    volatile int32_t failed;    // how many did
} control_t;

// Where no file is named: for what is linked in too, by the functions below.
static control_t own;
static control_t *control = &own;

void faults_plan(int skip, int fail);
int faults_failed(void);

__attribute__((constructor)) static void map_control(void) {
    const char *path = getenv("FAULTS");
    if (path == NULL) {
        return;
    }
    int fd = open(path, O_RDWR);
    if (fd < 0) {
        abort();
    }
    control = mmap(NULL, sizeof(control_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (control == MAP_FAILED) {
        abort();
    }
}

// From now, `skip` allocations succeed and the next `fail` do not.
void faults_plan(int skip, int fail) {
    control->fail = 0;
    control->skip = skip;
    control->fail = fail;
}

// How many allocations have failed.
int faults_failed(void) {
    return control->failed;
}

static bool fails(void) {
    if (control->fail == 0) {
        return false;
    }
    if (control->skip > 0) {
        --control->skip;
        return false;
    }
    --control->fail;
    ++control->failed;
    return true;
}

void *__real_gc_alloc(size_t n_bytes, unsigned int flags);
void *__real_gc_realloc(void *ptr, size_t n_bytes, bool allow_move);
void __real_gc_free(void *ptr);

// What is freed as soon as it was allocated leaves room for the allocations that follow.
static void *latest;
static size_t latest_size;
static size_t reserved;

void *__wrap_gc_alloc(size_t n_bytes, unsigned int flags) {
    size_t block = 4 * sizeof(void *);
    size_t size = (n_bytes + block - 1) / block * block;
    bool fits = size <= reserved;
    reserved = fits ? reserved - size : 0;
    latest = !fits && fails() ? NULL : __real_gc_alloc(n_bytes, flags);
    latest_size = size;
    return latest;
}

void __wrap_gc_free(void *ptr) {
    if (ptr != NULL && ptr == latest) {
        reserved = latest_size;
    }
    latest = NULL;
    __real_gc_free(ptr);
}

void *__wrap_gc_realloc(void *ptr, size_t n_bytes, bool allow_move) {
    return fails() ? NULL : __real_gc_realloc(ptr, n_bytes, allow_move);
}

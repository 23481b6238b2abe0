// SPDX-License-Identifier: MIT
//
// Linked into a simulator, it writes down which instructions in the program's image are executed, and
// which two come behind each: into the file that COVERAGE_TRACE names, with the image's size behind it, which
// all processes share. An instruction is found there by its distance from the image's begin.

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    int16_t executed;
    int16_t next[2];            // distances, 0 if there is none
} step_t;

extern const uint8_t __executable_start, end;
const uint8_t *coverage_step(const uint8_t *previous, const uint8_t *ip);

static step_t *steps;

__attribute__((constructor)) static void open_trace(void) {
    const char *prefix = getenv("COVERAGE_TRACE");
    char name[4096];
    size_t size = (size_t)(&end - &__executable_start) * sizeof(step_t);
    if (prefix == NULL) {
        return;
    }
    snprintf(name, sizeof(name), "%s%u", prefix, (unsigned)(size / sizeof(step_t)));
    int file = open(name, O_RDWR | O_CREAT, 0666);
    if (file < 0 || ftruncate(file, (off_t)size) != 0) {
        return;
    }
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    steps = map == MAP_FAILED ? NULL : map;
}

const uint8_t *coverage_step(const uint8_t *previous, const uint8_t *ip) {
    if (steps == NULL || ip < &__executable_start || ip >= &end) {
        return NULL;
    }
    steps[ip - &__executable_start].executed = 1;
    if (previous != NULL) {
        step_t *step = &steps[previous - &__executable_start];
        int16_t distance = (int16_t)(ip - previous);
        if (step->next[0] == 0) {
            step->next[0] = distance;
        } else if (step->next[0] != distance) {
            step->next[1] = distance;
        }
    }
    return ip;
}

// SPDX-License-Identifier: MIT
//
// Linked into an image that was built with COVERAGE=1, it tells this computer which instructions of frozen
// modules are executed, and which come behind each: by QEMU's semihosting, in the file COVERAGE_FILE, which all
// boards add to. tests/support/coverage.py reads it.

#include <stddef.h>
#include <stdint.h>

#include "lx60.h"

// Of the system calls that QEMU has for Xtensa's simulator (target/xtensa/xtensa-semi.c). Flags of
// open() are those of Linux: to write, to append, to make the file.
#define SYS_WRITE       (4)
#define SYS_OPEN        (5)
#define OPEN_FLAGS      (0x1 | 0x400 | 0x40)
#define OPEN_MODE       (0666)

// As read by tests/support/coverage.py: the instruction behind this one, or its own address for
// one that was executed.
typedef struct {
    uint32_t address;
    uint32_t next;
} record_t;

// For each byte of the image: whether an instruction there was executed, and the distances to two that came
// behind it.
typedef struct {
    int16_t executed;
    int16_t next[2];
} step_t;

// Where code and constants are: lx106.ld.
#define IMAGE           ((const uint8_t *)0x40200000)
#define IMAGE_SIZE      (0x100000)

// RAM that only a larger heap than the chip's takes. It is zero when the board starts, and keeps its
// content over a reset, as the file does.
static step_t *const steps = (step_t *)LX60_LARGE_HEAP_BASE;

const uint8_t *coverage_step(const uint8_t *previous, const uint8_t *ip);

static int simcall(int number, uintptr_t first, uintptr_t second, uintptr_t third) {
    register int a2 __asm__ ("a2") = number;
    register uintptr_t a3 __asm__ ("a3") = first;
    register uintptr_t a4 __asm__ ("a4") = second;
    register uintptr_t a5 __asm__ ("a5") = third;
    __asm__ volatile ("simcall" : "+r" (a2), "+r" (a3) : "r" (a4), "r" (a5) : "memory");
    return a2;
}

static void tell(const uint8_t *address, const uint8_t *next) {
    // Opened at each start of the program
    static int file = -1;
    if (file < 0) {
        file = simcall(SYS_OPEN, (uintptr_t)COVERAGE_FILE, OPEN_FLAGS, OPEN_MODE);
    }
    record_t record = {(uintptr_t)address, (uintptr_t)next};
    simcall(SYS_WRITE, (uintptr_t)file, (uintptr_t)&record, sizeof(record));
}

const uint8_t *coverage_step(const uint8_t *previous, const uint8_t *ip) {
    if (ip < IMAGE || ip >= IMAGE + IMAGE_SIZE) {
        return NULL;
    }
    step_t *step = &steps[ip - IMAGE];
    if (!step->executed) {
        step->executed = 1;
        tell(ip, ip);
    }
    if (previous != NULL) {
        int16_t distance = (int16_t)(ip - previous);
        step = &steps[previous - IMAGE];
        int i = step->next[0] == 0 || step->next[0] == distance ? 0 : 1;
        if (step->next[i] == 0) {
            step->next[i] = distance;
            tell(previous, ip);
        }
    }
    return ip;
}

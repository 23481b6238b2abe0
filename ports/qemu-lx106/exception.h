// SPDX-License-Identifier: MIT
// Exceptions and interrupts of the lx106 core.

#ifndef INCLUDED_EXCEPTION_H
#define INCLUDED_EXCEPTION_H

#include <stdint.h>

// Registers at the time of an exception; startup.S fills it.
typedef struct _exception_frame_t {
    uint32_t a[16];
    uint32_t ps;
    uint32_t sar;
    uint32_t epc1;
    uint32_t exccause;
    uint32_t excvaddr;
} exception_frame_t;

// Called by startup.S for every exception, with further interrupts masked.
void exception_dispatch(exception_frame_t *frame);

// Lets the interrupt with the given number (LX60_IRQ_xxx) through.
void interrupt_enable(unsigned int number);

// Masks all interrupts and returns what interrupt_restore needs.
__attribute__((always_inline)) static inline uint32_t interrupt_mask(void) {
    uint32_t state;
    __asm__ volatile ("rsil %0, 15" : "=a" (state) : : "memory");
    return state;
}

__attribute__((always_inline)) static inline void interrupt_restore(uint32_t state) {
    __asm__ volatile ("wsr %0, ps; rsync" : : "a" (state) : "memory");
}

// Unmasks interrupts and stops the core until one has been served. To be called
// with interrupts masked, so that none can slip in before the core stops. Its address is
// where the board waits, for who counts from outside what it does; see bench/emulated.py.
void interrupt_wait(void);

#endif // INCLUDED_EXCEPTION_H

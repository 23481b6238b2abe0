// SPDX-License-Identifier: MIT
// Time since boot, from the cycle counter, and the wake-ups that the main loop
// asks for.

#ifndef INCLUDED_CLOCK_H
#define INCLUDED_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

// The longest time without a timer interrupt. lwIP's shortest timer has a
// period of 250 ms.
#define CLOCK_TICK_MS (50)

void clock_init(void);
void clock_interrupt(void);

// Cycles, microseconds and milliseconds since boot. The first two wrap around
// at 2^32; the counter runs at clock_frequency().
uint32_t clock_cycles(void);
uint32_t clock_us(void);
uint32_t clock_ms(void);

// Microseconds since boot, which do not wrap around.
uint64_t clock_us64(void);

// CPU clock in Hz.
uint32_t clock_frequency(void);

// Makes a timer interrupt happen at most ms milliseconds from now. Interrupts
// are masked by the caller.
void clock_wake_within(uint32_t ms);

#endif // INCLUDED_CLOCK_H

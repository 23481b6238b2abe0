// SPDX-License-Identifier: MIT

#include "clock.h"
#include "event.h"
#include "exception.h"
#include "lx60.h"

// QEMU's lx60 runs CCOUNT at 40 MHz of host time. With -icount it advances by
// 40.96 per instruction instead.
#define CYCLES_PER_US (40)
#define CYCLES_PER_MS (CYCLES_PER_US * 1000)

static struct {
    uint32_t cycles;        // CCOUNT of the last update
    uint32_t cycle_rest;    // cycles of the unfinished microsecond
    uint64_t us;
    uint32_t us_rest;       // microseconds of the unfinished millisecond
    uint32_t ms;
    uint32_t compare;       // CCOMPARE0
} clock;

uint32_t clock_cycles(void) {
    uint32_t cycles;
    __asm__ volatile ("rsr %0, ccount" : "=a" (cycles));
    return cycles;
}

uint32_t clock_frequency(void) {
    return LX60_FREQUENCY;
}

// Divisions of small numbers by constants: the core has no divider, and the
// time is asked for often. Multiplying by 52429/2^18 is exact below 2^16.
static uint32_t divide_by_40(uint32_t n) {
    if (n < 8 * 65536) {
        return ((n / 8) * 52429) >> 18;
    }
    return n / 40;
}

// To be called with interrupts masked, and at least once in 100 seconds, which
// the timer interrupt sees to.
static void update(void) {
    uint32_t now = clock_cycles();
    uint32_t elapsed = now - clock.cycles + clock.cycle_rest;
    uint32_t us = divide_by_40(elapsed);
    clock.cycles = now;
    clock.cycle_rest = elapsed - us * CYCLES_PER_US;
    clock.us += us;
    us += clock.us_rest;
    if (us >= 1000) {
        uint32_t ms = us < 8000 ? 0 : us / 1000;
        us -= ms * 1000;
        while (us >= 1000) {
            us -= 1000;
            ++ms;
        }
        clock.ms += ms;
    }
    clock.us_rest = us;
}

// Arms the timer a number of cycles from now. When the host stops the guest for
// longer than that between reading the counter and writing the comparator, the
// match would come a whole turn of the counter later, so check and try again.
static void arm(uint32_t cycles) {
    do {
        clock.compare = clock_cycles() + cycles;
        __asm__ volatile ("wsr %0, ccompare0; esync" : : "a" (clock.compare));
    } while ((int32_t)(clock.compare - clock_cycles()) <= 0);
}

void clock_init(void) {
    clock.cycles = clock_cycles();
    arm(CLOCK_TICK_MS * CYCLES_PER_MS);
    interrupt_enable(LX60_IRQ_TIMER);
}

void clock_interrupt(void) {
    update();
    arm(CLOCK_TICK_MS * CYCLES_PER_MS);
    event_signal(EVENT_TIMER);
}

uint32_t clock_us(void) {
    return (uint32_t)clock_us64();
}

uint64_t clock_us64(void) {
    uint32_t state = interrupt_mask();
    update();
    uint64_t us = clock.us;
    interrupt_restore(state);
    return us;
}

uint32_t clock_ms(void) {
    uint32_t state = interrupt_mask();
    update();
    uint32_t ms = clock.ms;
    interrupt_restore(state);
    return ms;
}

void clock_wake_within(uint32_t ms) {
    if (ms >= CLOCK_TICK_MS) {
        return;
    }
    uint32_t cycles = ms == 0 ? CYCLES_PER_MS / 10 : ms * CYCLES_PER_MS;
    if ((int32_t)(clock.compare - clock_cycles()) > (int32_t)cycles) {
        arm(cycles);
    }
}

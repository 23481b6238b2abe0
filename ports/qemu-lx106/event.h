// SPDX-License-Identifier: MIT
// Events that interrupt handlers raise and the main program serves, between
// bytecodes or while it waits.

#ifndef INCLUDED_EVENT_H
#define INCLUDED_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define EVENT_TIMER     (1u << 0)   // lwIP's and machine.Timer's deadlines
#define EVENT_ETHERNET  (1u << 1)   // frames are waiting
#define EVENT_INPUT     (1u << 2)   // a character came in; ends a wait

// Set by interrupt handlers, read by everybody.
extern volatile uint32_t event_pending;

// Whether event_wait() lets the CPU run on instead of sleeping.
extern volatile bool event_sleepless;

// To be called by interrupt handlers, or with interrupts masked.
void event_signal(uint32_t events);

// Serves what is pending. Never called from an interrupt handler, so lwIP needs
// no locks.
void event_serve(void);

// Waits for an event or for timeout_ms milliseconds, whichever is first;
// UINT32_MAX means without a limit. May return early.
void event_wait(uint32_t timeout_ms);

static inline void event_poll(void) {
    if (event_pending & (EVENT_TIMER | EVENT_ETHERNET)) {
        event_serve();
    }
}

#endif // INCLUDED_EVENT_H

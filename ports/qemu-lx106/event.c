// SPDX-License-Identifier: MIT

#include "py/mphal.h"
#include "py/mpstate.h"
#include "shared/runtime/softtimer.h"

#include "clock.h"
#include "event.h"
#include "exception.h"
#include "netif.h"

volatile uint32_t event_pending;

// Cycles that were spent at work until the last wait began: with -icount, instructions, if the CPU does
// not sleep meanwhile (QEMU's clock catches up some time later). Whoever counts reads this from outside,
// in the board's memory; see bench/emulated.py.
uint64_t event_busy_cycles;
volatile bool event_sleepless;
static uint32_t awake_since;

// Something has been served since the last wait. Whoever waits has not seen yet
// what came of it (data in a socket, say), so the next wait must not block.
static bool served;

static struct {
    bool active;
    uint32_t deadline_ms;
} soft_timer;

void event_signal(uint32_t events) {
    event_pending |= events;
}

// -----------------------------------------------------------------------------
// Clock of shared/runtime/softtimer.c, which keeps the list of machine.Timer
// objects.

uint32_t soft_timer_get_ms(void) {
    return clock_ms();
}

void soft_timer_schedule_at_ms(uint32_t ticks_ms) {
    uint32_t state = interrupt_mask();
    soft_timer.active = true;
    soft_timer.deadline_ms = ticks_ms;
    int32_t wait = soft_timer_ticks_diff(ticks_ms, clock_ms());
    clock_wake_within(wait > 0 ? (uint32_t)wait : 0);
    interrupt_restore(state);
}

static void soft_timer_serve(void) {
    if (!soft_timer.active) {
        return;
    }
    if (soft_timer_ticks_diff(soft_timer.deadline_ms, clock_ms()) <= 0) {
        soft_timer.active = false;
        soft_timer_handler();
    } else {
        soft_timer_schedule_at_ms(soft_timer.deadline_ms);
    }
}

// -----------------------------------------------------------------------------

void event_serve(void) {
    uint32_t state = interrupt_mask();
    uint32_t events = event_pending;
    event_pending &= ~(EVENT_TIMER | EVENT_ETHERNET);
    interrupt_restore(state);
    served = true;
    if (events & EVENT_ETHERNET) {
        netif_serve_frames();
    }
    if (events & EVENT_TIMER) {
        netif_serve_timers();
        soft_timer_serve();
    }
}

void event_wait(uint32_t timeout_ms) {
    uint32_t state = interrupt_mask();
    if (event_pending == 0 && !served && MP_STATE_VM(sched_state) != MP_SCHED_PENDING
        && MP_STATE_THREAD(mp_pending_exception) == MP_OBJ_NULL) {
        // What the board sends can change which sockets QEMU's user-mode network
        // has to watch (a connection is established, a window opens), but QEMU
        // looks at that only when its main loop turns. A timer makes it turn.
        clock_wake_within(netif_has_sent() ? 1 : timeout_ms);
        event_busy_cycles += clock_cycles() - awake_since;
        if (event_sleepless) {
            interrupt_restore(state);
            while (event_pending == 0) {
            }
        } else {
            interrupt_wait();
        }
        awake_since = clock_cycles();
        interrupt_mask();
    }
    // Input ends one wait, even of somebody who does not read it, so that a
    // character cannot slip in between a check for input and the wait.
    event_pending &= ~EVENT_INPUT;
    interrupt_restore(state);
    event_poll();
    served = false;
}

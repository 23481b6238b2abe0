// SPDX-License-Identifier: MIT

#ifndef INCLUDED_MPHALPORT_H
#define INCLUDED_MPHALPORT_H

#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "exception.h"
#include "shared/runtime/interrupt_char.h"

#define MICROPY_BEGIN_ATOMIC_SECTION()      interrupt_mask()
#define MICROPY_END_ATOMIC_SECTION(state)   interrupt_restore(state)

#define mp_hal_ticks_us     clock_us
#define mp_hal_ticks_ms     clock_ms
#define mp_hal_ticks_cpu    clock_cycles

void mp_hal_get_random(size_t n, uint8_t *buf);

#endif // INCLUDED_MPHALPORT_H

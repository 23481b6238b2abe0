// SPDX-License-Identifier: MIT
// What survives machine.reset(): the time of day, the cause of the reset and the
// user's RTC memory. It lies where the chip's RTC memory lies.

#ifndef INCLUDED_RTC_H
#define INCLUDED_RTC_H

#include <stddef.h>
#include <stdint.h>

// Causes of a reset, with the numbers of the chip's SDK.
#define RESET_POWER_ON  (0)
#define RESET_WATCHDOG  (1)
#define RESET_EXCEPTION (2)
#define RESET_SOFTWARE  (4)
#define RESET_DEEPSLEEP (5)
#define RESET_PIN       (6)

// Bytes that machine.RTC().memory() holds, as on the chip.
#define RTC_MEMORY_SIZE (492)

void rtc_init(void);

uint32_t rtc_reset_cause(void);

// Restarts the machine; the given cause is what rtc_reset_cause returns then.
__attribute__((noreturn)) void rtc_reset(uint32_t cause);

// Microseconds since 2000-01-01 00:00:00. A board that has never been told the
// time starts there.
uint64_t rtc_time_us(void);
void rtc_set_time_us(uint64_t us);

// The user's memory; length 0 after power-on.
const uint8_t *rtc_memory(size_t *length);
void rtc_set_memory(const uint8_t *data, size_t length);

#endif // INCLUDED_RTC_H

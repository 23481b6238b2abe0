// SPDX-License-Identifier: MIT

#include <string.h>

#include "clock.h"
#include "ethernet.h"
#include "lx60.h"
#include "rtc.h"

#define MAGIC (0x52544331)

typedef struct _rtc_state_t {
    uint32_t magic;
    uint32_t reset_cause;
    uint64_t time_at_reset_us;
    uint32_t memory_length;
    uint8_t memory[RTC_MEMORY_SIZE];
} rtc_state_t;

#define STATE ((rtc_state_t *)ESP8266_RTC_USER_MEMORY)

static uint32_t reset_cause;
static uint64_t time_at_boot_us;

void rtc_init(void) {
    if (STATE->magic != MAGIC || STATE->memory_length > RTC_MEMORY_SIZE) {
        memset(STATE, 0, sizeof(*STATE));
        STATE->magic = MAGIC;
        STATE->reset_cause = RESET_POWER_ON;
    }
    reset_cause = STATE->reset_cause;
    time_at_boot_us = STATE->time_at_reset_us;
    // What a reset that nobody announced would have to be.
    STATE->reset_cause = RESET_PIN;
}

uint32_t rtc_reset_cause(void) {
    return reset_cause;
}

void rtc_reset(uint32_t cause) {
    STATE->reset_cause = cause;
    STATE->time_at_reset_us = rtc_time_us();
    ethernet_stop();
    LX60_RESET = LX60_RESET_KEY;
    for (;;) {
    }
}

uint64_t rtc_time_us(void) {
    return time_at_boot_us + clock_us64();
}

void rtc_set_time_us(uint64_t us) {
    time_at_boot_us = us - clock_us64();
    STATE->time_at_reset_us = us;
}

const uint8_t *rtc_memory(size_t *length) {
    *length = STATE->memory_length;
    return STATE->memory;
}

void rtc_set_memory(const uint8_t *data, size_t length) {
    memcpy(STATE->memory, data, length);
    STATE->memory_length = length;
}

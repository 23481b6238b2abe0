// SPDX-License-Identifier: MIT

#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "extmod/misc.h"

#include "clock.h"
#include "rtc.h"
#include "uart.h"

// Below this, waiting for an interrupt is not worth it.
#define BUSY_WAIT_MAX_US (1000)

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        int c = uart_read();
        if (c >= 0) {
            return c;
        }
        #if MICROPY_PY_OS_DUPTERM
        c = mp_os_dupterm_rx_chr();
        if (c >= 0) {
            return c;
        }
        #endif
        mp_event_wait_indefinite();
    }
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags) {
    uintptr_t ready = poll_flags & MP_STREAM_POLL_WR;
    if ((poll_flags & MP_STREAM_POLL_RD) && uart_readable()) {
        ready |= MP_STREAM_POLL_RD;
    }
    #if MICROPY_PY_OS_DUPTERM
    ready |= mp_os_dupterm_poll(poll_flags);
    #endif
    return ready;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len) {
    uart_write(str, len);
    #if MICROPY_PY_OS_DUPTERM
    mp_os_dupterm_tx_strn(str, len);
    #endif
    return len;
}

void mp_hal_delay_us(mp_uint_t us) {
    if (us > BUSY_WAIT_MAX_US) {
        mp_hal_delay_ms(us / 1000);
        us %= 1000;
    }
    uint32_t start = clock_us();
    while (clock_us() - start < us) {
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end = clock_us64() + (uint64_t)ms * 1000;
    mp_event_handle_nowait();
    for (;;) {
        int64_t left = (int64_t)(end - clock_us64());
        if (left <= 0) {
            break;
        }
        mp_event_wait_ms(left < 1000000 ? ((uint32_t)left + 999) / 1000 : 1000);
    }
    mp_event_handle_nowait();
}

uint64_t mp_hal_time_ns(void) {
    return rtc_time_us() * 1000;
}

// Numbers that differ from call to call and from boot to boot. QEMU's lx60 has
// no source of randomness, so they are no secret.
uint32_t board_random(void) {
    static uint32_t state = 0x9e3779b9;
    state ^= clock_cycles();
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

// Bytes that vary, but are no secret; see board_random.
void mp_hal_get_random(size_t n, uint8_t *buf) {
    for (size_t i = 0; i < n; ++i) {
        buf[i] = (uint8_t)(board_random() >> 16);
    }
}

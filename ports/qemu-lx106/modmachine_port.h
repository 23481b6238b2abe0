// SPDX-License-Identifier: MIT
// Included by extmod/modmachine.c.

#include "py/mphal.h"
#include "py/runtime.h"

#include "clock.h"
#include "machine_types.h"
#include "netif.h"
#include "rtc.h"

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_sleep), MP_ROM_PTR(&machine_lightsleep_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&machine_pin_type) }, \
    { MP_ROM_QSTR(MP_QSTR_RTC), MP_ROM_PTR(&machine_rtc_type) }, \
    { MP_ROM_QSTR(MP_QSTR_Timer), MP_ROM_PTR(&machine_timer_type) }, \
    { MP_ROM_QSTR(MP_QSTR_PWRON_RESET), MP_ROM_INT(RESET_POWER_ON) }, \
    { MP_ROM_QSTR(MP_QSTR_HARD_RESET), MP_ROM_INT(RESET_PIN) }, \
    { MP_ROM_QSTR(MP_QSTR_DEEPSLEEP_RESET), MP_ROM_INT(RESET_DEEPSLEEP) }, \
    { MP_ROM_QSTR(MP_QSTR_WDT_RESET), MP_ROM_INT(RESET_WATCHDOG) }, \
    { MP_ROM_QSTR(MP_QSTR_SOFT_RESET), MP_ROM_INT(RESET_SOFTWARE) }, \

// The last three bytes of the MAC address, lowest first, and a zero: the form
// of the chip's identifier.
static mp_obj_t mp_machine_unique_id(void) {
    const byte id[4] = { netif_mac[5], netif_mac[4], netif_mac[3], 0 };
    return mp_obj_new_bytes(id, sizeof(id));
}

static mp_obj_t mp_machine_get_freq(void) {
    return mp_obj_new_int_from_uint(clock_frequency());
}

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    if ((mp_uint_t)mp_obj_get_int(args[0]) != clock_frequency()) {
        mp_raise_ValueError(MP_ERROR_TEXT("the emulated clock has one frequency"));
    }
}

MP_NORETURN static void mp_machine_reset(void) {
    rtc_reset(RESET_SOFTWARE);
}

static mp_int_t mp_machine_reset_cause(void) {
    return rtc_reset_cause();
}

static void mp_machine_idle(void) {
    mp_event_wait_indefinite();
}

static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        for (;;) {
            mp_event_wait_indefinite();
        }
    }
    mp_int_t ms = mp_obj_get_int(args[0]);
    mp_hal_delay_ms(ms < 0 ? 0 : ms);
}

MP_NORETURN static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args) {
    mp_machine_lightsleep(n_args, args);
    rtc_reset(RESET_DEEPSLEEP);
}

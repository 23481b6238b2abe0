// SPDX-License-Identifier: MIT
// Included by extmod/modtime.c.

#include "py/obj.h"
#include "shared/timeutils/timeutils.h"

#include "rtc.h"

// Seconds since 2000-01-01.
static long long seconds_now(void) {
    return (long long)(rtc_time_us() / 1000000);
}

#if MICROPY_VERSION >= MICROPY_MAKE_VERSION(1, 27, 0)
static void mp_time_localtime_get(timeutils_struct_time_t *tm) {
    timeutils_seconds_since_epoch_to_struct_time(seconds_now(), tm);
}
#else
// Until 1.26 the tuple was the port's to make.
static mp_obj_t mp_time_localtime_get(void) {
    timeutils_struct_time_t tm;
    timeutils_seconds_since_epoch_to_struct_time(seconds_now(), &tm);
    const uint16_t fields[] = {
        tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_wday, tm.tm_yday,
    };
    mp_obj_t items[MP_ARRAY_SIZE(fields)];
    for (size_t i = 0; i < MP_ARRAY_SIZE(fields); ++i) {
        items[i] = MP_OBJ_NEW_SMALL_INT(fields[i]);
    }
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
#endif

static mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_int_from_ll(seconds_now());
}

// SPDX-License-Identifier: MIT

#include "py/runtime.h"
#include "shared/timeutils/timeutils.h"

#include "machine_types.h"
#include "rtc.h"

static const mp_obj_base_t rtc_object = { &machine_rtc_type };

// machine.RTC(): there is one.
static mp_obj_t rtc_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)type;
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    return MP_OBJ_FROM_PTR(&rtc_object);
}

// rtc.datetime([(year, month, day, weekday, hour, minute, second, microsecond)])
static mp_obj_t rtc_datetime(size_t n_args, const mp_obj_t *args) {
    if (n_args == 1) {
        uint64_t us = rtc_time_us();
        timeutils_struct_time_t tm;
        timeutils_seconds_since_epoch_to_struct_time((long long)(us / 1000000), &tm);
        mp_obj_t tuple[8] = {
            mp_obj_new_int(tm.tm_year),
            mp_obj_new_int(tm.tm_mon),
            mp_obj_new_int(tm.tm_mday),
            mp_obj_new_int(tm.tm_wday),
            mp_obj_new_int(tm.tm_hour),
            mp_obj_new_int(tm.tm_min),
            mp_obj_new_int(tm.tm_sec),
            mp_obj_new_int((mp_int_t)(us % 1000000)),
        };
        return mp_obj_new_tuple(8, tuple);
    }
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(args[1], 8, &items);
    long long seconds = timeutils_seconds_since_epoch(
        mp_obj_get_int(items[0]), mp_obj_get_int(items[1]), mp_obj_get_int(items[2]),
        mp_obj_get_int(items[4]), mp_obj_get_int(items[5]), mp_obj_get_int(items[6]));
    rtc_set_time_us((uint64_t)seconds * 1000000 + mp_obj_get_int(items[7]));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rtc_datetime_obj, 1, 2, rtc_datetime);

// rtc.memory([data]): reads or writes what survives machine.reset().
static mp_obj_t rtc_memory_method(size_t n_args, const mp_obj_t *args) {
    if (n_args == 1) {
        size_t length;
        const uint8_t *data = rtc_memory(&length);
        return mp_obj_new_bytes(data, length);
    }
    mp_buffer_info_t bufinfo;
    mp_get_buffer_raise(args[1], &bufinfo, MP_BUFFER_READ);
    if (bufinfo.len > RTC_MEMORY_SIZE) {
        mp_raise_ValueError(MP_ERROR_TEXT("buffer too long"));
    }
    rtc_set_memory(bufinfo.buf, bufinfo.len);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rtc_memory_obj, 1, 2, rtc_memory_method);

static const mp_rom_map_elem_t rtc_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_datetime), MP_ROM_PTR(&rtc_datetime_obj) },
    { MP_ROM_QSTR(MP_QSTR_memory), MP_ROM_PTR(&rtc_memory_obj) },
};
static MP_DEFINE_CONST_DICT(rtc_locals, rtc_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_rtc_type,
    MP_QSTR_RTC,
    MP_TYPE_FLAG_NONE,
    make_new, rtc_make_new,
    locals_dict, &rtc_locals
    );

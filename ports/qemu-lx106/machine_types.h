// SPDX-License-Identifier: MIT
// Classes that the port adds to the machine module.

#ifndef INCLUDED_MACHINE_TYPES_H
#define INCLUDED_MACHINE_TYPES_H

#include "py/obj.h"

extern const mp_obj_type_t machine_pin_type;
extern const mp_obj_type_t machine_rtc_type;
extern const mp_obj_type_t machine_timer_type;

// Puts all pins back to inputs and forgets their handlers; at a soft reset.
void machine_pin_reset(void);

mp_obj_t mp_pin_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args);

#endif // INCLUDED_MACHINE_TYPES_H

// SPDX-License-Identifier: MIT
// The functions of the module measure that answer in lwIP's callbacks.

#ifndef INCLUDED_RESPONDER_H
#define INCLUDED_RESPONDER_H

#include "py/obj.h"

MP_DECLARE_CONST_FUN_OBJ_KW(measure_respond_obj);
MP_DECLARE_CONST_FUN_OBJ_1(measure_tell_obj);

#endif // INCLUDED_RESPONDER_H

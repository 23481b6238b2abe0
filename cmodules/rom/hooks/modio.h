// SPDX-License-Identifier: MIT
//
// Included before py/modio.c: gives names to io.IOBase and its protocol, for classes in ROM that
// are derived from it.

#include "py/obj.h"
#include "py/stream.h"

#if MICROPY_PY_IO_IOBASE
static const mp_obj_type_t mp_type_iobase;
static const mp_stream_p_t iobase_p;
extern __typeof__(mp_type_iobase) rom_io_IOBase __attribute__((alias("mp_type_iobase")));
extern __typeof__(iobase_p) rom_io_IOBase_protocol __attribute__((alias("iobase_p")));
#endif

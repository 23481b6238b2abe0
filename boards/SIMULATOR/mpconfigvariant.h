// SPDX-License-Identifier: MIT
// Configuration of the simulator: the unix port's standard variant, minus what
// would make memory figures differ from the chips'.

// The feature level of the ESP8266 and ESP32 ports.
#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

// What the ESP8266 port switches off, so that code which needs it fails here too.
#define MICROPY_PY_BUILTINS_NOTIMPLEMENTED     (0)
#define MICROPY_PY_BUILTINS_POW3               (0)
#define MICROPY_PY_BUILTINS_SLICE_INDICES      (0)
#define MICROPY_PY_BUILTINS_STR_CENTER         (0)
#define MICROPY_PY_BUILTINS_STR_PARTITION      (0)
#define MICROPY_PY_BUILTINS_STR_SPLITLINES     (0)
#define MICROPY_PY_DELATTR_SETATTR             (0)
#define MICROPY_PY_RANDOM_EXTRA_FUNCS          (0)

#define MICROPY_BANNER_MACHINE "TinyWeb simulator (" MP_STRINGIFY(TINYWEB_SIMULATOR_BITS) "-bit)"

// A simulator with another size of objects would pass for the one that was asked for.
_Static_assert(sizeof(void *) * 8 == TINYWEB_SIMULATOR_BITS,
    "the compiler does not make objects of the size that BITS= asks for");

// The heap has the size that -X heapsize= gives, and never grows: a program that
// runs in 38 KiB here was not helped by the host's memory.
#define MICROPY_GC_SPLIT_HEAP          (0)
#define MICROPY_GC_SPLIT_HEAP_AUTO     (0)

// A function frame carries no tracing fields.
#define MICROPY_PY_SYS_SETTRACE        (0)

// The port's common variant settings; ports/unix is on the include path. They
// set MICROPY_MEM_STATS, which provides micropython.mem_total().
#include "variants/mpconfigvariant_common.h"

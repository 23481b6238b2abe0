// SPDX-License-Identifier: MIT
// Configuration of the program that browsers run: MicroPython's webassembly port with what the
// chips have.

// The feature level of the ESP8266 and ESP32 ports.
#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#define MICROPY_BANNER_MACHINE "TinyWeb in a browser"

// The collector cannot see what WebAssembly keeps in locals. With these it runs between calls from
// JavaScript only, when there is nothing to see, and the heap grows until then.
#define MICROPY_GC_SPLIT_HEAP          (1)
#define MICROPY_GC_SPLIT_HEAP_AUTO     (1)

// os.urandom(): sessions, signatures and passwords need it.
#define MICROPY_PY_OS_URANDOM          (1)
#define MICROPY_PY_OS_INCLUDEFILE      "modos_page.h"

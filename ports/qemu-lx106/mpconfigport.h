// SPDX-License-Identifier: MIT
// Configuration of MicroPython. It follows ports/esp8266 (2 MiB images), so that
// a program meets the same language, the same objects and the same limits here;
// docs/emulator.md lists what differs.

#include <alloca.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// -----------------------------------------------------------------------------
// Language and core: the same as on the chip.

#define MICROPY_CONFIG_ROM_LEVEL                (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#define MICROPY_COMP_MODULE_CONST               (0)
#define MICROPY_COMP_TRIPLE_TUPLE_ASSIGN        (0)
#define MICROPY_COMP_RETURN_IF_EXPR             (0)
#define MICROPY_OPT_LOAD_ATTR_FAST_PATH         (0)
#define MICROPY_OPT_MAP_LOOKUP_CACHE            (0)
#define MICROPY_OPT_MPZ_BITWISE                 (0)
#define MICROPY_OPT_MATH_FACTORIAL              (0)
#define MICROPY_REPL_EMACS_KEYS                 (0)
#define MICROPY_PY_BUILTINS_COMPLEX             (0)
#define MICROPY_PY_DELATTR_SETATTR              (0)
#define MICROPY_PY_BUILTINS_STR_CENTER          (0)
#define MICROPY_PY_BUILTINS_STR_PARTITION       (0)
#define MICROPY_PY_BUILTINS_STR_SPLITLINES      (0)
#define MICROPY_PY_BUILTINS_SLICE_INDICES       (0)
#define MICROPY_PY_BUILTINS_COMPILE             (0)
#define MICROPY_PY_BUILTINS_EXECFILE            (0)
#define MICROPY_PY_BUILTINS_NOTIMPLEMENTED      (0)
#define MICROPY_PY_BUILTINS_POW3                (0)
#define MICROPY_MODULE___FILE__                 (0)
#define MICROPY_PY___FILE__                     (0) // its name until 1.26
#define MICROPY_PY_MATH_CONSTANTS               (0)
#define MICROPY_PY_MATH_SPECIAL_FUNCTIONS       (0)
#define MICROPY_PY_MATH_FACTORIAL               (0)
#define MICROPY_PY_MATH_ISCLOSE                 (0)
#define MICROPY_PY_SYS_PS1_PS2                  (0)
#define MICROPY_PY_BINASCII_CRC32               (0)
#define MICROPY_PY_RANDOM_EXTRA_FUNCS           (0)

#define MICROPY_OBJ_REPR                        (MICROPY_OBJ_REPR_C)
#define MICROPY_GC_STACK_ENTRY_TYPE             uint16_t
#define MICROPY_ALLOC_PATH_MAX                  (128)
#define MICROPY_ALLOC_LEXER_INDENT_INIT         (8)
#define MICROPY_ALLOC_PARSE_RULE_INIT           (48)
#define MICROPY_ALLOC_PARSE_RULE_INC            (8)
#define MICROPY_ALLOC_PARSE_RESULT_INC          (8)
#define MICROPY_ALLOC_PARSE_CHUNK_INIT          (64)
#define MICROPY_ENABLE_GC                       (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF  (1)
#define MICROPY_LONGINT_IMPL                    (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL                      (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_FLOAT_FORMAT_IMPL               (MICROPY_FLOAT_FORMAT_IMPL_BASIC)
#define MICROPY_ERROR_REPORTING                 (MICROPY_ERROR_REPORTING_NORMAL)
#define MICROPY_WARNINGS                        (1)
#define MICROPY_PY_STR_BYTES_CMP_WARN           (1)
#define MICROPY_STREAMS_POSIX_API               (1)
#define MICROPY_PERSISTENT_CODE_LOAD            (1)
#define MICROPY_USE_INTERNAL_ERRNO              (1)
#define MICROPY_READER_VFS                      (1)
#define MICROPY_VFS                             (1)
#define MICROPY_VFS_ROM                         (1)
#define MICROPY_VFS_ROM_IOCTL                   (1)

// -----------------------------------------------------------------------------
// Modules.

#define MICROPY_PY_BUILTINS_HELP_TEXT           board_help_text
#define MICROPY_PY_SYS_PLATFORM                 "esp8266"
// The banner and sys.implementation._machine; TINYWEB_VERSION comes from the Makefile.
#define MICROPY_HW_BOARD_NAME                   "TinyWeb v" TINYWEB_VERSION " QEMU lx60"
#define MICROPY_HW_MCU_NAME                     "ESP8266 core (lx106)"

#define MICROPY_PY_CRYPTOLIB                    (0)
#define MICROPY_PY_RANDOM_SEED_INIT_FUNC        (board_random())
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS            (1)
#define MICROPY_PY_TIME_INCLUDEFILE             "modtime_port.h"
#define MICROPY_PY_OS_INCLUDEFILE               "modos_port.h"
#define MICROPY_PY_OS_DUPTERM                   (1)
#define MICROPY_PY_OS_SYNC                      (1)
#define MICROPY_PY_OS_UNAME                     (1)
#define MICROPY_PY_OS_URANDOM                   (1)
#define MICROPY_PY_WEBSOCKET                    (1)

#define MICROPY_PY_MACHINE                      (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE          "modmachine_port.h"
#define MICROPY_PY_MACHINE_RESET                (1)
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS     (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)
#define MICROPY_PY_MACHINE_TIMER                (1)
#define MICROPY_PY_MACHINE_PIN_MAKE_NEW         mp_pin_make_new

// The pin of a factory reset, as a board's mpconfigboard.h names it.
#define TINYWEB_RESET_PIN                       (4)

// The socket module is extmod/modlwip.c, as on the chip. The name is not given
// to make, because lwIP may come from outside of MicroPython's tree.
#define MICROPY_PY_LWIP                         (1)
#define MICROPY_PY_LWIP_SOCK_RAW                (1)
#define MICROPY_PY_NETWORK                      (1)
#define MICROPY_PY_NETWORK_HOSTNAME_DEFAULT     "mpy-esp8266"
#define MICROPY_PY_NETWORK_INCLUDEFILE          "network_wlan.h"
#define MICROPY_PY_NETWORK_MODULE_GLOBALS_INCLUDEFILE "network_globals.h"

// -----------------------------------------------------------------------------
// Events. The VM looks after every jump and return whether something is to be
// served.

#define MICROPY_INTERNAL_WFE(TIMEOUT_MS)        event_wait((uint32_t)(TIMEOUT_MS))
#define MICROPY_INTERNAL_EVENT_HOOK             event_poll()
#define MICROPY_VM_HOOK_LOOP                    event_poll();
#define MICROPY_VM_HOOK_RETURN                  event_poll();

#include "event.h"

// All lwIP code and machine.Timer's list run in the main program only.
#define MICROPY_PY_PENDSV_ENTER
#define MICROPY_PY_PENDSV_EXIT

// -----------------------------------------------------------------------------
// Types and platform.

typedef int32_t mp_int_t;
typedef uint32_t mp_uint_t;
typedef long mp_off_t;
typedef uint32_t sys_prot_t;    // extmod/modlwip.c

#define MP_SSIZE_MAX                            (0x7fffffff)
#define MP_STATE_PORT                           MP_STATE_VM
#define MP_NEED_LOG2                            (1)
// MicroPython's own since 1.26.
#define MP_NORETURN                             __attribute__((noreturn))
#define MICROPY_MAKE_POINTER_CALLABLE(p)        ((void *)(p))

// Code that the chip keeps in its fast RAM.
#define MP_FASTCODE(n)                          __attribute__((section(".iram0.text." #n))) n
#define MICROPY_WRAP_MP_SCHED_EXCEPTION(f)      MP_FASTCODE(f)
#define MICROPY_WRAP_MP_SCHED_KEYBOARD_INTERRUPT(f) MP_FASTCODE(f)
#define MICROPY_WRAP_MP_SCHED_SCHEDULE(f)       MP_FASTCODE(f)

uint32_t board_random(void);

// SPDX-License-Identifier: MIT

// Shown in the banner and in sys.implementation._machine. TINYWEB_VERSION and the
// TINYWEB_FLASH_* macro of the variant come from the compiler's command line.
#define MICROPY_HW_BOARD_NAME           "TinyWeb v" TINYWEB_VERSION " ESP8266 module"
#define MICROPY_HW_MCU_NAME             "ESP8266"

#define MICROPY_ERROR_REPORTING         (MICROPY_ERROR_REPORTING_NORMAL)
#define MICROPY_PERSISTENT_CODE_LOAD    (1)
#define MICROPY_VFS                     (1)
#define MICROPY_READER_VFS              (1)

// The AES functions are axTLS's: there are none without TLS.
#define MICROPY_PY_CRYPTOLIB            (MICROPY_PY_SSL)

#if TINYWEB_FLASH_2M
#define MICROPY_EMIT_XTENSA             (1)
#define MICROPY_EMIT_INLINE_XTENSA      (1)
// flash_2M.ld has the partition
#define MICROPY_VFS_ROM                 (1)
#else
#define MICROPY_PY_FRAMEBUF             (0)
#define MICROPY_PY_UCTYPES              (0)
#define MICROPY_PY_DEFLATE              (0)
#define MICROPY_PY_RE                   (0)
#define MICROPY_PY_HEAPQ                (0)
#define MICROPY_PY_MICROPYTHON_RINGIO   (0)
#endif

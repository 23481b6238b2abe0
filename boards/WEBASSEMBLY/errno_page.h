// SPDX-License-Identifier: MIT
// Included before MicroPython's files that call the system. emscripten's errno has WASI's numbers, in
// which ENOENT is 44, and programs compare with MicroPython's own, in which it is 2.
#ifndef TINYWEB_ERRNO_PAGE_H
#define TINYWEB_ERRNO_PAGE_H

#include <errno.h>

#include "py/mperrno.h"

// The number that MicroPython has for emscripten's `error`; EIO for those that no file meets.
static inline int page_errno(int error) {
    switch (error) {
        case EACCES:
            return MP_EACCES;
        case EBADF:
            return MP_EBADF;
        case EBUSY:
            return MP_EBUSY;
        case EEXIST:
            return MP_EEXIST;
        case EINTR:
            return EINTR;       // what MP_HAL_RETRY_SYSCALL() compares with
        case EINVAL:
            return MP_EINVAL;
        case EISDIR:
            return MP_EISDIR;
        case EMFILE:
            return MP_EMFILE;
        case ENAMETOOLONG:
            return 36;          // MicroPython has no name for it
        case ENOENT:
            return MP_ENOENT;
        case ENOMEM:
            return MP_ENOMEM;
        case ENOSPC:
            return MP_ENOSPC;
        case ENOTDIR:
            return MP_ENOTDIR;
        case ENOTEMPTY:
            return 39;          // likewise
        case EPERM:
            return MP_EPERM;
        case ESPIPE:
            return MP_ESPIPE;
        default:
            return MP_EIO;
    }
}

#undef errno
static inline int page_last_error(void) {
    return page_errno(*__errno_location());
}
#define errno page_last_error()

#endif

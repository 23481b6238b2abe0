// SPDX-License-Identifier: MIT
// The partition for ROMFS: the end of the flash, which is in the map of the memory. The commands
// are those of the chip's port.

#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/objarray.h"
#include "py/runtime.h"
#include "extmod/vfs.h"

#include "flash.h"

#define PARTITION_OFFSET (flash_size() - FLASH_ROMFS_SIZE)

// The least that is written at once, in bytes.
#define WRITE_MIN (4)

static mp_obj_array_t partition;

static mp_obj_t prepare(mp_uint_t length) {
    for (size_t offset = 0; offset < length; offset += FLASH_SECTOR_SIZE) {
        MICROPY_INTERNAL_EVENT_HOOK;
        int error = flash_erase_sector((PARTITION_OFFSET + offset) / FLASH_SECTOR_SIZE);
        if (error) {
            return MP_OBJ_NEW_SMALL_INT(error);
        }
    }
    return MP_OBJ_NEW_SMALL_INT(WRITE_MIN);
}

static mp_obj_t write(mp_int_t offset, mp_obj_t data) {
    mp_buffer_info_t bufinfo;
    mp_get_buffer_raise(data, &bufinfo, MP_BUFFER_READ);
    MICROPY_INTERNAL_EVENT_HOOK;
    // As on the chip, whole words.
    size_t length = (bufinfo.len + WRITE_MIN - 1) & ~(size_t)(WRITE_MIN - 1);
    return MP_OBJ_NEW_SMALL_INT(flash_program(PARTITION_OFFSET + offset, bufinfo.buf, length));
}

mp_obj_t mp_vfs_rom_ioctl(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    switch (mp_obj_get_int(args[0])) {
        case MP_VFS_ROM_IOCTL_GET_NUMBER_OF_SEGMENTS:
            return MP_OBJ_NEW_SMALL_INT(1);
        case MP_VFS_ROM_IOCTL_GET_SEGMENT:
            mp_obj_memoryview_init(&partition, 'B', 0, FLASH_ROMFS_SIZE,
                (void *)(flash_base() + PARTITION_OFFSET));
            return MP_OBJ_FROM_PTR(&partition);
        case MP_VFS_ROM_IOCTL_WRITE_PREPARE:
            return prepare(mp_obj_get_int(args[2]));
        case MP_VFS_ROM_IOCTL_WRITE:
            return write(mp_obj_get_int(args[2]), args[3]);
        default:
            return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
}

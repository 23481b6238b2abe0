// SPDX-License-Identifier: MIT
// The board's 4 MiB flash. It is QEMU's CFI flash, which keeps its content in
// the file given by `-drive if=pflash`, or, without one, RAM that is lost when
// QEMU ends. Either behaves as the chip's: sectors of 4096 bytes, programming
// only clears bits.

#ifndef INCLUDED_FLASH_H
#define INCLUDED_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLASH_SECTOR_SIZE (4096)

// Bytes at the end of the flash that are for ROMFS, as many as the 2 MiB image has.
#define FLASH_ROMFS_SIZE (128 * 1024)

void flash_init(void);

// Size in bytes.
size_t flash_size(void);

// Where the CPU reads it.
const uint8_t *flash_base(void);

// Tells whether the content outlives QEMU.
bool flash_is_persistent(void);

// Each returns 0, or a negative MP_Exxx when the range is not in the flash or
// the device refuses.
int flash_read(size_t offset, uint8_t *buffer, size_t length);
int flash_program(size_t offset, const uint8_t *data, size_t length);
int flash_erase_sector(size_t sector);

#endif // INCLUDED_FLASH_H

// SPDX-License-Identifier: MIT
// Commands are those of the Common Flash Interface, Intel extended command set.

#include <string.h>

#include "py/mperrno.h"

#include "flash.h"
#include "lx60.h"

#define CFI_QUERY           (0x98)
#define CFI_QUERY_OFFSET    (0x55)
#define CFI_PROGRAM_WORD    (0x40)
#define CFI_WRITE_BUFFER    (0xe8)
#define CFI_CONFIRM         (0xd0)
#define CFI_CLEAR_STATUS    (0x50)
#define CFI_READ_ARRAY      (0xff)
#define CFI_STATUS_READY    (0x80)
#define CFI_STATUS_ERRORS   (0x3e)

// One buffered write must not cross a multiple of this.
#define WRITE_BUFFER_SIZE   (2048)

// The RAM that stands in for a missing flash, behind the Ethernet buffers. The
// mark in front of it tells that it has been erased once, so files survive
// machine.reset() as they do on the chip.
#define RAM_MARK            LX60_REG(LX60_EXTRA_RAM_BASE + 0x000ffffc)
#define RAM_MARK_VALUE      (0x464c5348)
#define RAM_BASE            (LX60_EXTRA_RAM_BASE + 0x00100000)

static struct {
    const uint8_t *base;
    bool persistent;
} flash;

static volatile uint16_t *cfi(size_t offset) {
    return (volatile uint16_t *)(LX60_FLASH_BASE + offset);
}

void flash_init(void) {
    // The query must be answered with "QRY". Nothing answers where there is no
    // flash; the read is harmless.
    *cfi(2 * CFI_QUERY_OFFSET) = CFI_QUERY;
    flash.persistent = (*cfi(0x20) & 0xff) == 'Q' && (*cfi(0x22) & 0xff) == 'R'
        && (*cfi(0x24) & 0xff) == 'Y';
    if (flash.persistent) {
        *cfi(0) = CFI_READ_ARRAY;
        flash.base = (const uint8_t *)LX60_FLASH_BASE;
        return;
    }
    flash.base = (const uint8_t *)RAM_BASE;
    if (RAM_MARK != RAM_MARK_VALUE) {
        memset((uint8_t *)RAM_BASE, 0xff, LX60_FLASH_SIZE);
        RAM_MARK = RAM_MARK_VALUE;
    }
}

size_t flash_size(void) {
    return LX60_FLASH_SIZE;
}

const uint8_t *flash_base(void) {
    return flash.base;
}

bool flash_is_persistent(void) {
    return flash.persistent;
}

static bool in_range(size_t offset, size_t length) {
    return offset <= LX60_FLASH_SIZE && length <= LX60_FLASH_SIZE - offset;
}

int flash_read(size_t offset, uint8_t *buffer, size_t length) {
    if (!in_range(offset, length)) {
        return -MP_EINVAL;
    }
    memcpy(buffer, flash.base + offset, length);
    return 0;
}

static uint16_t word(const uint8_t *data) {
    return (uint16_t)(data[0] | data[1] << 8);
}

// Replaces bytes within one write buffer; offset and length are even. QEMU's
// flash, unlike a real one, also sets bits this way, which makes an erase of 4096
// bytes possible in spite of its blocks of 64 KiB.
static int replace(size_t offset, const uint8_t *data, size_t length) {
    *cfi(offset) = CFI_CLEAR_STATUS;
    if (length == 2) {
        // QEMU 9 and later refuse a buffered write of one word.
        *cfi(offset) = CFI_PROGRAM_WORD;
        *cfi(offset) = word(data);
    } else {
        *cfi(offset) = CFI_WRITE_BUFFER;
        *cfi(offset) = (uint16_t)(length / 2 - 1);
        for (size_t i = 0; i < length; i += 2) {
            *cfi(offset + i) = word(data + i);
        }
        *cfi(offset) = CFI_CONFIRM;
    }
    uint16_t status;
    do {
        status = *cfi(offset);
    } while (!(status & CFI_STATUS_READY));
    *cfi(offset) = CFI_READ_ARRAY;
    return status & CFI_STATUS_ERRORS ? -MP_EIO : 0;
}

int flash_program(size_t offset, const uint8_t *data, size_t length) {
    if (!in_range(offset, length) || (offset | length) & 1) {
        return -MP_EINVAL;
    }
    uint8_t merged[64];
    while (length > 0) {
        size_t part = WRITE_BUFFER_SIZE - offset % WRITE_BUFFER_SIZE;
        part = part < length ? part : length;
        part = part < sizeof(merged) ? part : sizeof(merged);
        for (size_t i = 0; i < part; ++i) {
            merged[i] = data[i] & flash.base[offset + i];
        }
        if (flash.persistent) {
            int error = replace(offset, merged, part);
            if (error) {
                return error;
            }
        } else {
            memcpy((uint8_t *)flash.base + offset, merged, part);
        }
        offset += part;
        data += part;
        length -= part;
    }
    return 0;
}

int flash_erase_sector(size_t sector) {
    if (sector >= LX60_FLASH_SIZE / FLASH_SECTOR_SIZE) {
        return -MP_EINVAL;
    }
    size_t offset = sector * FLASH_SECTOR_SIZE;
    if (!flash.persistent) {
        memset((uint8_t *)flash.base + offset, 0xff, FLASH_SECTOR_SIZE);
        return 0;
    }
    uint8_t erased[64];
    memset(erased, 0xff, sizeof(erased));
    for (size_t i = 0; i < FLASH_SECTOR_SIZE; i += sizeof(erased)) {
        int error = replace(offset + i, erased, sizeof(erased));
        if (error) {
            return error;
        }
    }
    return 0;
}

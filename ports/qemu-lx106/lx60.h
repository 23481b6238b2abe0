// SPDX-License-Identifier: MIT
// Addresses of QEMU's lx60 board and of the few ESP8266 registers that the
// port keeps in RAM.

#ifndef INCLUDED_LX60_H
#define INCLUDED_LX60_H

#include <stdint.h>

#define LX60_REG(address) (*(volatile uint32_t *)(address))

// Board control. The frequency register holds the CPU clock in Hz; writing the
// key to the reset register reboots the machine and leaves RAM as it is.
#define LX60_FREQUENCY          LX60_REG(0xfd020004)
#define LX60_RESET              LX60_REG(0xfd020010)
#define LX60_RESET_KEY          (0xdead)

#define LX60_UART_BASE          (0xfd050020)
#define LX60_ETHERNET_BASE      (0xfd030000)

// CFI flash, mapped only when QEMU was given `-drive if=pflash`.
#define LX60_FLASH_BASE         (0xf8000000)
#define LX60_FLASH_SIZE         (4 * 1024 * 1024)

// RAM outside of the chip's map: Ethernet buffers, and the file system when
// there is no flash. Its first bytes are left alone: the core starts there after
// a reset, and QEMU has put a jump to the image's entry there once and for all.
#define LX60_EXTRA_RAM_BASE     (0x50010000)

// A heap that the chip's RAM has no room for.
#define LX60_LARGE_HEAP_BASE    (0x51000000)
#define LX60_LARGE_HEAP_MAX     (32 * 1024 * 1024)

// Interrupt numbers, level 1.
#define LX60_IRQ_UART           (0)
#define LX60_IRQ_ETHERNET       (1)
#define LX60_IRQ_TIMER          (6)

// The ESP8266's GPIO registers. Nothing is behind them here: they are RAM that
// machine.Pin keeps as the chip would show it.
#define ESP8266_GPIO_OUT        LX60_REG(0x60000300)
#define ESP8266_GPIO_ENABLE     LX60_REG(0x6000030c)
#define ESP8266_GPIO_IN         LX60_REG(0x60000318)

// Not the chip's: pins that somebody outside holds at ground, a bit each. This keeps
// its content over machine.reset(), too.
#define LX60_GPIO_HELD          LX60_REG(0x600003fc)

// The 512 bytes of the ESP8266's RTC memory that belong to the user. They keep
// their content over machine.reset().
#define ESP8266_RTC_USER_MEMORY (0x60001200)

#endif // INCLUDED_LX60_H

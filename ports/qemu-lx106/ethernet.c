// SPDX-License-Identifier: MIT
// Register names are those of the "Ethernet IP Core Specification" of
// OpenCores.

#include "ethernet.h"
#include "event.h"
#include "exception.h"
#include "lx60.h"

#define ETH_REG(offset) LX60_REG(LX60_ETHERNET_BASE + (offset))
#define MODER           ETH_REG(0x00)
#define INT_SOURCE      ETH_REG(0x04)
#define INT_MASK        ETH_REG(0x08)
#define TX_BD_NUM       ETH_REG(0x20)
#define MAC_ADDR0       ETH_REG(0x40)
#define MAC_ADDR1       ETH_REG(0x44)
#define BD_FLAGS(i)     ETH_REG(0x400 + 8 * (i))
#define BD_POINTER(i)   ETH_REG(0x404 + 8 * (i))

#define MODER_RXEN      (1u << 0)
#define MODER_TXEN      (1u << 1)
#define MODER_CRCEN     (1u << 13)
#define MODER_PAD       (1u << 15)

#define INT_RXB         (1u << 2)
#define INT_RXE         (1u << 3)
#define INT_BUSY        (1u << 4)
#define INT_ALL         (0x7f)

// Flags of a transmit descriptor.
#define TX_READY        (1u << 15)
#define TX_WRAP         (1u << 13)
#define TX_PAD          (1u << 12)
#define TX_CRC          (1u << 11)
// Flags of a receive descriptor.
#define RX_EMPTY        (1u << 15)
#define RX_IRQ          (1u << 14)
#define RX_WRAP         (1u << 13)
#define RX_ERRORS       (0x7f)

// Descriptor 0 transmits, the others receive. There are enough of them for the
// windows of all connections that lwIP has room for.
#define RX_FIRST        (1)
#define RX_COUNT        (64)
#define RX_SIZE         (1540)
#define FCS_SIZE        (4)

#define TX_BUFFER       ((uint8_t *)LX60_EXTRA_RAM_BASE)
// 4n + 2: the 14 bytes of the Ethernet header then end at a word.
#define RX_BUFFER(i)    ((uint8_t *)LX60_EXTRA_RAM_BASE + 2048 + 2 + (i) * RX_SIZE)

static unsigned int rx_next;

void ethernet_init(const uint8_t mac[6]) {
    MODER = 0;
    INT_MASK = 0;
    MAC_ADDR0 = (uint32_t)mac[2] << 24 | (uint32_t)mac[3] << 16 | (uint32_t)mac[4] << 8 | mac[5];
    MAC_ADDR1 = (uint32_t)mac[0] << 8 | mac[1];
    TX_BD_NUM = RX_FIRST;
    INT_SOURCE = INT_ALL;
    BD_POINTER(0) = (uintptr_t)TX_BUFFER;
    BD_FLAGS(0) = 0;
    for (unsigned int i = 0; i < RX_COUNT; ++i) {
        BD_POINTER(RX_FIRST + i) = (uintptr_t)RX_BUFFER(i);
        BD_FLAGS(RX_FIRST + i) = RX_EMPTY | RX_IRQ | (i == RX_COUNT - 1 ? RX_WRAP : 0);
    }
    rx_next = 0;
    MODER = MODER_RXEN | MODER_TXEN | MODER_CRCEN | MODER_PAD;
    interrupt_enable(LX60_IRQ_ETHERNET);
    INT_MASK = INT_RXB | INT_RXE | INT_BUSY;
}

void ethernet_stop(void) {
    MODER = 0;
    INT_MASK = 0;
}

void ethernet_interrupt(void) {
    INT_MASK = 0;
    event_signal(EVENT_ETHERNET);
}

bool ethernet_rearm(void) {
    INT_SOURCE = INT_ALL;
    if (!(BD_FLAGS(RX_FIRST + rx_next) & RX_EMPTY)) {
        return true;
    }
    INT_MASK = INT_RXB | INT_RXE | INT_BUSY;
    return false;
}

const uint8_t *ethernet_receive(size_t *length) {
    for (;;) {
        uint32_t flags = BD_FLAGS(RX_FIRST + rx_next);
        if (flags & RX_EMPTY) {
            return NULL;
        }
        size_t frame_length = flags >> 16;
        if (!(flags & RX_ERRORS) && frame_length > FCS_SIZE
            && frame_length <= ETHERNET_FRAME_MAX + FCS_SIZE) {
            *length = frame_length - FCS_SIZE;
            return RX_BUFFER(rx_next);
        }
        ethernet_release();
    }
}

void ethernet_release(void) {
    BD_FLAGS(RX_FIRST + rx_next) =
        RX_EMPTY | RX_IRQ | (rx_next == RX_COUNT - 1 ? RX_WRAP : 0);
    rx_next = rx_next == RX_COUNT - 1 ? 0 : rx_next + 1;
}

uint8_t *ethernet_transmit_buffer(void) {
    return TX_BUFFER;
}

void ethernet_transmit(size_t length) {
    // QEMU sends while the descriptor is written, so the buffer is free again
    // afterwards; the loop is for hardware that takes its time.
    BD_POINTER(0) = (uintptr_t)TX_BUFFER;
    BD_FLAGS(0) = (uint32_t)length << 16 | TX_READY | TX_WRAP | TX_PAD | TX_CRC;
    while (BD_FLAGS(0) & TX_READY) {
    }
}

// SPDX-License-Identifier: MIT

#include <stdint.h>

#include "py/ringbuf.h"
#include "py/runtime.h"
#include "shared/runtime/interrupt_char.h"

#include "event.h"
#include "exception.h"
#include "lx60.h"
#include "uart.h"

#define UART_REG(index) LX60_REG(LX60_UART_BASE + 4 * (index))
#define UART_DATA       UART_REG(0)     // RBR when read, THR when written
#define UART_IER        UART_REG(1)
#define UART_FCR        UART_REG(2)
#define UART_LCR        UART_REG(3)
#define UART_MCR        UART_REG(4)
#define UART_LSR        UART_REG(5)

#define IER_RECEIVED    (0x01)
#define FCR_ENABLE      (0x01)
#define FCR_CLEAR       (0x06)
#define LCR_8N1         (0x03)
#define MCR_DTR_RTS     (0x03)
#define LSR_RECEIVED    (0x01)
#define LSR_SEND_EMPTY  (0x20)

// As long as on the chip, and of the same name.
static uint8_t received_array[256];
ringbuf_t stdin_ringbuf = { received_array, sizeof(received_array), 0, 0 };

void uart_init(void) {
    UART_LCR = LCR_8N1;
    UART_MCR = MCR_DTR_RTS;
    UART_FCR = FCR_ENABLE | FCR_CLEAR;
    // A character that came before the FIFO was enabled blocks reception until
    // the data register has been read once.
    (void)UART_DATA;
    UART_IER = IER_RECEIVED;
    interrupt_enable(LX60_IRQ_UART);
}

// Moves characters from the FIFO to the ring buffer. When that is full the
// interrupt stays off until uart_read has made room: QEMU then holds the other
// side back, and nothing is lost.
void uart_interrupt(void) {
    while (UART_LSR & LSR_RECEIVED) {
        if (ringbuf_free(&stdin_ringbuf) == 0) {
            UART_IER = 0;
            break;
        }
        int c = UART_DATA & 0xff;
        #if MICROPY_KBD_EXCEPTION
        if (c == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else
        #endif
        {
            ringbuf_put(&stdin_ringbuf, (uint8_t)c);
        }
    }
    event_signal(EVENT_INPUT);
}

int uart_read(void) {
    uint32_t state = interrupt_mask();
    int c = ringbuf_get(&stdin_ringbuf);
    if (c >= 0 && UART_IER == 0) {
        UART_IER = IER_RECEIVED;
    }
    interrupt_restore(state);
    return c;
}

bool uart_readable(void) {
    return ringbuf_avail(&stdin_ringbuf) > 0;
}

static void write_char(char c) {
    while (!(UART_LSR & LSR_SEND_EMPTY)) {
    }
    UART_DATA = (uint8_t)c;
}

void uart_write(const char *data, size_t length) {
    for (size_t i = 0; i < length; ++i) {
        write_char(data[i]);
    }
}

void uart_write_blocking_str(const char *text) {
    while (*text) {
        write_char(*text++);
    }
}

// SPDX-License-Identifier: MIT

#include "exception.h"
#include "clock.h"
#include "ethernet.h"
#include "lx60.h"
#include "rtc.h"
#include "uart.h"

#define EXCCAUSE_LEVEL1_INTERRUPT (4)

static uint32_t interrupts_enabled;

void interrupt_enable(unsigned int number) {
    uint32_t state = interrupt_mask();
    interrupts_enabled |= 1u << number;
    __asm__ volatile ("wsr %0, intenable; rsync" : : "a" (interrupts_enabled));
    interrupt_restore(state);
}

__attribute__((noinline)) void interrupt_wait(void) {
    __asm__ volatile ("waiti 0" : : : "memory");
}

static void print_word(const char *name, uint32_t value) {
    char text[10];
    for (int i = 0; i < 8; ++i) {
        uint32_t nibble = (value >> (28 - 4 * i)) & 0xf;
        text[i] = (char)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
    }
    text[8] = '\0';
    uart_write_blocking_str(name);
    uart_write_blocking_str(text);
}

// Reports on the serial port and restarts, as the chip's SDK does.
static void fatal(const exception_frame_t *frame) {
    uart_write_blocking_str("\r\nFatal exception");
    print_word(" cause=", frame->exccause);
    print_word(" epc1=", frame->epc1);
    print_word(" excvaddr=", frame->excvaddr);
    print_word(" ps=", frame->ps);
    for (int i = 0; i < 16; ++i) {
        char name[] = " a0=";
        if (i % 8 == 0) {
            uart_write_blocking_str("\r\n");
        }
        name[2] = "0123456789abcdef"[i];
        print_word(name, frame->a[i]);
    }
    uart_write_blocking_str("\r\nRestarting.\r\n");
    rtc_reset(RESET_EXCEPTION);
}

void exception_dispatch(exception_frame_t *frame) {
    if (frame->exccause == EXCCAUSE_LEVEL1_INTERRUPT) {
        uint32_t pending;
        __asm__ volatile ("rsr %0, interrupt" : "=a" (pending));
        pending &= interrupts_enabled;
        if (pending & (1u << LX60_IRQ_UART)) {
            uart_interrupt();
        }
        if (pending & (1u << LX60_IRQ_ETHERNET)) {
            ethernet_interrupt();
        }
        if (pending & (1u << LX60_IRQ_TIMER)) {
            clock_interrupt();
        }
        return;
    }
    fatal(frame);
}

// SPDX-License-Identifier: MIT
// The 16550 serial port that carries the REPL.

#ifndef INCLUDED_UART_H
#define INCLUDED_UART_H

#include <stdbool.h>
#include <stddef.h>

void uart_init(void);
void uart_interrupt(void);

// Returns the next received character, or -1 when there is none.
int uart_read(void);

// Tells whether a character has been received.
bool uart_readable(void);

void uart_write(const char *data, size_t length);

// Writes a string from an exception handler.
void uart_write_blocking_str(const char *text);

#endif // INCLUDED_UART_H

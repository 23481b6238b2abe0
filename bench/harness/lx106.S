// SPDX-License-Identifier: MIT
//
// Start, counter and console of a bare-metal program for QEMU's "sim" machine with the ESP8266's
// CPU, and the request that it parses.

    .section .start, "ax"
    .global _start
_start:
    j       start               // over the literal
    .align  4
    .literal_position
start:
    movi    a2, 0x10            // PS: no exception, user vectors, all interrupts on
    wsr.ps  a2
    rsync
    movi    a1, _stack
    call0   main
    mov     a3, a2
    movi    a2, 1               // exit
    simcall

// void console(const char *text, size_t len)
    .text
    .align  4
    .global console
console:
    mov     a5, a3
    mov     a4, a2
    movi    a3, 1               // standard output
    movi    a2, 4               // write
    simcall
    ret.n

// uint32_t cycles(void)
    .align  4
    .global cycles
cycles:
    rsr.ccount a2
    ret.n

    .section .rodata.message, "a"
    .align  4
    .global message_start, message_end
message_start:
    .incbin MESSAGE
message_end:

// SPDX-License-Identifier: MIT
// Reset, exception vectors and register access for the lx106 core (call0 ABI,
// no register windows).

// struct exception_frame in exception.h mirrors this layout.
#define FRAME_A(n)      (4 * (n))
#define FRAME_PS        (64)
#define FRAME_SAR       (68)
#define FRAME_EPC1      (72)
#define FRAME_EXCCAUSE  (76)
#define FRAME_EXCVADDR  (80)
#define FRAME_SIZE      (96)

// PS: user vector mode, nothing masked.
#define PS_UM           (0x20)

// -----------------------------------------------------------------------------
// Vectors. Offsets are those of the lx106 configuration.

    .section .vectors, "ax"
    .align  16
    .global _vectors
_vectors:
    .org    _vectors + 0x10     // debug
    wsr     a0, excsave1
    j       exception_entry
    .org    _vectors + 0x20     // NMI
    wsr     a0, excsave1
    j       exception_entry
    .org    _vectors + 0x30     // level 1 and exceptions, PS.UM = 0
    wsr     a0, excsave1
    j       exception_entry
    .org    _vectors + 0x50     // level 1 and exceptions, PS.UM = 1
    wsr     a0, excsave1
    j       exception_entry
    .org    _vectors + 0x70     // double exception
    wsr     a0, excsave1
    j       exception_entry
    .org    _vectors + 0x80

    .align  4
    .literal_position
exception_entry:
    addi    a1, a1, -FRAME_SIZE
    s32i    a2, a1, FRAME_A(2)
    s32i    a3, a1, FRAME_A(3)
    s32i    a4, a1, FRAME_A(4)
    s32i    a5, a1, FRAME_A(5)
    s32i    a6, a1, FRAME_A(6)
    s32i    a7, a1, FRAME_A(7)
    s32i    a8, a1, FRAME_A(8)
    s32i    a9, a1, FRAME_A(9)
    s32i    a10, a1, FRAME_A(10)
    s32i    a11, a1, FRAME_A(11)
    // The C code preserves a12 to a15; they are stored for the fault report.
    s32i    a12, a1, FRAME_A(12)
    s32i    a13, a1, FRAME_A(13)
    s32i    a14, a1, FRAME_A(14)
    s32i    a15, a1, FRAME_A(15)
    rsr     a0, excsave1
    s32i    a0, a1, FRAME_A(0)
    addi    a0, a1, FRAME_SIZE
    s32i    a0, a1, FRAME_A(1)
    rsr     a0, ps
    s32i    a0, a1, FRAME_PS
    rsr     a0, sar
    s32i    a0, a1, FRAME_SAR
    rsr     a0, epc1
    s32i    a0, a1, FRAME_EPC1
    rsr     a0, exccause
    s32i    a0, a1, FRAME_EXCCAUSE
    rsr     a0, excvaddr
    s32i    a0, a1, FRAME_EXCVADDR

    mov     a2, a1
    movi    a0, exception_dispatch
    callx0  a0

    // PS is not restored: rfe clears PS.EXCM, which is all that has changed.
    l32i    a0, a1, FRAME_SAR
    wsr     a0, sar
    l32i    a0, a1, FRAME_EPC1
    wsr     a0, epc1
    l32i    a0, a1, FRAME_A(0)
    l32i    a2, a1, FRAME_A(2)
    l32i    a3, a1, FRAME_A(3)
    l32i    a4, a1, FRAME_A(4)
    l32i    a5, a1, FRAME_A(5)
    l32i    a6, a1, FRAME_A(6)
    l32i    a7, a1, FRAME_A(7)
    l32i    a8, a1, FRAME_A(8)
    l32i    a9, a1, FRAME_A(9)
    l32i    a10, a1, FRAME_A(10)
    l32i    a11, a1, FRAME_A(11)
    addi    a1, a1, FRAME_SIZE
    rfe

// -----------------------------------------------------------------------------
// Reset. QEMU loads .data with the image on every reset, so only .bss is left
// to clear.

    .section .iram.text, "ax"
    .align  4
    .literal_position
    .global _start
    .type   _start, @function
_start:
    movi    a0, 0
    wsr     a0, intenable
    movi    a1, _stack_top
    movi    a2, _vectors
    wsr     a2, vecbase
    movi    a2, PS_UM
    wsr     a2, ps
    rsync

    movi    a2, _bss_start
    movi    a3, _bss_end
    j       2f
1:
    s32i    a0, a2, 0
    addi    a2, a2, 4
2:
    bltu    a2, a3, 1b

    movi    a0, main
    callx0  a0
3:
    waiti   15
    j       3b
    .size   _start, . - _start

// -----------------------------------------------------------------------------
// uintptr_t gc_registers(uintptr_t registers[4])
// Stores the registers that a callee preserves and returns the stack pointer.
// What the other registers held is on the stack already, put there by callers.

    .align  4
    .global gc_registers
    .type   gc_registers, @function
gc_registers:
    s32i    a12, a2, 0
    s32i    a13, a2, 4
    s32i    a14, a2, 8
    s32i    a15, a2, 12
    mov     a2, a1
    ret
    .size   gc_registers, . - gc_registers

// SPDX-License-Identifier: MIT

#include <string.h>

#include "py/builtin.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/runtime.h"
#include "py/stackctrl.h"
#include "shared/readline/readline.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/softtimer.h"

#include "clock.h"
#include "flash.h"
#include "lwip/arch/cc.h"
#include "lx60.h"
#include "machine_types.h"
#include "netif.h"
#include "rtc.h"
#include "uart.h"

extern char _stack_top[];

// The part of the stack that Python code may use, as on the chip.
#define STACK_LIMIT (8192)

// Only experiments with larger heaps leave the chip's memory map.
#if MICROPY_HEAP_SIZE <= 48 * 1024
static char heap[MICROPY_HEAP_SIZE] __attribute__((aligned(16)));
#elif MICROPY_HEAP_SIZE <= LX60_LARGE_HEAP_MAX
#define heap ((char *)LX60_LARGE_HEAP_BASE)
#else
#error "the heap is larger than the board's memory"
#endif

uintptr_t gc_registers(uintptr_t registers[4]);

void gc_collect(void) {
    gc_collect_start();
    // The registers lie on the stack here and are traced with it.
    uintptr_t registers[4];
    uintptr_t sp = gc_registers(registers);
    gc_collect_root((void **)sp, ((uintptr_t)_stack_top - sp) / sizeof(uintptr_t));
    soft_timer_gc_mark_all();
    gc_collect_end();
}

static void start_python(void) {
    mp_stack_set_top(_stack_top);
    mp_stack_set_limit(STACK_LIMIT);
    gc_init(heap, heap + MICROPY_HEAP_SIZE);
    mp_init();
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__slash_lib));
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__slash_));
    machine_pin_reset();
    readline_init0();

    pyexec_frozen_module("_boot.py", false);
    int ret = pyexec_file_if_exists("boot.py");
    if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL && ret != 0) {
        pyexec_file_if_exists("main.py");
    }
}

static void run_repl(void) {
    for (;;) {
        int ret = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
        if (ret != 0) {
            return;
        }
    }
}

int main(void) {
    clock_init();
    uart_init();
    rtc_init();
    flash_init();
    // The chip joins the network it knows as soon as it has started.
    netif_start();
    netif_connect();

    for (;;) {
        start_python();
        run_repl();
        // Closes files and sockets that the program left open.
        gc_sweep_all();
        soft_timer_deinit();
        mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
    }
}

static MP_NORETURN void restart_with(const char *message) {
    uart_write_blocking_str("\r\n");
    uart_write_blocking_str(message);
    uart_write_blocking_str("\r\nRestarting.\r\n");
    rtc_reset(RESET_EXCEPTION);
}

void nlr_jump_fail(void *val) {
    (void)val;
    restart_with("Uncaught exception in C code");
}

void lwip_platform_assert(const char *message) {
    restart_with(message);
}

void abort(void) {
    restart_with("abort() was called");
}

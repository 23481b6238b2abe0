// SPDX-License-Identifier: MIT
//
// The module _fuzz of a simulator with FUZZ=1: libFuzzer calls a function in Python, and is guided by the
// steps that the virtual machine takes in frozen modules. A step is an instruction and the one before it in
// the same call; each has a counter, found by a hash, in the section where libFuzzer looks for more
// counters beside those of the compiler.

#include <stdint.h>
#include <stdlib.h>

#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"

#define COUNTERS (1u << 15)

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
const uint8_t *coverage_step(const uint8_t *previous, const uint8_t *ip);

extern const uint8_t __executable_start, end;

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

// Called by the virtual machine before each instruction: tests/support/coverage_vm.h.
const uint8_t *coverage_step(const uint8_t *previous, const uint8_t *ip) {
    if (ip < &__executable_start || ip >= &end) {
        return NULL;
    }
    uint32_t step = (uint32_t)(ip - &__executable_start) * 0x9e3779b1u;
    if (previous != NULL) {
        step ^= (uint32_t)(previous - &__executable_start) * 0x85ebca6bu;
    }
    uint8_t *counter = &counters[step >> 17];
    *counter += *counter != 255;
    return ip;
}

// What an input is given to.
MP_REGISTER_ROOT_POINTER(mp_obj_t fuzz_check);

static int check(const uint8_t *data, size_t size) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_call_function_1(MP_STATE_VM(fuzz_check), mp_obj_new_bytes(data, size));
        nlr_pop();
    } else {
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
        abort();
    }
    return 0;
}

// run(check, arguments): call `check` with inputs, bytes, as libFuzzer makes them. An exception that it
// raises is a finding and ends the process.
// arguments: those of libFuzzer, a list of str, with the program's name first.
static mp_obj_t run(mp_obj_t check_in, mp_obj_t arguments) {
    size_t n;
    mp_obj_t *items;
    mp_obj_get_array(arguments, &n, &items);
    int argc = (int)n;
    char **argv = m_new0(char *, n + 1);
    for (size_t i = 0; i < n; ++i) {
        argv[i] = (char *)mp_obj_str_get_str(items[i]);
    }
    MP_STATE_VM(fuzz_check) = check_in;
    return MP_OBJ_NEW_SMALL_INT(LLVMFuzzerRunDriver(&argc, &argv, check));
}
static MP_DEFINE_CONST_FUN_OBJ_2(run_obj, run);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__fuzz) },
    { MP_ROM_QSTR(MP_QSTR_run), MP_ROM_PTR(&run_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t fuzz_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR__fuzz, fuzz_module);

// SPDX-License-Identifier: MIT
//
// The compiler, for ports whose compile() and execfile() are left out; for frozen/tinyweb/device/.

#include <string.h>

#include "py/bc.h"
#include "py/compile.h"
#include "py/persistentcode.h"
#include "py/runtime.h"

#include "modtinyweb.h"

#if TINYWEB_PROGRAM

// What runs the program in a file of bytecode. Where the file is memory, as those of ROMFS are, most of
// the code stays there.
static mp_obj_t loaded(qstr path) {
    mp_module_context_t *context = m_new_obj(mp_module_context_t);
    context->module.globals = &MP_STATE_VM(dict_main);
    mp_compiled_module_t compiled;
    compiled.context = context;
    mp_raw_code_load_file(path, &compiled);
    return mp_make_function_from_proto_fun(compiled.rc, compiled.context, NULL);
}

static bool is_bytecode(mp_obj_t path) {
    size_t n;
    const char *text = mp_obj_str_get_data(path, &n);
    return n > 4 && memcmp(text + n - 4, ".mpy", 4) == 0;
}

// program(source): what runs a program when it is called without arguments, with the names of the prompt.
// source: path of a file, str, which is never held in memory as a whole, .mpy for bytecode; or the text,
// bytes-like. Raises SyntaxError, whose traceback has the line; OSError for a file that cannot be read,
// ValueError for bytecode of another version.
static mp_obj_t program(mp_obj_t source) {
    mp_lexer_t *lexer;
    if (mp_obj_is_str(source)) {
        if (is_bytecode(source)) {
            return loaded(mp_obj_str_get_qstr(source));
        }
        lexer = mp_lexer_new_from_file(mp_obj_str_get_qstr(source));
    } else {
        mp_buffer_info_t text;
        mp_get_buffer_raise(source, &text, MP_BUFFER_READ);
        lexer = mp_lexer_new_from_str_len(MP_QSTR_program, text.buf, text.len, 0);
    }
    qstr name = lexer->source_name;
    // What is compiled keeps the globals of now, the prompt's.
    nlr_jump_callback_node_globals_locals_t context;
    context.globals = mp_globals_get();
    context.locals = mp_locals_get();
    mp_globals_set(&MP_STATE_VM(dict_main));
    nlr_push_jump_callback(&context.callback, mp_globals_locals_set_from_nlr_jump_callback);
    mp_parse_tree_t tree = mp_parse(lexer, MP_PARSE_FILE_INPUT);
    mp_obj_t f = mp_compile(&tree, name, false);
    nlr_pop_jump_callback(true);
    return f;
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_program_obj, program);

#endif

# SPDX-License-Identifier: MIT
"""The names inside MicroPython that modules in ROM rely on; a release without one is refused.

Run with the path of a MicroPython tree, prints what it lacks.
"""

import re
import sys
from pathlib import Path

# file: [(pattern, what it is)]
_RELIED_UPON = {
    "py/objtype.c": [
        (rf"\n(?:static )?{result} ?\*?{name}\(", f"the function {name}()")
        for result, name in (
            ("mp_obj_t", "mp_obj_instance_make_new"),
            ("void", "instance_print"),
            ("mp_obj_t", "instance_unary_op"),
            ("mp_obj_t", "instance_binary_op"),
            ("void", "mp_obj_instance_attr"),
            ("mp_obj_t", "instance_subscr"),
            ("mp_int_t", "instance_get_buffer"),
            ("void", "type_attr"),
        )
    ]
    + [
        (r"mp_convert_member_lookup\(", "a call of mp_convert_member_lookup()"),
        (r"t->flags \|= MP_TYPE_FLAG_IS_SUBCLASSED;", "the flag of classes with subclasses"),
        (r"MP_OBJ_TYPE_SET_SLOT\(o, buffer, instance_get_buffer, 8\);", "nine slots"),
    ],
    "py/objmodule.c": [(r"\nstatic void module_attr\(", "the function module_attr()")],
    "py/objdict.c": [
        (r"\nmp_obj_t mp_obj_dict_get\(", "the function mp_obj_dict_get()"),
        (r"\nmp_obj_t mp_obj_dict_store\(", "the function mp_obj_dict_store()"),
    ],
    "py/objclosure.c": [
        (
            r"mp_obj_base_t base;\s*mp_obj_t fun;\s*size_t n_closed;\s*mp_obj_t closed\[\];",
            "the structure of a closure",
        )
    ],
    "py/objproperty.c": [
        (r"mp_obj_base_t base;\s*mp_obj_t proxy\[3\];", "the structure of a property")
    ],
    "py/objfun.h": [
        (
            r"mp_obj_base_t base;\s*const mp_module_context_t \*context;.*\n"
            r"\s*struct _mp_raw_code_t \*const \*child_table;.*\n\s*const byte \*bytecode;",
            "the structure of a function",
        )
    ],
    "py/modio.c": [
        (r"\nstatic const mp_obj_type_t mp_type_iobase;", "the type of io.IOBase"),
        (r"\nstatic const mp_stream_p_t iobase_p = ", "the protocol of io.IOBase"),
    ],
    "py/runtime.c": [
        (r"MICROPY_WRAP_MP_LOAD_GLOBAL\(mp_load_global\)\(", "the function mp_load_global()"),
        (r"MICROPY_WRAP_MP_LOAD_NAME\(mp_load_name\)\(", "the function mp_load_name()"),
        (r"\nvoid mp_import_all\(", "the function mp_import_all()"),
        (r"MICROPY_PORT_INIT_FUNC;", "MICROPY_PORT_INIT_FUNC"),
    ],
    "py/builtin.h": [(r"#ifndef mp_builtin___import__", "the hook mp_builtin___import__")],
    "tools/mpy-tool.py": [
        (r"static const byte fun_data_%s\[%u\] = ", "the names fun_data_*"),
        (r"static const mp_raw_code_t \*const children_%s\[\] = ", "the names children_*"),
        (r"static const qstr_short_t const_qstr_table_data_%s\[%u\]", "const_qstr_table_data_*"),
        (r"static const mp_rom_obj_t const_obj_table_data_%s\[%u\]", "const_obj_table_data_*"),
        (r'"const_obj_%s_%u" % \(self.escaped_name, i\)', "the names const_obj_*"),
        (r"    &frozen_module_%s,", "the names frozen_module_*"),
        (r"def freeze_mpy\(firmware_qstr_idents, compiled_modules\):", "freeze_mpy()"),
    ],
    "tools/makemanifest.py": [
        (r"\ndef system\(cmd\):", "the function system()"),
        (r"MPY_TOOL,\s*\"-f\",\s*\"-q\",", "the call of mpy-tool.py"),
    ],
    "tools/manifestfile.py": [(r"def _manifest_globals\(self, kwargs\):", "_manifest_globals()")],
}


def missing(top):
    """Sentences, one for each name that a MicroPython tree lacks."""
    result = []
    for file, expected in _RELIED_UPON.items():
        path = Path(top) / file
        text = "\n" + path.read_text(errors="replace") if path.is_file() else ""
        for pattern, what in expected:
            if not re.search(pattern, text):
                result.append(
                    f"Modules in ROM rely on {what} in MicroPython's {file}, which this release "
                    "lacks. Build with ROM=0, or adapt cmodules/rom and ci/rom: see docs/rom.md"
                )
    return result


if __name__ == "__main__":
    print("\n".join(missing(sys.argv[1])))

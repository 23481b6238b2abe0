# SPDX-License-Identifier: MIT
"""The modules in C of an image: which there are, and the C names of what they hold.

Which there are is read from what MicroPython's own build collected. What they hold is read from
the table of their globals in the C source. Most functions of modules in C are static objects,
which no other file can name; whoever uses them looks them up in the module when they are needed.
"""

import re
from pathlib import Path

from . import RomError
from .values import Native

_REGISTERED = re.compile(r"MP_ROM_QSTR\(MP_QSTR_(\w+)\),\s*MP_ROM_PTR\(&(\w+)\)")
_REGISTER = re.compile(r"MP_REGISTER_(?:EXTENSIBLE_)?MODULE\(\s*MP_QSTR_(\w+)\s*,\s*(\w+)\s*\)")
_MODULE = re.compile(r"\bmp_obj_module_t\s+(\w+)\s*=\s*\{(.*?)\};", re.S)
_GLOBALS = re.compile(r"\.globals\s*=\s*\([^)]*\)\s*&(\w+)")
_TABLE = re.compile(r"\bmp_rom_map_elem_t\s+(\w+)\[\]\s*=\s*\{(.*?)\n\};", re.S)
_DICT = re.compile(r"\bMP_DEFINE_CONST_DICT\(\s*(\w+)\s*,\s*(\w+)\s*\)")
_ENTRY = re.compile(r"MP_ROM_QSTR\(MP_QSTR_(\w+)\)\s*,\s*(MP_ROM_PTR\(\s*&(\w+)\s*\))?")
# Static objects that hooks/ gives a name; the second is the C name of their protocol.
EXPORTED = {("io", "IOBase"): ("rom_io_IOBase", "rom_io_IOBase_protocol")}


class NativeModules:
    """build: folder of the build; folders: where C sources are looked for."""

    def __init__(self, build, folders):
        self.symbols = _registered(Path(build) / "genhdr")
        self._files = {}
        for folder in folders:
            for path in sorted(Path(folder).glob("**/*.c")):
                text = path.read_text(errors="replace")
                for match in _MODULE.finditer(text):
                    self._files.setdefault(match[1], (path, text, match[2]))
        self._macros = {}
        self._folders = folders
        self._tables = {}

    def __contains__(self, name):
        return name in self.symbols

    def get(self, module, name):
        """The Native that is `name` of the C module `module`, or None if it has no such name."""
        table = self._table(module)
        if table is None:
            return Native(module, name, None, False)
        if name not in table:
            # Attributes that are no globals: sys.ps1, or what the port's macros add
            return Native(module, name, None, False) if module != "builtins" else None
        symbol, certain = table[name]
        if (module, name) in EXPORTED:
            symbol = EXPORTED[module, name][0]
        return Native(module, name, symbol, certain)

    def protocol(self, native):
        """C name of the protocol of a type, or None; KeyError if that cannot be known."""
        key = native.module, native.name
        if key in EXPORTED:
            return EXPORTED[key][1]
        if native.symbol is None:
            raise KeyError(key)
        if native.module == "builtins":
            return None
        _, text, _ = self._files[self.symbols[native.module]]
        found = re.search(
            rf"MP_DEFINE_CONST_OBJ_TYPE\(\s*{native.symbol}\s*,(.*?)\);",
            text,
            re.S,
        )
        if not found or re.search(r"\bprotocol\s*,", found[1]):
            raise KeyError(key)
        return None

    def is_type(self, native):
        return bool(native.symbol) and (
            (native.module, native.name) in EXPORTED or "type" in native.symbol.split("_")
        )

    def _table(self, module):
        # {name: (C name or None, certain)} of the module's globals, or None where the source is
        # not found or written in another way.
        if module not in self._tables:
            self._tables[module] = self._read_table(self.symbols.get(module))
        return self._tables[module]

    def _read_table(self, symbol):
        if symbol not in self._files:
            return None
        _, text, body = self._files[symbol]
        globals_ = _GLOBALS.search(body)
        dicts = dict(_DICT.findall(text))
        tables = dict(_TABLE.findall(text))
        table = tables.get(dicts.get(globals_[1])) if globals_ else None
        if table is None:
            return None
        result = {}
        depth = 0
        for line in table.splitlines():
            directive = re.match(r"\s*#\s*(if|endif)", line)
            if directive:
                depth += 1 if directive[1] == "if" else -1
            for name, _, target in _ENTRY.findall(line):
                usable = target and name not in result and not self._is_static(text, target)
                result[name] = (target if usable and not depth else None, not depth)
        return result

    def _is_static(self, text, symbol):
        if re.search(rf"\bstatic\b[^;={{]*?\b{symbol}\b", text):
            return True
        for macro in re.findall(rf"^(\w+)\(\s*{symbol}\b", text, re.M):
            if not macro.startswith("MP_DEFINE_") and self._macro_is_static(macro):
                return True
        return False

    def _macro_is_static(self, macro):
        if macro not in self._macros:
            self._macros[macro] = True
            for folder in self._folders:
                for path in Path(folder).glob("**/*.h"):
                    found = re.search(
                        rf"#define {macro}\((?:.*\\\n)*.*", path.read_text(errors="replace")
                    )
                    if found:
                        self._macros[macro] = "static" in found[0]
        return self._macros[macro]


def _registered(genhdr):
    moduledefs = genhdr / "moduledefs.h"
    if moduledefs.is_file():
        found = _REGISTERED.findall(moduledefs.read_text())
    else:
        preprocessed = genhdr / "qstr.i.last"
        if not preprocessed.is_file():
            raise RomError(f"{genhdr} has neither moduledefs.h nor qstr.i.last: see docs/rom.md")
        found = _REGISTER.findall(preprocessed.read_text(errors="replace"))
    if not found:
        raise RomError(f"No modules in C are registered in {genhdr}: see docs/rom.md")
    return dict(found)

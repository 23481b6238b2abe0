# SPDX-License-Identifier: MIT
"""Values as constants of C, behind what mpy-tool.py writes: it has the bytecode that they name."""

import contextlib
import io

from .values import (
    Class,
    Closure,
    ClosureCell,
    Dict,
    Function,
    GeneratorType,
    Native,
    NativeModule,
    Property,
    RomModule,
    Variable,
    Wrapped,
)

# Fixed maps of up to this many entries are searched from the first to the last.
_LINEAR = 6
_WORD = 4
_END = 0xFFFF


class Writer:
    """tool: mpy-tool.py; linker: the linked modules; has_file: whether modules have __file__.

    flash: {module: bytes}, filled.
    """

    def __init__(self, tool, linker, modules, has_file):
        self.tool = tool
        self.has_file = has_file
        self.linker = linker
        self.modules = modules
        self.by_name = {x.name: x for x in modules}
        self.stateful = [x for x in modules if x.has_state]
        self.flash = {x.name: 0 for x in modules}
        self.types = {}
        self.declarations = []
        self.definitions = []
        self.objects = {}
        self.natives = {}
        self.current = None
        self._count = 0

    def text(self):
        """The C text of all modules."""
        for module in self.modules:
            self.current = module
            self._module(module)
        self.current = None
        self._tables()
        head = ['#include "modrom.h"', f"#if MICROPY_QSTR_BYTES_IN_HASH != {self._hash_bytes()}"]
        head += ['#error "MICROPY_QSTR_BYTES_IN_HASH differs from what the build collected"']
        head += ["#endif"]
        lines = [*head, *self.types.values(), *self.declarations, *self.definitions]
        return "\n".join(lines) + "\n"

    # Names

    def _hash_bytes(self):
        return self.tool.config.MICROPY_QSTR_BYTES_IN_HASH

    def qstr(self, text):
        """The identifier of an interned string, which is added where it is missing."""
        found = self.tool.global_qstrs.find_by_str(text)
        if found is None:
            found = self.tool.global_qstrs.add(text)
        return found.qstr_id

    def _new(self, kind):
        self._count += 1
        return f"rom_{kind}_{self._count}"

    def _define(self, c_type, name, value, size, public=False):
        # Declared first, because constants point at each other.
        storage = "" if public else "static "
        if not public:
            self.declarations.append(f"{storage}const {c_type} {name};")
        self.definitions.append(f"{storage}const {c_type} {name} = {value};")
        if self.current is not None:
            self.flash[self.current.name] += size

    # Values

    def ref(self, value):
        """An initializer of mp_rom_obj_t for a value."""
        if isinstance(value, RomModule):
            return f"MP_ROM_PTR(&{self._context(self.by_name[value.name])}.module)"
        if isinstance(value, NativeModule):
            return self._native(self.linker.natives.symbols[value.name])
        if isinstance(value, Native):
            return self._native(value.symbol) if value.symbol else self._link(value)
        if isinstance(value, GeneratorType):
            return "MP_ROM_PTR(&mp_type_gen_instance)"
        if type(value) is tuple and value and not _is_written(value, self.current):
            return self._tuple(value)
        if isinstance(value, _Entry):
            return f"MP_ROM_PTR(&rom_module_{value.module.code.escaped_name})"
        writers = {
            Function: self._function,
            Closure: self._closure,
            ClosureCell: self._closure_cell,
            Class: self._class,
            Wrapped: self._wrapped,
            Property: self._property,
            Dict: self._dict,
            Variable: self._variable,
        }
        writer = writers.get(type(value))
        if writer is None:
            return self._constant(value)
        if value not in self.objects:
            writer(value)
        return f"MP_ROM_PTR(&{self.objects[value]})"

    def _constant(self, value):
        if type(value) is str and (len(value) < 32 or self.tool.global_qstrs.find_by_str(value)):
            return f"MP_ROM_QSTR({self.qstr(value)})"
        written = _written(value, self.current)
        if written is not None:
            return f"MP_ROM_PTR(&const_obj_{self.current.code.escaped_name}_{written})"
        key = (type(value), value)
        if key not in self.objects:
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                code = self.modules[0].code
                self.objects[key] = code.freeze_constant_obj(self._new("constant"), value)
            self.declarations.append(output.getvalue())
        return self.objects[key]

    def _native(self, symbol):
        if symbol not in self.natives:
            name = f"rom_native_{len(self.natives)}"
            self.natives[symbol] = name
            # By its name for the linker, whatever type other headers give it.
            self.declarations.append(f'extern const mp_obj_base_t {name} __asm__("{symbol}");')
        return f"MP_ROM_PTR(&{self.natives[symbol]})"

    def _link(self, native):
        key = native.module, native.name
        if key not in self.objects:
            name = self.objects[key] = self._new("link")
            module = self.linker.natives.symbols[native.module]
            self._native(module)
            self._define(
                "rom_link_t",
                name,
                f"{{{{&rom_type_link}}, &{self.natives[module]}, {self.qstr(native.name)}}}",
                3 * _WORD,
            )
        return f"MP_ROM_PTR(&{self.objects[key]})"

    def _tuple(self, value):
        key = "tuple", id(value)
        if key not in self.objects:
            name = self.objects[key] = self._new("tuple")
            items = ", ".join(self.ref(x) for x in value)
            n = len(value)
            self.types[f"tuple{n}"] = (
                f"typedef struct {{ mp_obj_base_t base; size_t len; mp_rom_obj_t items[{n}]; }}"
                f" rom_tuple_{n}_t;"
            )
            self._define(
                f"rom_tuple_{n}_t",
                name,
                f"{{{{&mp_type_tuple}}, {n}, {{{items}}}}}",
                (2 + n) * _WORD,
            )
        return f"MP_ROM_PTR(&{self.objects[key]})"

    def _function(self, value):
        name = self.objects[value] = self._new("function")
        module = self.by_name[value.module]
        code = value.code
        extra = list(value.defaults) + ([value.keywords] if value.keywords else [])
        n = len(extra)
        field = f" mp_rom_obj_t extra_args[{n}];" if n else ""
        self.types[f"function{n}"] = (
            "typedef struct { mp_obj_base_t base; const mp_module_context_t *context;"
            " struct _mp_raw_code_t *const *child_table; const byte *bytecode;"
            f"{field} }} rom_function_{n}_t;"
        )
        children = f"(struct _mp_raw_code_t *const *)children_{code.escaped_name}"
        values = [
            "{&mp_type_gen_wrap}" if value.is_generator else "{&mp_type_fun_bc}",
            f"&{self._context(module)}",
            children if code.children else "NULL",
            f"fun_data_{code.escaped_name}",
        ]
        if n:
            values.append("{" + ", ".join(self.ref(x) for x in extra) + "}")
        self._define(f"rom_function_{n}_t", name, _braces(values), (4 + n) * _WORD)

    def _closure(self, value):
        name = self.objects[value] = self._new("closure")
        n = len(value.cells)
        self.types[f"closure{n}"] = (
            "typedef struct { mp_obj_base_t base; mp_rom_obj_t fun; size_t n_closed;"
            f" mp_rom_obj_t closed[{n}]; }} rom_closure_{n}_t;"
        )
        cells = ", ".join(self.ref(x) for x in value.cells)
        self._define(
            f"rom_closure_{n}_t",
            name,
            f"{{{{&mp_type_closure}}, {self.ref(value.function)}, {n}, {{{cells}}}}}",
            (3 + n) * _WORD,
        )

    def _closure_cell(self, value):
        name = self.objects[value] = self._new("cell")
        content = "MP_ROM_PTR(NULL)" if value.value is None else self.ref(value.value)
        # Its type is looked at only to print it.
        self._define("rom_object_t", name, f"{{{{&mp_type_object}}, {content}}}", 2 * _WORD)

    def _wrapped(self, value):
        name = self.objects[value] = self._new("method")
        content = self.ref(value.function)
        self._define("rom_object_t", name, f"{{{{&mp_type_{value.kind}}}, {content}}}", 2 * _WORD)

    def _property(self, value):
        name = self.objects[value] = self._new("property")
        functions = ", ".join(self.ref(x) for x in value.functions)
        self._define("rom_property_t", name, f"{{{{&mp_type_property}}, {{{functions}}}}}", 16)

    def _variable(self, value):
        name = self.objects[value] = self._new("link")
        module = self.by_name[value.module]
        state = self.stateful.index(module)
        index = module.used_variables.index(value)
        place = f"ROM_PLACE({state}, {index})"
        self._define("rom_link_t", name, f"{{{{&rom_type_link}}, NULL, {place}}}", 3 * _WORD)

    def _class(self, value):
        name = self.objects[value] = self._new("class")
        protocol = None
        slots = list("make_new print call unary_op binary_op attr subscr iter buffer".split())
        values = [f"rom_instance_{x}" for x in slots]
        table = self._map(value.attributes.items())
        attributes = f"{name}_dict"
        self._define("mp_obj_dict_t", attributes, f"{{{{&mp_type_dict}}, {table}}}", 4 * _WORD)
        slots.append("locals_dict")
        values.append(f"&{attributes}")
        if value.bases:
            slots.append("parent")
            values.append(_pointer(self.ref(value.bases[0])))
            protocol = self._protocol(value)
        if protocol:
            slots.append("protocol")
            self._native(protocol)
            values.append(f"&{self.natives[protocol]}")
        n = len(slots)
        fields = "".join(f" uint8_t slot_index_{x};" for x in _SLOT_FIELDS)
        self.types[f"class{n}"] = (
            f"typedef struct {{ mp_obj_base_t base; uint16_t flags; uint16_t name;{fields}"
            f" const void *slots[{n}]; }} rom_class_{n}_t;"
        )
        indices = ", ".join(f".slot_index_{x} = {i + 1}" for i, x in enumerate(slots))
        self._define(
            f"rom_class_{n}_t",
            name,
            f"{{.base = {{&mp_type_type}}, .flags = {_flags(value)}, .name = "
            f"{self.qstr(value.name)}, {indices}, .slots = {{{', '.join(values)}}}}}",
            (5 + n) * _WORD,
        )

    def _protocol(self, value):
        base = value.bases[0]
        if isinstance(base, Class):
            return self._protocol(base) if base.bases else None
        return self.linker.natives.protocol(base)

    def _dict(self, value):
        name = self.objects[value] = self._new("dict")
        table = self._map(value.items)
        self._define("mp_obj_dict_t", name, f"{{{{&mp_type_dict}}, {table}}}", 4 * _WORD)

    # Dictionaries

    def _map(self, items):
        """An initializer of mp_map_t."""
        items = list(items)
        n = len(items)
        strings = all(type(k) is str for k, _ in items)
        hashed = strings and n > _LINEAR and self._hash_bytes() > 0
        if hashed:
            places, size = self._hash([k for k, _ in items])
        else:
            places, size = range(n), n
        table = "NULL"
        if n:
            name = self._new("table")
            self.types[f"table{size}"] = f"typedef mp_rom_map_elem_t rom_table_{size}_t[{size}];"
            entries = []
            for place, (key, value) in zip(places, items, strict=True):
                c_key = f"MP_ROM_QSTR({self.qstr(key)})" if type(key) is str else self.ref(key)
                entries.append(f"[{place}] = {{ {c_key}, {self.ref(value)} }}")
            entries = ",\n    ".join(entries)
            self._define(f"rom_table_{size}_t", name, f"{{\n    {entries}\n}}", 2 * size * _WORD)
            table = f"(mp_map_elem_t *)(void *){name}"
        flags = f".all_keys_are_qstrs = {int(strings)}, .is_fixed = 1"
        return (
            f"{{{flags}, .is_ordered = {int(not hashed)},"
            f" .used = {n}, .alloc = {size}, .table = {table}}}"
        )

    def _hash(self, keys):
        """(place of each key, size) of the table of up to a third more where few keys collide."""
        compute = self.tool.qstrutil.compute_hash
        hashes = [compute(x.encode(), self._hash_bytes()) for x in keys]
        best = None
        for size in range(len(keys) + 1, len(keys) * 4 // 3 + 2):
            used = {}
            cost = 0
            for i, value in enumerate(hashes):
                place = value % size
                while place in used:
                    place = (place + 1) % size
                    cost += 1
                used[place] = i
            if best is None or cost < best[0]:
                best = cost, {i: p for p, i in used.items()}, size
        return [best[1][i] for i in range(len(keys))], best[2]

    # Modules

    def _context(self, module):
        return f"rom_context_{module.code.escaped_name}"

    def _module(self, module):
        code = module.code
        names = {"__name__": module.name}
        if self.has_file:
            names["__file__"] = code.source_file.str
        if module.is_package:
            names["__path__"] = ".frozen/" + module.name.replace(".", "/")
        names.update((k, v) for k, v in module.names.items() if k != "__rom_init__")
        if module.is_package:
            for other in self.modules:
                parent, _, child = other.name.rpartition(".")
                if parent == module.name:
                    names.setdefault(child, RomModule(other.name))
        escaped = code.escaped_name
        table = self._map(names.items())
        entry = f"rom_module_{escaped}"
        top = self.by_name[module.name.partition(".")[0]]
        self._define(
            "rom_globals_t",
            f"rom_globals_{escaped}",
            f"{{{{&rom_type_globals}}, {table}, &{entry}}}",
            5 * _WORD,
        )
        qstrs = f"(qstr_short_t *)&const_qstr_table_data_{escaped}" if code.qstr_table else "NULL"
        objects = f"(mp_obj_t *)&const_obj_table_data_{escaped}" if code.obj_table else "NULL"
        self._define(
            "mp_module_context_t",
            self._context(module),
            "{.module = {.base = {&mp_type_module}, .globals = (mp_obj_dict_t *)(void *)"
            f"&rom_globals_{escaped}}}, .constants = {{.qstr_table = {qstrs}, .obj_table = "
            f"{objects}}}}}",
            4 * _WORD,
        )
        order = [self.stateful.index(x) for x in self.linker.init_order(module)]
        self._define(
            "rom_module_t",
            entry,
            f"{{&{self._context(module)}.module, &{self._context(top)}.module, "
            f"{self.qstr(top.name)}, {self._order(order)}}}",
            4 * _WORD,
        )

    def _order(self, order):
        if not order:
            return "NULL"
        key = "order", tuple(order)
        if key not in self.objects:
            name = self.objects[key] = self._new("order")
            n = len(order) + 1
            self.types[f"order{n}"] = f"typedef uint16_t rom_order_{n}_t[{n}];"
            values = ", ".join(map(str, [*order, _END]))
            self._define(f"rom_order_{n}_t", name, f"{{{values}}}", 2 * n)
        return self.objects[key]

    def _tables(self):
        modules = sorted(self.modules, key=lambda x: x.name)
        states = []
        for module in self.stateful:
            self.current = module
            variables = module.used_variables
            initial = "NULL"
            if any(x.has_initial for x in variables):
                initial = self._new("initial")
                n = len(variables)
                self.types[f"initial{n}"] = f"typedef mp_rom_obj_t rom_initial_{n}_t[{n}];"
                values = [
                    self.ref(x.initial) if x.has_initial else "MP_ROM_PTR(NULL)" for x in variables
                ]
                self._define(f"rom_initial_{n}_t", initial, _braces(values), n * _WORD)
            init = self.ref(module.init) if module.init else "MP_ROM_PTR(NULL)"
            states.append(f"{{{len(variables)}, {initial}, {init}}}")
            self.flash[module.name] += 3 * _WORD
        self.current = None
        # Interned names, because a map is what finds them fastest.
        table = self._map((x.name, _Entry(x)) for x in modules)
        self._define("mp_map_t", "rom_modules", table, 0, public=True)
        states = ",\n    ".join(states or ["{0, NULL, MP_ROM_PTR(NULL)}"])
        self._define("rom_state_t", "rom_states[]", f"{{\n    {states}\n}}", 0, public=True)
        self._define("size_t", "rom_states_len", str(len(self.stateful)), 0, public=True)


class _Entry:
    # An entry of the table of modules
    def __init__(self, module):
        self.module = module


_SLOT_FIELDS = (
    "make_new print call unary_op binary_op attr subscr iter buffer protocol parent locals_dict"
).split()


def _flags(value):
    flags = "ROM_CLASS_FLAGS"
    special = setattr_ = False
    classes = [value]
    while classes:
        current = classes.pop()
        special = special or any(isinstance(x, Property) for x in current.attributes.values())
        setattr_ = setattr_ or not {"__setattr__", "__delattr__"}.isdisjoint(current.attributes)
        classes += [x for x in current.bases if isinstance(x, Class)]
    if special:
        flags += " | MP_TYPE_FLAG_HAS_SPECIAL_ACCESSORS"
    if setattr_:
        flags += " | ROM_SETATTR_FLAG"
    return flags


def _braces(values):
    return "{" + ", ".join(values) + "}"


def _pointer(ref):
    return ref[len("MP_ROM_PTR(") : -1]


def _written(value, module):
    """Index in the module's own table of constants of an object that has a name in C there."""
    if module is None or not value or type(value) not in (str, bytes, tuple):
        return None
    for i, other in enumerate(module.code.obj_table):
        if other is value:
            return i
    return None


def _is_written(value, module):
    return _written(value, module) is not None

# SPDX-License-Identifier: MIT
"""What modules in ROM save and cost: a line of the build's log for each refusal, and a table.

Heap is that of an import on a chip with words of 4 bytes and blocks of 16, by the structures that
MicroPython would allocate; tests/rom compares it with what an import takes.
"""

from .values import Class, Closure, Dict, Function, GeneratorType, Property, Wrapped

_WORD = 4
_BLOCK = 16
_MODULE = 16
_HEAD = "{:<32} {:>6} {:>6} {:>6}  {}"
# Sizes of tables in py/map.c.
_SIZES = (0, 2, 4, 6, 8, 10, 12, 17, 23, 29, 37, 47, 59, 73, 97, 127, 167, 223, 293, 389, 521, 691)


def refusals(linker):
    """A line for each module that stays frozen ordinarily, and each name that stays in RAM."""
    lines = []
    for module in linker.modules.values():
        if module.refused:
            lines.append(f"Not in ROM: {module.name}: {module.refused}")
            continue
        for name, reason in sorted(module.source.in_ram.items()):
            lines.append(f"In RAM: {module.name}.{name}: {reason}")
    return lines


def table(linker, modules, writer):
    """Text with a line for each module: heap before and now, and flash, in bytes."""
    lines = [_HEAD.format("module", "before", "now", "flash", "in RAM")]
    sums = [0, 0, 0]
    for module in sorted(modules, key=lambda x: x.name):
        before = heap_before(module)
        now = _round((len(module.variables)) * _WORD) if module.has_state else 0
        flash = writer.flash[module.name] - dropped(module)
        sums = [a + b for a, b in zip(sums, (before, now, flash), strict=True)]
        names = ", ".join(x.name for x in module.used_variables)
        lines.append(_HEAD.format(module.name, before, now, flash, names).rstrip())
    lines.append(_HEAD.format("all", *sums, "").rstrip())
    lines.append("")
    lines.append("Bytes of heap that importing the module took and takes, without what its")
    lines.append("variables point at, and of flash that it takes more than frozen ordinarily.")
    return "\n".join([*lines, "", *refusals(linker)]) + "\n"


def _round(size):
    return -(-size // _BLOCK) * _BLOCK


def _table_size(n):
    size = next(x for x in _SIZES if x >= n)
    return _round(size * 2 * _WORD)


def heap_before(module):
    """Bytes of heap that an ordinary import of the module takes."""
    seen = set()
    # Its object, its dictionary, and their table, and the entry in sys.modules
    names = [x for x in module.names if x != "__rom_init__"]
    total = _MODULE + _BLOCK + _table_size(len(names) + 1 + module.is_package) + 2 * _WORD
    pending = list(module.names.values())
    while pending:
        value = pending.pop()
        if id(value) in seen or getattr(value, "module", module.name) != module.name:
            continue
        seen.add(id(value))
        if isinstance(value, Function):
            extra = len(value.defaults) + bool(value.keywords)
            total += _round((4 + extra) * _WORD)
            pending += value.defaults
            pending.append(value.keywords)
        elif isinstance(value, Closure):
            total += _round((3 + len(value.cells)) * _WORD)
            pending.append(value.function)
            pending += [x.value for x in value.cells]
            total += _BLOCK * len(value.cells)
        elif isinstance(value, Class):
            total += _round((5 + 10 + bool(value.bases)) * _WORD) + _BLOCK
            total += _table_size(len(value.attributes))
            pending += value.attributes.values()
        elif isinstance(value, (Wrapped, Property)):
            total += _BLOCK
            pending += value.functions if isinstance(value, Property) else [value.function]
        elif isinstance(value, Dict):
            total += _BLOCK + _table_size(len(value.items))
            pending += [x for _, x in value.items]
        elif type(value) is tuple or isinstance(value, GeneratorType):
            pending += value if type(value) is tuple else ()
    return total


def dropped(module):
    """Bytes of code that nobody runs any more: the bodies of the module and its classes."""
    total = 0
    used = {id(x.code) for x in _functions(module)}

    def visit(code):
        nonlocal total
        if id(code) in used:
            return
        total += len(code.fun_data) + 4 * _WORD
        for child in code.children:
            if hasattr(child, "obj_table"):
                visit(child)

    visit(module.code.raw_code)
    return total


def _functions(module):
    seen = set()
    pending = list(module.names.values())
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Function):
            yield value
            pending += value.defaults
        elif isinstance(value, (Closure, Wrapped)):
            pending.append(value.function)
        elif isinstance(value, Class):
            pending += value.attributes.values()
        elif isinstance(value, Property):
            pending += value.functions
        elif type(value) is tuple:
            pending += value

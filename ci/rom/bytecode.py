# SPDX-License-Identifier: MIT
"""Runs the body of a module, and those of its classes, at build time.

The bytecode is the one that the device would run: what the compiler folded is folded, and the
children of a code object are those that functions are made of. An instruction or a call whose
result is not known here raises NotInRom.
"""

from . import NotInRom
from .values import (
    Class,
    Closure,
    ClosureCell,
    Dict,
    Function,
    Generator,
    GeneratorType,
    Native,
    NativeModule,
    Property,
    RomModule,
    Value,
    Variable,
    Wrapped,
    is_constant,
)

# What LOAD_BUILD_CLASS pushes, and a missing argument.
_BUILD_CLASS = object()
_NULL = object()

_OPERATIONS = {
    "__add__": lambda a, b: a + b,
    "__sub__": lambda a, b: a - b,
    "__mul__": lambda a, b: a * b,
    "__mod__": lambda a, b: a % b,
    "__floordiv__": lambda a, b: a // b,
    "__or__": lambda a, b: a | b,
    "__xor__": lambda a, b: a ^ b,
    "__and__": lambda a, b: a & b,
    "__lshift__": lambda a, b: a << b,
    "__rshift__": lambda a, b: a >> b,
}
# Longer constants are made on the device.
_LONGEST = 4096


class Interpreter:
    """tool: mpy-tool.py as a module; linker: finds modules and their names; module: its name."""

    def __init__(self, tool, linker, module, on_store, variable, class_variables):
        self.opcodes = tool.Opcode
        self.decode = tool.mp_opcode_decode
        self.linker = linker
        self.module = module
        # on_store(name, value) is called for each global name, variable(name) gives the Variable
        # that a name of this module, or "Class.attribute", has become, or None, and
        # class_variables(name) the attributes of a class that are Variables.
        self.on_store = on_store
        self.variable = variable
        self.class_variables = class_variables
        self.names = {}

    def run(self, code):
        """Run the module's body; returns None, or (name, reason) of the assignment that failed.

        The name is that of the global or attribute which the failed statement assigns first.
        """
        frame = _Frame(self, code, self.names)
        try:
            frame.run()
        except NotInRom as error:
            return frame.next_store(), str(error)
        return None

    # Names

    def load(self, name):
        if name == "__name__":
            return self.module
        if name in self.names:
            return self.known(self.names[name])
        value = self.variable(name)
        if value is not None:
            return self.known(value)
        return self.linker.builtin(name)

    def known(self, value):
        if isinstance(value, Variable):
            raise NotInRom(f"it uses {value.name}, which is in RAM")
        return value

    def attribute(self, value, name):
        if isinstance(value, Property) and name in _Accessor.NAMES:
            return _Accessor(value, name)
        if isinstance(value, RomModule):
            return self.linker.name_of(self.module, value.name, name)
        if isinstance(value, NativeModule):
            return self.linker.native(value.name, name)
        if isinstance(value, Class):
            try:
                found = value.lookup(name)
            except KeyError:
                pass
            else:
                if isinstance(found, Wrapped) and found.kind == "staticmethod":
                    return found.function
                if not isinstance(found, (Wrapped, Property)):
                    return found
        raise NotInRom(f"the value of .{name} is known on the device only")

    # Calls

    def call(self, function, args, keywords):
        if function is _BUILD_CLASS:
            return self.build_class(*args, keywords=keywords)
        if isinstance(function, Function) and function.is_generator and not args and not keywords:
            return Generator()
        if isinstance(function, Native) and not keywords:
            if (function.module, function.name) == ("micropython", "const") and len(args) == 1:
                return args[0]
            if function.module == "builtins":
                name = function.name
                if name in ("staticmethod", "classmethod") and len(args) == 1:
                    return Wrapped(name, args[0])
                if name == "property" and 1 <= len(args) <= 3:
                    return Property([*args, None, None][:3])
                if name == "type" and len(args) == 1 and isinstance(args[0], Generator):
                    return GeneratorType()
                if name == "tuple" and len(args) == 1 and type(args[0]) is tuple:
                    return args[0]
        if isinstance(function, _Accessor) and len(args) == 1:
            functions = list(function.property.functions)
            functions[function.index] = args[0]
            return Property(functions)
        name = getattr(function, "name", None)
        if isinstance(function, Function):
            name = function.code.simple_name.str
        raise NotInRom(f"it calls {name or 'something'}")

    def build_class(self, body, name, *bases, keywords):
        if keywords:
            raise NotInRom("a metaclass")
        if len(bases) > 1:
            raise NotInRom("several base classes")
        for base in bases:
            if isinstance(base, Class):
                continue
            if not (isinstance(base, Native) and self.linker.is_type(base)):
                raise NotInRom("its base class is known on the device only")
        attributes = {}
        cell = _Frame(self, body, attributes).run()
        if isinstance(attributes.get("__new__"), Function):
            attributes["__new__"] = Wrapped("staticmethod", attributes["__new__"])
        result = Class(self.module, name, bases, attributes)
        if isinstance(cell, ClosureCell):
            cell.value = result
        for attribute in self.class_variables(name):
            variable = self.variable(f"{name}.{attribute}")
            if attribute in attributes:
                variable.set_initial(attributes[attribute])
            else:
                self._inherit(variable, result, attribute)
            attributes[attribute] = variable
        return result

    def _inherit(self, variable, owner, attribute):
        # Until it is set, the attribute is that of a base class.
        try:
            value = owner.lookup(attribute)
        except KeyError:
            return
        if isinstance(value, Variable):
            raise NotInRom(f"it sets .{attribute}, which is a variable of its base class too")
        variable.set_initial(value)


class _Accessor:
    # property.setter and the like
    NAMES = ("getter", "setter", "deleter")

    def __init__(self, value, name):
        self.property = value
        self.index = self.NAMES.index(name)


class _Frame:
    """One execution of the code of a module or class; names: its namespace."""

    def __init__(self, interpreter, code, names):
        self.interpreter = interpreter
        self.is_class = names is not interpreter.names
        self.function = code if isinstance(code, (Function, Closure)) else None
        if isinstance(code, Closure):
            raise NotInRom("a class that closes over variables")
        self.code = code.code if self.function else code
        self.names = names
        self.stack = []
        self.fast = {}
        self.ip = self.code.offset_opcodes

    def next_store(self):
        """The name that the first store from here on assigns."""
        opcodes = self.interpreter.opcodes
        stores = (
            opcodes.MP_BC_STORE_NAME,
            opcodes.MP_BC_STORE_GLOBAL,
            opcodes.MP_BC_STORE_ATTR,
        )
        ip = self.ip
        data = self.code.fun_data
        while ip < len(data):
            _, size, arg, _ = self.interpreter.decode(data, ip)
            if data[ip] in stores:
                return self.qstr(arg)
            ip += size
        return None

    def qstr(self, index):
        return self.code.qstr_table[index].str

    def pop(self, n):
        if n == 0:
            return []
        values = self.stack[-n:]
        del self.stack[-n:]
        return values

    def run(self):
        data = self.code.fun_data
        if not hasattr(self.code, "offset_opcodes") or not hasattr(self.code, "obj_table"):
            raise NotInRom("native code")
        opcodes = self.interpreter.opcodes
        while True:
            opcode = data[self.ip]
            _, size, arg, extra = self.interpreter.decode(data, self.ip)
            if opcode == opcodes.MP_BC_RETURN_VALUE:
                return self.stack.pop()
            self.step(opcode, arg, extra)
            self.ip += size

    def step(self, opcode, arg, extra):
        name = self.interpreter.opcodes.mapping[opcode]
        first, _, rest = name.partition(" ")
        method = getattr(self, "op_" + first.lower(), None)
        if method is None:
            raise NotInRom(f"the statement needs {name}")
        if rest:
            # The operand is part of the opcode
            arg = rest.split(" ")[-1] if first.endswith("OP") else int(rest)
        if extra is not None:
            method(arg, extra)
        else:
            method(arg)

    # Constants

    def op_load_const_false(self, _):
        self.stack.append(False)

    def op_load_const_none(self, _):
        self.stack.append(None)

    def op_load_const_true(self, _):
        self.stack.append(True)

    def op_load_const_small_int(self, value):
        self.stack.append(value)

    def op_load_const_string(self, arg):
        self.stack.append(self.qstr(arg))

    def op_load_const_obj(self, arg):
        self.stack.append(self.code.obj_table[arg])

    def op_load_null(self, _):
        self.stack.append(_NULL)

    # Names

    def op_load_name(self, arg):
        name = self.qstr(arg)
        if self.is_class and name in self.names:
            self.stack.append(self.interpreter.known(self.names[name]))
        else:
            self.op_load_global(arg)

    def op_load_global(self, arg):
        self.stack.append(self.interpreter.load(self.qstr(arg)))

    def op_store_name(self, arg):
        name = self.qstr(arg)
        value = self.storable(self.stack[-1], links=True)
        if not self.is_class:
            value = self.interpreter.on_store(name, value)
        self.stack.pop()
        self.names[name] = value

    # What the compiler makes of a name that a function declares as global
    op_store_global = op_store_name

    def op_load_fast(self, n):
        # The cell of __class__, in the body of a class
        self.stack.append(self.fast.setdefault(n, ClosureCell()))

    op_load_fast_n = op_load_fast

    def op_load_attr(self, arg):
        name = self.qstr(arg)
        value = self.interpreter.attribute(self.stack[-1], name)
        self.stack[-1] = self.interpreter.known(value)

    def op_load_method(self, arg):
        self.op_load_attr(arg)
        self.stack.append(_NULL)

    def op_store_attr(self, arg):
        value, target = self.stack[-2:]
        name = self.qstr(arg)
        if not isinstance(target, Class) or target.module != self.interpreter.module:
            raise NotInRom(f"it sets .{name} of an object")
        if name == "__new__" or isinstance(target.attributes.get(name), Variable):
            raise NotInRom(f"it sets .{name}")
        target.attributes[name] = self.storable(value, links=True)
        self.pop(2)

    # The stack

    def op_dup_top(self, _):
        self.stack.append(self.stack[-1])

    def op_pop_top(self, _):
        self.stack.pop()

    def op_rot_two(self, _):
        self.stack[-2:] = self.stack[:-3:-1]

    def op_rot_three(self, _):
        a, b, c = self.stack[-3:]
        self.stack[-3:] = [c, a, b]

    def op_unpack_sequence(self, n):
        value = self.stack[-1]
        if type(value) is not tuple or len(value) != n:
            raise NotInRom("it unpacks what is no tuple")
        self.stack[-1:] = value[::-1]

    # Operators

    def op_binary_op(self, name):
        left, right = self.stack[-2:]
        operation = _OPERATIONS.get(name)
        if operation is None or not is_constant(left) or not is_constant(right):
            raise NotInRom(f"it needs {name}")
        try:
            result = operation(left, right)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise NotInRom(str(error)) from error
        if len(repr(result)) > _LONGEST:
            raise NotInRom("a long constant")
        self.stack[-2:] = [result]

    # Objects

    def op_build_tuple(self, n):
        values = [self.storable(x) for x in self.pop(n)]
        self.stack.append(tuple(values))

    def op_build_list(self, _):
        raise NotInRom("a list can be changed")

    def op_build_set(self, _):
        raise NotInRom("a set can be changed")

    def op_build_map(self, _):
        self.stack.append(Dict())

    def op_store_map(self, _):
        value, key = self.pop(2)
        if type(key) not in (str, bytes, int, bool, type(None)):
            raise NotInRom("the key of a dictionary is not a constant")
        items = self.stack[-1].items
        items[:] = [item for item in items if item[0] != key]
        items.append((key, self.storable(value)))

    def op_make_function(self, arg):
        self.stack.append(Function(self.interpreter.module, self.child(arg)))

    def op_make_function_defargs(self, arg):
        defaults, keywords = self.pop(2)
        self.stack.append(self.with_defaults(arg, defaults, keywords))

    def op_make_closure(self, arg, n):
        cells = self.pop(n)
        self.stack.append(self.closure(Function(self.interpreter.module, self.child(arg)), cells))

    def op_make_closure_defargs(self, arg, n):
        defaults, keywords, *cells = self.pop(2 + n)
        self.stack.append(self.closure(self.with_defaults(arg, defaults, keywords), cells))

    def child(self, index):
        child = self.code.children[index]
        if not hasattr(child, "obj_table"):
            raise NotInRom("native code")
        return child

    def closure(self, function, cells):
        if not all(isinstance(x, ClosureCell) for x in cells):
            raise NotInRom("it closes over a variable")
        return Closure(function, tuple(cells))

    def with_defaults(self, arg, defaults, keywords):
        return Function(
            self.interpreter.module,
            self.child(arg),
            () if defaults is _NULL else defaults,
            None if keywords is _NULL else keywords,
        )

    def op_load_build_class(self, _):
        self.stack.append(_BUILD_CLASS)

    def op_call_function(self, arg):
        self.call(arg, 1)

    def op_call_method(self, arg):
        self.call(arg, 2)

    def call(self, arg, callee):
        # An argument's failure must leave the stack as it was: nobody goes on after it.
        positional, named = arg & 0xFF, arg >> 8 & 0xFF
        keywords = self.pop(2 * named)
        args = self.pop(positional)
        function = self.pop(callee)[0]
        self.stack.append(self.interpreter.call(function, args, keywords))

    def op_import_name(self, arg):
        level, names = self.pop(2)
        self.stack.append(
            self.interpreter.linker.imported(
                self.interpreter.module, self.qstr(arg), level, bool(names)
            )
        )

    def op_import_from(self, arg):
        value = self.interpreter.attribute(self.stack[-1], self.qstr(arg))
        if isinstance(value, Variable) and value.written:
            raise NotInRom(f"{value.name} changes after the import")
        self.stack.append(value)

    def op_import_star(self, _):
        value = self.stack.pop()
        if not isinstance(value, RomModule):
            raise NotInRom("* of a module that is not in ROM")
        for name, found in self.interpreter.linker.public_names(value.name).items():
            self.names[name] = self.interpreter.on_store(name, found)

    def storable(self, value, links=False):
        """`value`, if ROM can hold it; links: where a name that is looked up may stand for it."""
        if isinstance(value, Native) and value.symbol is None and not links:
            raise NotInRom(f"{value.module}.{value.name} is known on the device only")
        if isinstance(value, Variable) and not links:
            raise NotInRom(f"it uses {value.name}, which is in RAM")
        if isinstance(value, (Generator, _Accessor)) or value in (_NULL, _BUILD_CLASS):
            raise NotInRom("its value is known on the device only")
        if isinstance(value, Value) or type(value) is tuple or is_constant(value):
            return value
        raise NotInRom("its value is known on the device only")

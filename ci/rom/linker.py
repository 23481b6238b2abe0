# SPDX-License-Identifier: MIT
"""All packages that go into ROM: references between their modules, and what each import starts."""

from . import NotInRom
from .bytecode import Interpreter
from .source import Source
from .values import Function, Native, NativeModule, RomModule, Variable, is_constant

_INIT = "__rom_init__"
# Rounds after which a module that still finds something to move is given up.
_ROUNDS = 200


class Module:
    """A module that is to go into ROM.

    name: dotted; source: Source; is_package; target: path in the image, such as "pkg/mod.py".
    Once linked: code is the CompiledModule of mpy-tool.py, names its globals in the order of
    their assignment, init the Function __rom_init__ or None, refused the reason or None.
    """

    def __init__(self, name, target, source, options):
        self.name = name
        self.target = target
        self.source = source
        self.options = options
        self.is_package = target.endswith("/__init__.py")
        self.state = "new"
        self.refused = None
        self.code = None
        self.names = {}
        self.imports = []
        self.variables = {}

    @property
    def package(self):
        """Dotted name of the package that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @property
    def init(self):
        return self.names.get(_INIT)

    @property
    def used_variables(self):
        """The variables that the module or one of its classes has, in order."""
        return [self.variables[x] for x in sorted(self.variables)]

    @property
    def has_state(self):
        return self.init is not None or bool(self.variables)


class Linker:
    """tool: mpy-tool.py; native: NativeModules; compile(module, text): a CompiledModule."""

    def __init__(self, tool, native, compile):
        self.tool = tool
        self.natives = native
        self.compile = compile
        self.modules = {}
        self._finished = []

    def add(self, name, target, text, constant=(), variables=(), options=None):
        source = Source(
            name, text, constant, variables, lambda *args: self.imports_surely(name, *args)
        )
        self.modules[name] = Module(name, target, source, options)

    def link(self):
        """Run every module; those that cannot be in ROM get a reason in `refused`."""
        self._find_writes()
        for module in self.modules.values():
            try:
                module.source.place(lambda name, m=module: self._read_only(m, name))
            except NotInRom as error:
                module.refused = str(error)
        while any(x.state == "new" and not x.refused for x in self.modules.values()):
            for name in list(self.modules):
                self._finish(name)
        return [x for x in self.modules.values() if not x.refused]

    # What is written where

    def _find_writes(self):
        # module.NAME = value or Class.NAME = value, of another module
        for module in self.modules.values():
            local = {}
            classes = {}
            for level, name, member, alias in module.source.imports():
                full = self._absolute(module, level, name)
                if member is not None:
                    full = f"{full}.{member}"
                elif alias == name.partition(".")[0]:
                    full = alias
                if full in self.modules:
                    local[alias] = full
                    continue
                origin, _, name = full.rpartition(".")
                if member is not None and origin in self.modules:
                    if name in self.modules[origin].source.classes:
                        classes[alias] = origin, name
            for owner, attribute in module.source.attributes_set():
                head, _, name = owner.partition(".")
                if owner in local:
                    self.modules[local[owner]].source.written.add(attribute)
                elif owner in classes:
                    origin, name = classes[owner]
                    self.modules[origin].source.class_variables.add(f"{name}.{attribute}")
                elif head in local and name in self.modules[local[head]].source.classes:
                    source = self.modules[local[head]].source
                    source.class_variables.add(f"{name}.{attribute}")

    def _read_only(self, module, name):
        source = module.source
        if name.startswith("."):
            return all(x.source.reads_attribute(name[1:]) for x in self.modules.values())
        if not source.reads_name(name) or name in source.written:
            return False
        for other in self.modules.values():
            if not other.source.reads_attribute(name):
                return False
            for level, imported, member, alias in other.source.imports():
                if member in (name, "*") and self._absolute(other, level, imported) == module.name:
                    if not other.source.reads_name(name if member == "*" else alias):
                        return False
        return True

    # Running modules

    def _finish(self, name):
        module = self.modules[name]
        if module.state != "new" or module.refused:
            return
        parent = name.rpartition(".")[0]
        if parent in self.modules:
            self._finish(parent)
            if self.modules[parent].refused:
                module.refused = f"{parent} is not in ROM"
        if module.refused or module.state != "new":
            return
        module.state = "running"
        start = len(self._finished)
        try:
            for _ in range(_ROUNDS):
                failure = self._run(module)
                if failure is None:
                    break
                # What ran meanwhile may hold objects of the attempt that failed.
                self._undo(start)
                name, reason = failure
                if name is None or not module.source.failed(name, reason):
                    raise NotInRom(reason)
            else:
                raise NotInRom("it does not settle")
        except NotInRom as error:
            self._undo(start)
            module.refused = str(error)
        module.state = "done"
        self._finished.append(module)

    def _undo(self, start):
        for module in self._finished[start:]:
            if not module.refused:
                module.state = "new"
        del self._finished[start:]

    def _run(self, module):
        source = module.source
        module.code = self.compile(module, source.rewritten())
        module.imports = []
        # Sorted, as a set has another order in each process: each build shall give the same image.
        module.variables = {
            x: Variable(module.name, x, x in source.written)
            for x in sorted(set(source.in_ram) | source.written | source.class_variables)
        }

        def on_store(name, value):
            variable = module.variables.get(name)
            if variable is None:
                return value
            variable.set_initial(value)
            return variable

        def class_variables(name):
            prefix = name + "."
            names = sorted(source.class_variables)
            return [x[len(prefix) :] for x in names if x.startswith(prefix)]

        interpreter = Interpreter(
            self.tool, self, module.name, on_store, module.variables.get, class_variables
        )
        module.names = interpreter.names
        failure = interpreter.run(module.code.raw_code)
        if failure is None:
            for name, variable in module.variables.items():
                if "." not in name:
                    module.names.setdefault(name, variable)
            # Names that only a declaration mentions
            unused = [x for x in module.variables if "." in x and not self._has_class(module, x)]
            for name in unused:
                del module.variables[name]
        return failure

    def _has_class(self, module, name):
        owner, _, attribute = name.partition(".")
        attributes = getattr(module.names.get(owner), "attributes", {})
        return isinstance(attributes.get(attribute), Variable)

    # What the interpreter asks for

    def _absolute(self, module, level, name):
        if level == 0:
            return name
        parts = module.package.split(".")
        parts = parts[: len(parts) - level + 1]
        return ".".join([*parts, name] if name else parts)

    def imported(self, importer, name, level, leaf):
        """What IMPORT_NAME pushes: the module that a name stands for, or its first package."""
        module = self.modules[importer]
        full = self._absolute(module, level, name)
        if full in self.modules:
            self._needs(module, full)
            return RomModule(full if leaf else full.partition(".")[0])
        if full in self.natives:
            return NativeModule(full)
        # The old name of a module in C
        if full.startswith("u") and full[1:] in self.natives:
            return NativeModule(full[1:])
        raise NotInRom(f"{full} is not in ROM")

    def _needs(self, module, full):
        parts = full.split(".")
        for i in range(1, len(parts) + 1):
            name = ".".join(parts[:i])
            self._finish(name)
            if self.modules[name].refused:
                raise NotInRom(f"{name} is not in ROM")
            if name not in module.imports:
                module.imports.append(name)

    def imports_surely(self, importer, level, name, names):
        """Whether an import succeeds whatever happens on the device."""
        full = self._absolute(self.modules[importer], level, name)
        if full in self.modules:
            return True
        if full not in self.natives:
            return False
        return all(
            (found := self.natives.get(full, x)) is not None and found.certain for x in names
        )

    def name_of(self, importer, module, name):
        """The value of a name of a module in ROM, for `importer`."""
        found = self.modules[module]
        if found.refused:
            raise NotInRom(f"{module} is not in ROM")
        if name in found.names:
            return found.names[name]
        if name in found.variables:
            return found.variables[name]
        full = f"{module}.{name}"
        if found.is_package and full in self.modules:
            self._needs(self.modules[importer], full)
            return RomModule(full)
        raise NotInRom(f"{module} has no {name} yet")

    def public_names(self, module):
        found = self.modules[module]
        if found.state != "done":
            raise NotInRom(f"{module} is not complete yet")
        return {k: v for k, v in found.names.items() if not k.startswith("_")}

    def native(self, module, name):
        found = self.natives.get(module, name)
        if found is None:
            raise NotInRom(f"{module} has no {name}")
        return found

    def builtin(self, name):
        if name in ("__name__", "__file__", "__path__"):
            raise NotInRom(f"it uses {name}")
        found = self.natives.get("builtins", name)
        if found is None:
            raise NotInRom(f"{name} is not defined")
        return found

    def is_type(self, native):
        if not self.natives.is_type(native):
            return False
        try:
            self.natives.protocol(native)
        except KeyError:
            return False
        return True

    # What an import starts

    def init_order(self, module):
        """The modules with state whose initialization the import of a module needs, in order."""
        order = []
        seen = set()

        def visit(name):
            if name in seen or name not in self.modules:
                return
            seen.add(name)
            visit(name.rpartition(".")[0])
            current = self.modules[name]
            for imported in current.imports:
                visit(imported)
            if current.has_state:
                order.append(current)

        visit(module.name)
        return order


def is_plain(value):
    """Whether a value needs no object of its own in ROM."""
    return is_constant(value) or isinstance(value, (Native, NativeModule, RomModule, Function))

# SPDX-License-Identifier: MIT
"""The source of a module, and which of its statements have to run on the device.

What can be in ROM stays in the body of the module, which the build runs. What cannot moves into a
function __rom_init__, which the device runs when the module is imported first; the names that
it assigns are variables in RAM. The numbers of lines do not change.
"""

import ast

from . import NotInRom
from .parts import attribute_of, called, loaded, part_lines
from .text import blank, is_globals, without_cache

_COMPOUND = "it depends on what happens on the device"
_READING_CALLS = frozenset(
    "all any bool dict enumerate iter len list max min repr set sorted str sum tuple".split()
)
_READING_METHODS = frozenset("copy get items keys values".split())
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_CHANGEABLE = (ast.List, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Source:
    """name: dotted name of the module; text: its source; constant: names that nobody changes.

    variables: names that code elsewhere assigns; imports_surely(level, module, names): whether an
    import cannot fail.
    """

    def __init__(self, name, text, constant=(), variables=(), imports_surely=None):
        self.name = name
        self.constant = set(constant)
        self.imports_surely = imports_surely or (lambda *_: False)
        self.text, self.tree = without_cache(text)
        self.parents = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }
        self.classes = {x.name for x in self.tree.body if isinstance(x, ast.ClassDef)}
        # Names that are assigned after the import, and class attributes, as "Class.attribute".
        self.written = set(variables) | self._global_names()
        self.class_variables = self._class_variables()
        # {name: why the device makes it}
        self.in_ram = {}
        self.statements = [_Statement(x) for x in self.tree.body]

    # What is written

    def _global_names(self):
        names = set()
        for function in ast.walk(self.tree):
            if not isinstance(function, _FUNCTIONS[:2]):
                continue
            stored = bound_names(function.body)
            for node in ast.walk(function):
                if isinstance(node, ast.Global):
                    names.update(x for x in node.names if x in stored)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                if isinstance(node.ctx, ast.Store) and is_globals(node.value):
                    names.add(node.slice.value)
        return names

    def _check_globals(self):
        for node in ast.walk(self.tree):
            if not is_globals(node):
                continue
            parent = self.parents[node]
            if isinstance(parent, ast.Attribute) and parent.attr not in _READING_METHODS:
                raise NotInRom("it writes to globals()")
            if isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load):
                known = isinstance(parent.slice, ast.Constant) and isinstance(
                    parent.ctx, ast.Store
                )
                if not known:
                    raise NotInRom("it writes to globals()")

    def _class_variables(self):
        found = set()
        for node in ast.walk(self.tree):
            if (
                isinstance(node, ast.Attribute)
                and not isinstance(node.ctx, ast.Load)
                and isinstance(node.value, ast.Name)
                and (scopes := self._scopes(node))
                and any(isinstance(x, _FUNCTIONS) for x in scopes)
            ):
                owner = node.value.id
                if owner == "cls" and isinstance(scopes[-1], ast.ClassDef):
                    owner = scopes[-1].name
                elif self._is_own(node.value):
                    continue
                if owner in self.classes:
                    found.add(f"{owner}.{node.attr}")
        return found

    def _scopes(self, node):
        # Functions and classes around a node, the outermost last.
        result = []
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                result.append(node)
        return result

    def _is_own(self, node):
        # Whether a name is an argument or a variable of a function around it, so that the module's
        # of the same name is not meant. What a function imports is not its own.
        for scope in self._scopes(node):
            if isinstance(scope, _FUNCTIONS):
                a = scope.args
                arguments = [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]
                if any(x and x.arg == node.id for x in arguments):
                    return True
                if not isinstance(scope, ast.Lambda) and node.id in _assigned_names(scope.body):
                    return True
        return False

    def attributes_set(self):
        """(owner, attribute) of every assignment to an attribute of `name` or `name.name`."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load):
                continue
            if isinstance(node.value, ast.Name):
                if not self._is_own(node.value):
                    yield node.value.id, node.attr
            elif isinstance(node.value, ast.Attribute) and isinstance(node.value.value, ast.Name):
                yield f"{node.value.value.id}.{node.value.attr}", node.attr

    def imports(self):
        """(level, module, name or None, local name) of every import, in functions too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    local = alias.asname or alias.name.partition(".")[0]
                    yield 0, alias.name, None, local
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield node.level, node.module or "", alias.name, alias.asname or alias.name

    # What is only read

    def reads_name(self, name):
        """Whether every use of a name in this module leaves its value as it is."""
        return all(
            self._only_reads(node)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        )

    def reads_attribute(self, name):
        """Whether every use of an attribute of that name leaves its value as it is."""
        return all(
            isinstance(node.ctx, ast.Load) and self._only_reads(node)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Attribute) and node.attr == name
        )

    def _only_reads(self, node):
        parent = self.parents[node]
        if isinstance(parent, ast.Subscript):
            return parent.value is node and isinstance(parent.ctx, ast.Load)
        if isinstance(parent, ast.Compare):
            return all(
                isinstance(x, (ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.Eq, ast.NotEq))
                for x in parent.ops
            )
        if isinstance(parent, ast.Attribute):
            call = self.parents[parent]
            return (
                parent.attr in _READING_METHODS
                and isinstance(call, ast.Call)
                and call.func is parent
            )
        if isinstance(parent, ast.Call):
            return isinstance(parent.func, ast.Name) and parent.func.id in _READING_CALLS
        if isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
            return parent.iter is node
        if isinstance(parent, (ast.If, ast.While, ast.IfExp)):
            return parent.test is node
        return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)

    # Which statements move

    def place(self, read_only):
        """Decide which statements the device runs, as far as their text tells.

        read_only(name): whether nobody changes the value of a global, or of an attribute that is
            named as ".name".
        NotInRom: the module writes to its globals what is not known now.
        """
        self._check_globals()
        for statement in self.statements:
            if isinstance(statement.node, ast.ClassDef):
                self._take_parts(statement, read_only)
            reason = self._reason(statement, read_only)
            if reason:
                self._move(statement, reason)
        self._settle()

    def _take_parts(self, statement, read_only):
        # Attributes of a class that may be changed become variables of the class, which itself
        # can be in ROM then.
        node = statement.node
        bound = bound_names(node.body)
        for inner in node.body:
            name = attribute_of(inner)
            reason = name and self._changeable(inner, read_only, node.name + ".")
            if isinstance(inner, (ast.Assign, ast.AnnAssign)) and inner.value is not None:
                if any(isinstance(x, _CHANGEABLE) for x in ast.walk(inner.value)):
                    reason = reason or "a list can be changed"
                elif name and (function := called(inner.value)):
                    reason = reason or f"it calls {function}"
                used = set()
            elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                defaults = [*inner.args.defaults, *filter(None, inner.args.kw_defaults)]
                if any(isinstance(x, _CHANGEABLE) for d in defaults for x in ast.walk(d)):
                    reason = reason or "the default of an argument can be changed"
                used = _names(ast.Tuple(elts=defaults))
                if inner.decorator_list or _names(inner) & {"super", "__class__"}:
                    continue
            else:
                continue
            # What the rest of the body needs has to be made there.
            needed = any(name in loaded(x) for x in node.body if x is not inner)
            if reason and not used & bound and not needed:
                statement.parts.append(inner)
                self.class_variables.add(f"{node.name}.{name}")
                self.in_ram[f"{node.name}.{name}"] = reason

    def failed(self, name, reason):
        """The statement that assigns `name`, or sets the attribute, must run on the device.

        Returns False if there is no such statement.
        """
        moved = False
        for statement in self.statements:
            if not statement.moved and not statement.dropped:
                if name in statement.names or name == statement.attribute:
                    self._move(statement, reason)
                    moved = True
        self._settle()
        return moved

    def _move(self, statement, reason):
        if statement.is_star:
            raise NotInRom("from ... import * of what is not in ROM")
        if isinstance(statement.node, ast.Delete):
            raise NotInRom("it deletes a name")
        statement.moved = True
        for name in statement.names:
            self.in_ram.setdefault(name, reason)
        for target in getattr(statement.node, "targets", ()):
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                if target.value.id in self.classes:
                    self.class_variables.add(f"{target.value.id}.{target.attr}")

    def _settle(self):
        # A name that the device makes once, it makes everywhere. One that is assigned later too
        # may have only one first value.
        while True:
            before = len(self.in_ram)
            for statement in self.statements:
                if statement.moved or statement.dropped or statement.is_star:
                    continue
                for name in statement.names:
                    others = [x for x in self.statements if name in x.names]
                    if name in self.in_ram or (name in self.written and len(others) > 1):
                        self._move(statement, self.in_ram.get(name, "it is assigned twice"))
                        break
            if len(self.in_ram) == before:
                break

    def _reason(self, statement, read_only):
        node = statement.node
        if statement.dropped:
            return None
        if isinstance(node, ast.Try):
            if not self._cannot_fail(node):
                return _COMPOUND
            statement.unwrapped = True
            for inner in node.body:
                reason = self._changeable(inner, read_only)
                if reason:
                    return reason
            return None
        if isinstance(node, ast.Expr):
            return None if isinstance(node.value, ast.Constant) else "it is a call"
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                    continue
                if not all(
                    isinstance(x, (ast.Name, ast.Tuple))
                    for x in ast.walk(target)
                    if isinstance(x, ast.expr)
                ):
                    return "it sets part of an object"
        elif not isinstance(
            node,
            (
                ast.Import,
                ast.ImportFrom,
                ast.FunctionDef,
                ast.AsyncFunctionDef,
                ast.ClassDef,
                ast.AnnAssign,
                ast.Pass,
                ast.Global,
            ),
        ):
            return _COMPOUND
        return self._changeable(node, read_only)

    def _cannot_fail(self, node):
        # try: imports of what the image has, and definitions; except ImportError: ...
        if node.orelse or node.finalbody:
            return False
        for statement in node.body:
            if isinstance(statement, ast.Import):
                sure = all(self.imports_surely(0, x.name, ()) for x in statement.names)
            elif isinstance(statement, ast.ImportFrom):
                names = [x.name for x in statement.names]
                sure = self.imports_surely(statement.level, statement.module or "", names)
            else:
                sure = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            if not sure:
                return False
        return True

    def _changeable(self, node, read_only, owner=""):
        # Why a dictionary that the statement makes may be changed, or None.
        if isinstance(node, ast.ClassDef):
            parts = [x for s in self.statements for x in s.parts]
            for inner in node.body:
                if inner in parts:
                    continue
                reason = self._changeable(inner, read_only, f"{owner}{node.name}.")
                if reason:
                    return reason
            return None
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return self._changeable_default(node, owner)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            displays = [x for x in ast.walk(node.value) if isinstance(x, ast.Dict)]
            if not displays:
                return None
            if displays != [node.value]:
                return "it holds a dictionary"
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if not isinstance(target, ast.Name):
                    return "it holds a dictionary"
                if owner + target.id in self.constant:
                    continue
                if not read_only("." + target.id if owner else target.id):
                    return f"the dictionary {owner}{target.id} may be changed"
        return None

    def _changeable_default(self, function, owner):
        args = function.args
        positional = args.posonlyargs + args.args
        with_default = positional[len(positional) - len(args.defaults) :]
        pairs = list(zip(with_default, args.defaults, strict=True))
        named = zip(args.kwonlyargs, args.kw_defaults, strict=True)
        pairs += [(argument, default) for argument, default in named if default is not None]
        for argument, default in pairs:
            displays = [x for x in ast.walk(default) if isinstance(x, ast.Dict)]
            if not displays or f"{owner}{function.name}" in self.constant:
                continue
            uses = [
                x for x in ast.walk(function) if isinstance(x, ast.Name) and x.id == argument.arg
            ]
            if displays != [default] or not all(
                isinstance(x.ctx, ast.Load) and self._only_reads(x) for x in uses
            ):
                return f"the default of {owner}{function.name}({argument.arg}) may be changed"
        return None

    # The new text

    def rewritten(self):
        """The source that is compiled: its body runs on the build's machine."""
        lines = [x.encode() for x in self.text.splitlines(keepends=True)]
        for statement in self.statements:
            if statement.moved or statement.dropped:
                blank(lines, statement.node)
                continue
            for part in statement.parts:
                blank(lines, part)
            if statement.unwrapped:
                node = statement.node
                line = lines[node.lineno - 1]
                assert line[node.col_offset :].startswith(b"try")
                lines[node.lineno - 1] = b"if 1" + line[node.col_offset + 3 :]
                for handler in node.handlers:
                    blank(lines, handler, b"")
        text = b"".join(lines).decode()
        body = []
        for statement in self.statements:
            if statement.moved:
                body += ast.unparse(statement.node).splitlines()
            else:
                for part in statement.parts:
                    body += part_lines(statement.node, part, bound_names(statement.node.body))
        if not body:
            return text
        names = sorted(bound_names([x.node for x in self.statements if x.moved]))
        if names:
            body.insert(0, "global " + ", ".join(names))
        return text.rstrip("\n") + "\ndef __rom_init__():\n " + "\n ".join(body) + "\n"


class _Statement:
    # A statement of the module's body. moved: the device runs it; dropped: nobody does;
    # unwrapped: the body of a try statement that cannot fail.

    def __init__(self, node):
        self.node = node
        self.names = bound_names([node])
        self.moved = self.unwrapped = False
        # What the device adds to a class
        self.parts = []
        self.dropped = _is_main(node)
        self.is_star = isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        self.attribute = None
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            self.attribute = node.targets[0].attr


def _names(node):
    return {x.id for x in ast.walk(node) if isinstance(x, ast.Name)}


def _is_main(node):
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == "__name__"
        and not node.orelse
    )


def _assigned_names(nodes):
    # Names that the statements of a function assign and that are its own.
    shared = set()
    for node in nodes:
        for x in ast.walk(node):
            if isinstance(x, (ast.Global, ast.Nonlocal)):
                shared.update(x.names)
            elif isinstance(x, (ast.Import, ast.ImportFrom)):
                shared.update(alias.asname or alias.name.partition(".")[0] for alias in x.names)
    return bound_names(nodes) - shared


def bound_names(nodes):
    """Names that statements bind in their own scope."""
    names = set()
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
            continue
        if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if alias.name != "*":
                    names.add(alias.asname or alias.name.partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        pending.extend(ast.iter_child_nodes(node))
    return names

# SPDX-License-Identifier: MIT
"""Statements of a class body that the device runs, so that the class itself can be in ROM."""

import ast
import copy

# Calls that bytecode.py makes itself, in the body of a class
_KNOWN_CALLS = frozenset(
    "const property staticmethod classmethod type tuple getter setter deleter".split()
)


def attribute_of(node):
    """The attribute that a statement of a class body makes, if it is one."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.name
    target = None
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        target = node.target
    return target.id if isinstance(target, ast.Name) else None


def part_lines(owner, node, bound):
    """Lines that give a class, `owner`, the attribute that `node` of its body makes.

    bound: the names of the body. A method keeps its name, which may be a global's too.
    """
    name = attribute_of(node)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        value = _Qualified(owner.name, bound).visit(copy.deepcopy(node.value))
        return f"{owner.name}.{name} = {ast.unparse(value)}".splitlines()
    lines = [" " + x for x in ast.unparse(node).splitlines()]
    lines = ["def __rom_method__():", *lines, f" return {name}"]
    return [*lines, f"{owner.name}.{name} = __rom_method__()"]


class _Qualified(ast.NodeTransformer):
    # Names of a class body, as code outside says them. Functions in it do not see them.
    def __init__(self, owner, names):
        self.owner = owner
        self.names = names

    def visit_Name(self, node):
        if node.id not in self.names:
            return node
        return ast.Attribute(
            value=ast.Name(id=self.owner, ctx=ast.Load()), attr=node.id, ctx=node.ctx
        )

    def visit_Lambda(self, node):
        return node


def loaded(node):
    """Names that a statement of a class body loads while the body runs."""
    names = set()
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            pending += [*node.decorator_list, *node.args.defaults]
            pending += filter(None, node.args.kw_defaults)
        elif isinstance(node, ast.Lambda):
            continue
        else:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                names.add(node.id)
            pending.extend(ast.iter_child_nodes(node))
    return names


def called(node):
    """What an expression calls that the build does not know, or None."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "id", None) or getattr(call.func, "attr", "something")
            if name not in _KNOWN_CALLS:
                return name
    return None

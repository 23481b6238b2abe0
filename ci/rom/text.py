# SPDX-License-Identifier: MIT
"""Statements that are left out of a module's text; the numbers of lines do not change."""

import ast


def is_globals(node):
    """Whether a node is globals()."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "globals"
        and not node.args
    )


def without_cache(text):
    """(text, tree) without statements by which __getattr__(name) keeps globals()[name].

    A module's __getattr__() is asked for what globals lack: it is asked again then.
    """
    tree = ast.parse(text)
    found = []
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name == "__getattr__":
            argument = function.args.args[0].arg if function.args.args else None
            for node in ast.walk(function):
                target = node.targets[0] if isinstance(node, ast.Assign) else None
                if (
                    isinstance(target, ast.Subscript)
                    and is_globals(target.value)
                    and isinstance(target.slice, ast.Name)
                    and target.slice.id == argument
                    and len(node.targets) == 1
                    and isinstance(node.value, ast.Name)
                ):
                    found.append(node)
    if not found:
        return text, tree
    lines = [x.encode() for x in text.splitlines(keepends=True)]
    for node in found:
        blank(lines, node)
    text = b"".join(lines).decode()
    return text, ast.parse(text)


def blank(lines, node, instead=b"0"):
    """Replace a statement in lines, a list of bytes, by one that does nothing."""
    first = node.lineno
    start = node.col_offset
    for decorator in getattr(node, "decorator_list", ()):
        if decorator.lineno < first:
            first = decorator.lineno
            start = 0
    for i in range(first - 1, node.end_lineno):
        line = lines[i]
        ending = b"\n" if line.endswith(b"\n") else b""
        content = line.rstrip(b"\r\n")
        head = content[:start] if i == first - 1 else b""
        tail = content[node.end_col_offset :] if i == node.end_lineno - 1 else b""
        if i == first - 1:
            head += instead
        lines[i] = head + tail + ending

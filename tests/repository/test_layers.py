# SPDX-License-Identifier: MIT
"""What docs/architecture.md says of layers, waits, deadlines and routes."""

import ast
import functools
import re

import pytest

from support.simulator import TOP

FROZEN = sorted((TOP / "frozen" / "tinyweb").rglob("*.py"))
CMODULES = sorted(x for x in (TOP / "cmodules").rglob("*") if x.suffix in (".c", ".h"))


@functools.cache
def everything():
    """(path, node) of all nodes of the server's Python files."""
    trees = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in FROZEN]
    return [(path, node) for path, tree in trees for node in ast.walk(tree)]


def nodes(kind):
    """(path:line, node) of those of a kind."""
    return [
        (f"{x.name}:{node.lineno}", node) for x, node in everything() if isinstance(node, kind)
    ]


def test_c_names_no_module_above_it():
    assert [str(x) for x in CMODULES if '"tinyweb' in x.read_text(encoding="utf-8")] == []
    assert len(CMODULES) > 40


def test_no_wait_is_a_bare_yield():
    bare = [
        where
        for where, node in nodes(ast.Expr)
        if isinstance(node.value, ast.Yield) and node.value.value is None
    ]
    assert bare == []


def test_one_file_sets_deadlines():
    """In Python nothing can: the attribute is read-only."""
    stores = [
        where
        for where, node in nodes(ast.Attribute)
        if node.attr == "deadline" and not isinstance(node.ctx, ast.Load)
    ]
    assert stores == []
    assigned = [
        x.name
        for x in CMODULES
        for _ in re.findall(r"\[SLOT_DEADLINE\] = ", x.read_text(encoding="utf-8"))
    ]
    assert assigned == ["modtinyweb_slot.c"]


@pytest.mark.parametrize("name", ["route", "first", "other", "own"])
def test_routes_have_names_and_no_indices(name):
    indexed = [
        where
        for where, node in nodes(ast.Subscript)
        if isinstance(node.value, ast.Name)
        and node.value.id == name
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, int)
    ]
    assert indexed == []

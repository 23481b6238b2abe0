# SPDX-License-Identifier: MIT
"""docs/api.md names every public function of the API with its real arguments and defaults."""

import ast
import re

import pytest

from support.simulator import TOP

# Between the server's own modules, not for applications.
INTERNAL = {"find", "date", "slot_free", "open", "take_slot", "make_room"}
FROZEN = TOP / "frozen" / "tinyweb"
CMODULE = TOP / "cmodules" / "tinyweb"


def signature(function, name):
    function.args.args = function.args.args[1:]
    return f"{name}({ast.unparse(function.args)})"


def lazy_function(text, obj):
    """The function in Python that `text` names for `obj`; None if `obj` is one in C."""
    names = "TINYWEB_LAZY|ANSWERING"
    lazy = re.search(rf'(?:{names})\({obj}, "tinyweb\.(\w+)", MP_QSTR_(\w+)\)', text)
    if lazy is None:
        return None
    tree = ast.parse((FROZEN / f"{lazy[1]}.py").read_text(encoding="utf-8"))
    (function,) = [n for n in tree.body if getattr(n, "name", "") == lazy[2]]
    return function


def server_functions():
    """Of the class in server.py, and of other modules where the class imports lazy functions."""
    text = (CMODULE / "modtinyweb.c").read_text(encoding="utf-8")
    tree = ast.parse((FROZEN / "server.py").read_text(encoding="utf-8"))
    (found,) = [n for n in tree.body if isinstance(n, ast.ClassDef)]
    for node in found.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = found.name if node.name == "__init__" else node.name
            if not name.startswith("_") and name not in INTERNAL:
                yield found.name, signature(node, name)
        elif isinstance(node, ast.ImportFrom):
            for imported in node.names:
                name = found.name if imported.asname == "__init__" else imported.name
                if name in INTERNAL:
                    continue
                obj = re.search(rf"MP_QSTR_{imported.name}\), MP_ROM_PTR\(&(\w+)\)", text)[1]
                yield found.name, signature(lazy_function(text, obj), name)


def message_text(class_name):
    return (CMODULE / f"modtinyweb_{class_name}.c").read_text(encoding="utf-8")


def message_functions(class_name):
    """The class's table in C names its methods; Python functions and comments their arguments."""
    text = message_text(class_name)
    table = re.search(rf"{class_name}_locals_dict_table\[\] = \{{(.*?)\n\}};", text, re.S)[1]
    for name, obj in re.findall(r"MP_QSTR_(\w+)\), MP_ROM_PTR\(&(\w+)\)", table):
        if name.startswith("_"):
            continue
        function = lazy_function(text, obj)
        if function is not None:
            yield class_name, signature(function, name)
        else:
            yield class_name, re.search(rf"^// ({name}\(.*?\)): ", text, re.M)[1]


def message_attributes(class_name):
    text = message_text(class_name)
    names = re.search(rf"{class_name}_names\[\] = \{{(.*?)\}};", text, re.S)[1]
    for name in re.findall(r"MP_QSTR_(\w+)", names):
        if not name.startswith("_") and name != "route":
            yield class_name, name


PUBLIC = [
    *server_functions(),
    *message_functions("request"),
    *message_attributes("request"),
    ("request", "content_length"),
    *message_functions("response"),
    *message_attributes("response"),
    ("HTTPException", "HTTPException(code=400)"),
]


@pytest.mark.parametrize(("class_name", "text"), PUBLIC)
def test_reference_has(class_name, text):
    reference = (TOP / "docs" / "api.md").read_text(encoding="utf-8")
    if class_name != "HTTPException":
        reference = reference.split(f"\n## {class_name}\n")[1].split("\n## ")[0]
    assert any(
        f"`{prefix}{text}`" in reference for prefix in ("", "await ", "app.", "await app.")
    ), f"{text} is not in the part on {class_name}"

# SPDX-License-Identifier: MIT
"""docs/api.md names every public function of the API with its real arguments and defaults."""

import ast
import re

import pytest

from support.simulator import TOP

# Between the server's own modules, not for applications.
INTERNAL = {"find", "slot_free", "open", "take_slot", "make_room"}
# What docs/routing.md is about.
ELSEWHERE = {"before_request", "after_request", "errorhandler"}
FROZEN = TOP / "frozen" / "tinyweb"
CMODULE = TOP / "cmodules" / "tinyweb"


def signature(function, name):
    function.args.args = function.args.args[1:]
    return f"{name}({ast.unparse(function.args)})"


def class_of(module):
    """The class in `module` that applications meet."""
    tree = ast.parse((FROZEN / f"{module}.py").read_text(encoding="utf-8"))
    (found,) = [n for n in tree.body if isinstance(n, ast.ClassDef)]
    return found


def functions(module):
    """What the class defines; of what it takes from C a comment beside it names the arguments."""
    found = class_of(module)
    text = (FROZEN / f"{module}.py").read_text(encoding="utf-8")
    for node in found.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = found.name if node.name == "__init__" else node.name
            if not name.startswith("_") and name not in INTERNAL | ELSEWHERE:
                yield found.name, signature(node, name)
        elif isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("_tinyweb."):
            name = node.targets[0].id
            if not name.startswith("_"):
                yield found.name, re.search(rf"^    # ({name}\(.*?\)): ", text, re.M)[1]


def message_attributes(class_name):
    text = (CMODULE / f"modtinyweb_{class_name}.c").read_text(encoding="utf-8")
    names = re.search(rf"{class_name}_names\[\] = \{{(.*?)\}};", text, re.S)[1]
    for name in re.findall(r"MP_QSTR_(\w+)", names):
        if not name.startswith("_") and name != "route":
            yield class_name, name


PUBLIC = [
    *functions("server"),
    *functions("request"),
    *message_attributes("request"),
    ("request", "content_length"),
    *functions("response"),
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

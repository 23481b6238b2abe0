# SPDX-License-Identifier: MIT
"""Which statements of a module the device runs, by the text of the module alone."""

import pytest

from rom import NotInRom
from rom.source import Source


def placed(text, read_only=True, **options):
    source = Source("m", text, **options)
    source.place(lambda name: read_only and source.reads_name(name))
    return source


@pytest.mark.parametrize(
    "text",
    [
        "import a\nfrom b import c, d as e\n",
        "def f(x=(1, 2), *, y='a'):\n    global_ = x\n",
        "class A(B):\n    x = 1\n    def f(self): pass\n",
        "X = 1\nY, Z = 2, 3\nA.b = A.c\n",
        '"""Text."""\nX: int = 3\n',
        "D = {1: 2}\ndef f(k): return D[k], D.get(k), k in D, len(D), [x for x in D]\n",
        "def f(x={}): return x.get(1)\n",
        "class A:\n    x = [1]\n    def f(self, y=x): pass\n",
    ],
)
def test_stays(text):
    source = placed(text)
    assert not source.in_ram
    assert source.rewritten() == text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("if a:\n    x = 1\nelse:\n    y = 2\n", {"x", "y"}),
        ("for i in z:\n    pass\n", {"i"}),
        ("try:\n    import a\nexcept ImportError as e:\n    a = None\n", {"a", "e"}),
        ("with a as b:\n    pass\n", {"b"}),
        ("x = 1\nx += 1\n", {"x"}),
        ("f()\n", set()),
        ("x[0] = 1\n", set()),
        ("D = {}\ndef f(): D[1] = 2\n", {"D"}),
        ("D = {}\ndef f(): return g(D)\n", {"D"}),
        ("D = {}\ndef f(): return D\n", {"D"}),
        ("D = {1: {}}\n", {"D"}),
        ("def f(x={}): x[1] = 2\n", {"f"}),
        ("class A:\n    def f(self, x={}): self.x = x\n", {"A.f"}),
        ("class A:\n    x = []\n    y = 1\n    z = [y]\n", {"A.x", "A.z"}),
        ("class A:\n    def f(self, x={}):\n        super().f(x)\n", {"A"}),
        ("class A:\n    class B: pass\n    x = B()\n    y = (B, 1)\n", {"A.x"}),
    ],
)
def test_moves(text, names):
    source = placed(text)
    assert set(source.in_ram) == names
    assert "def __rom_init__():" in source.rewritten()


def test_lines_keep_their_numbers():
    text = 'import a\nif a:\n    x = """\n1\n"""\n\n\ndef f():\n    return x\n'
    lines = placed(text).rewritten().splitlines()
    assert lines[0] == "import a" and lines[1] == "0" and lines[2:7] == [""] * 5
    assert lines[7:9] == ["def f():", "    return x"]
    assert lines[9:11] == ["def __rom_init__():", " global x"]


def test_statements_of_one_line():
    source = placed("a = 1; f(a); b = 2\n")
    assert source.rewritten().startswith("a = 1; 0; b = 2\n")


def test_imports_that_cannot_fail_are_not_tried():
    text = "try:\n    from a import b\nexcept ImportError:\n    from c import b\nx = b\n"
    source = placed(text, imports_surely=lambda level, name, names: (name, names) == ("a", ["b"]))
    assert not source.in_ram
    assert source.rewritten() == "if 1:\n    from a import b\n\n\nx = b\n"


def test_what_functions_assign():
    text = "x = y = z = 0\ndef f():\n    global x, y\n    x = 1\n    return y\n"
    assert placed(text).written == {"x"}


def test_attributes_of_classes_that_functions_set():
    text = (
        "class A:\n    n = 0\n    def f(self):\n        A.n += 1\n"
        "    @classmethod\n    def g(cls):\n        cls.m = 1\nA.k = 3\n"
    )
    assert placed(text).class_variables == {"A.n", "A.m"}


def test_attributes_of_classes_that_the_device_sets():
    source = placed("class A: pass\nA.x = A()\n")
    assert source.failed("x", "it calls A") and source.class_variables == {"A.x"}


def test_names_that_are_set_through_globals():
    text = "def f():\n    globals()['x'] = 1\n    return x\n"
    assert placed(text).written == {"x"}
    for call in ("globals()[name] = 1", "del globals()['x']", "globals().update(a)"):
        with pytest.raises(NotInRom, match="writes to globals"):
            placed(f"def f():\n    {call}\n")
    assert not placed("def f(name):\n    return globals()[name], globals().get(name)\n").written


def test_what_getattr_of_a_module_keeps_is_asked_for_again():
    text = "def __getattr__(n):\n    value = f(n)\n    globals()[n] = value\n    return value\n"
    assert placed(text).rewritten() == text.replace("globals()[n] = value", "0")


def test_constants_by_declaration():
    text = "D = {}\ndef f(): return D\nclass A:\n    def g(self, x={}): self.x = x\n"
    assert not placed(text, constant=("D", "A.g")).in_ram


def test_class_keeps_what_cannot_be_changed():
    text = "class A:\n    x = [\n        1]\n    def f(self, y={}): return y\n    z = 2\n"
    lines = placed(text).rewritten().splitlines()
    assert lines[:6] == ["class A:", "    0", "", "    0", "    z = 2", "def __rom_init__():"]
    assert " A.x = [1]" in lines and " A.f = __rom_method__()" in lines


def test_part_of_a_class_names_its_other_parts():
    text = "class A:\n    class B: pass\n    n = 1\n    x = f(B, n, lambda n: n + B)\n"
    assert " A.x = f(A.B, A.n, lambda n: n + B)" in placed(text).rewritten().splitlines()


def test_main_is_left_out():
    assert placed('x = 1\nif __name__ == "__main__":\n    f()\n').rewritten() == "x = 1\n0\n\n"


def test_failure_moves_every_statement_of_the_name():
    source = placed("a = 1\nb, c = f()\nc = 2\n")
    assert source.failed("b", "it calls f")
    assert set(source.in_ram) == {"b", "c"}
    assert not source.failed("nothing", "why")


@pytest.mark.parametrize("text", ["x = 1\ndel x\n"])
def test_refused(text):
    with pytest.raises(NotInRom):
        placed(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from a import B\ndef f(): B.x = 1\n", {("B", "x")}),
        ("def f():\n    from a import B\n    B.x = 1\n", {("B", "x")}),
        ("def f():\n    global B\n    B = 1\n    B.x = 1\n", {("B", "x")}),
        ("from a import B\ndef f(B): B.x = 1\n", set()),
        ("from a import B\ndef f(c):\n    def g(): B.x = 1\n    B = c\n", set()),
        ("from a import B\nf = lambda B: setattr(B, 'x', 1)\ndef g(*B): B.x = 1\n", set()),
        ("class B: pass\ndef f(B): B.x = 1\n", set()),
    ],
)
def test_attribute_of_an_argument_is_not_that_of_a_class_of_the_same_name(text, found):
    source = Source("m", text)
    assert set(source.attributes_set()) == found
    assert not source.class_variables

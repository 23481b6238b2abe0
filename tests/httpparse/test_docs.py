# SPDX-License-Identifier: MIT
"""docs/httpparse.md: its examples run, and it names every error and limit."""

import re

from host import core

from support.simulator import TOP

TEXT = (TOP / "docs" / "httpparse.md").read_text(encoding="utf-8")


def test_the_examples_run(run_mpy):
    blocks = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
    wanted = [
        re.search(r"# (.*)", line)[1]
        for block in blocks
        for line in block.splitlines()
        if "print(" in line
    ]
    done = run_mpy("\n".join(blocks))
    assert done.stdout.splitlines() == wanted
    assert len(wanted) == 4


def test_every_error_is_named_with_its_status(run_mpy):
    texts = core.error_texts("head.c", "framing.c", "body.c") | {"body cut short"}
    table = TEXT.partition("### What is refused")[2].partition("Strict where")[0]
    assert (
        set(re.findall(r"`([A-Za-z][^`]+)`", table))
        - {
            "size",
            "max_head",
            "max_fields",
            "status",
            "str()",
            "httpparse.Error",
        }
        == texts
    )


def test_every_member_is_named(run_mpy):
    done = run_mpy("""
        import httpparse
        for type in (httpparse.Request, httpparse.Response):
            print(*[name for name in dir(type) if name[0] != "_"])
    """)
    for name in done.stdout.split():
        assert re.search(rf"`{name}\b", TEXT), name

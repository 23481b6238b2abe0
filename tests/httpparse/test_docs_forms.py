# SPDX-License-Identifier: MIT
"""The examples of docs/httpparse-forms.md do what they say."""

import re

from host import core

from support.simulator import TOP

CALLS = """
import io, httpparse

body = b'--b\\r\\nContent-Disposition: form-data; name="a"\\r\\n\\r\\n'
body += b"x" * 5000 + b"\\r\\n--b--"
print(sizes(io.BytesIO(body), b"multipart/form-data; boundary=b"))
print(list(pairs(io.BytesIO(b"a=1&b=%C3%A4+"))))
"""


def text():
    return (TOP / "docs" / "httpparse-forms.md").read_text(encoding="utf-8")


def test_functions(run_mpy):
    blocks = re.findall(r"^```python\n(from .*?)^```", text(), re.M | re.S)
    assert len(blocks) == 2
    done = run_mpy("\n".join(blocks) + CALLS)
    assert done.stdout == "{'a': 5000}\n[('a', '1'), ('b', '\\xe4 ')]\n"


def test_dialogues(run_mpy):
    found = re.findall(r"^>>> (httpparse.*)\n(.*)$", text(), re.M)
    assert len(found) == 2
    for expression, wanted in found:
        done = run_mpy(f"import httpparse\nprint({expression} == {wanted})")
        assert done.stdout == "True\n"


def test_every_error_is_named():
    for reason in core.error_texts("multipart.c", "params.c", "form.c"):
        if reason != "content too large":
            assert reason in text()


def test_every_member_is_named(run_mpy):
    done = run_mpy("""
        import httpparse
        for type in (httpparse.Multipart, httpparse.Urlencoded):
            print(*[name for name in dir(type) if name[0] != "_"])
    """)
    for name in (*done.stdout.split(), "space", "data", "name", "filename", "value", "more"):
        assert re.search(rf"`{name}\b", text()), name

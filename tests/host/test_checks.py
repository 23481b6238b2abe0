# SPDX-License-Identifier: MIT
"""The assertions of what holds between two calls (tests/prove/holds.c) find seeded faults.

None of these reads or writes outside the buffer at once, so no sanitizer sees it.
"""

import shutil

import pytest
from host import core

FAULTS = {
    "request.c": ("        if (r->val >= r->tok) {", "        if (true) {"),
    "form.c": ("        f->val = to;\n", "        f->val = to - 1;\n"),
    "response.c": ("- HP_RESPONSE_RESERVE;", "- HP_RESPONSE_RESERVE + 1;"),
}


def job(name, harness):
    """Leads each harness to where the fault is."""
    if name == "request.c":
        data = b"GET / HTTP/1.1\r\nA: b\r\nCdefghijkl: m\r\nHost: a\r\n\r\n"
        return harness.request(data, size=32, max_head=500, max_fields=9)
    if name == "form.c":
        data = b"name=abcdefghijklmnopqrst"
        return harness.form(data, size=16, max_pairs=9, slices=True)
    return [
        harness.response([b"body"], size=size, fields=[(b"X", b"v" * 80)])
        for size in range(160, 260)
    ]


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_found(name, tmp_path, monkeypatch):
    cores = shutil.copytree(core.CORE.parent, tmp_path / "httpparse", copy_function=shutil.copy)
    monkeypatch.setattr(core, "CORE", cores / "core")
    monkeypatch.setattr(core, "COVERAGE", None)
    before, after = FAULTS[name]
    text = (core.CORE / name).read_text()
    for fault in (False, True):
        if fault:
            assert text.count(before) == 1
            (core.CORE / name).write_text(text.replace(before, after))
        harness = core.Harness(core.build())
        if fault:
            with pytest.raises(AssertionError, match="does not hold: hp_"):
                job(name, harness)
        else:
            job(name, harness)
            harness.close()

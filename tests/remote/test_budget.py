# SPDX-License-Identifier: MIT
"""What the device's URLs take of the heap at rest, with objects of the chips' size (bytes)."""

import json
import re

from support.simulator import TOP

from .conftest import PASSWORD, stored

PROGRAM = """
    import gc
    import asyncio, tinyweb

    app = tinyweb.webserver(max_concurrency=1, buffer_size=512)
    app.add_route("/", print)
    gc.collect()
    before = gc.mem_alloc()
    from tinyweb import device
    gc.collect()
    between = gc.mem_alloc()
    device.enable(app)
    gc.collect()
    print(between - before, gc.mem_alloc() - between)
"""


def test_page_tells_what_it_takes(run_mpy, tmp_path):
    (tmp_path / "device.json").write_text(json.dumps({"password": stored(PASSWORD)}))
    imported, enabled = map(int, run_mpy(PROGRAM, bits=32, cwd=tmp_path).stdout.split())
    assert imported <= 64
    page = (TOP / "docs" / "device.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"switched on: ([\d ]+) bytes", page)
    assert abs(enabled - int(told.replace(" ", ""))) <= 128, enabled

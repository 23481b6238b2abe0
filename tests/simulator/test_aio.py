# SPDX-License-Identifier: MIT
"""frozen/tinyweb/aio.py is the only module that knows asyncio from inside."""

import re

from support.simulator import TOP

# What aio.py uses of asyncio.core: name -> attributes.
NEEDED = {
    "cur_task": ("data",),
    "_task_queue": ("push",),
    "_io_queue": ("queue_read", "queue_write", "remove"),
    "CancelledError": (),
}

CHECK = """
from asyncio import core
async def one():
    pass
core.cur_task = core.create_task(one())
for name, attributes in {needed}.items():
    value = getattr(core, name)
    for attribute in attributes:
        if not hasattr(value, attribute):
            raise AssertionError("asyncio.core.%s has no %s" % (name, attribute))
# A parked task names the I/O queue as the one it waits in: removing it there is harmless.
core._io_queue.remove(core.cur_task)
print("ok")
"""


def test_asyncio_has_what_aio_needs(run_mpy):
    assert run_mpy(CHECK.replace("{needed}", repr(NEEDED))).stdout == "ok\n"


def test_no_other_name_is_used():
    text = (TOP / "frozen/tinyweb/aio.py").read_text()
    assert set(re.findall(r"\bcore\.(\w+)", text)) == set(NEEDED)


def test_only_aio_imports_the_core():
    for file in (TOP / "frozen").rglob("*.py"):
        if file.name != "aio.py":
            text = file.read_text()
            assert "asyncio.core" not in text, file
            assert "from asyncio import core" not in text, file

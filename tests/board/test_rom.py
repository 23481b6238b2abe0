# SPDX-License-Identifier: MIT
"""Modules in ROM over soft resets: what they have in RAM is made anew, and no heap is lost."""

RESETS = 50
# Tasks of asyncio, a name that is assigned, a list that is changed.
CHANGE = """
import asyncio, gc
from tinyweb import template, uploads

async def wait():
    await asyncio.sleep(100)

def show():
    core = asyncio.core
    print(core.cur_task, bool(core._task_queue.peek()), uploads._serial, template._cache)

show()
loop = asyncio.get_event_loop()
task = asyncio.create_task(wait())
uploads._serial += 7
template._cache.append(task)
print(bool(asyncio.core._task_queue.peek()), uploads._serial, len(template._cache))
"""
HEAP = """
import gc
import asyncio
import tinyweb
from tinyweb import broadcast, csrf, login, passwords, sessions, sse, template, websocket
from tinyweb.testing import TestClient

app = tinyweb.webserver()

@app.route("/")
async def index(req, resp):
    return {"a": 1}

client = TestClient(app)
print(client.get("/").status)
"""
# By itself: the frames of what has just run hold words that the collector takes for pointers.
FREE = """
gc.collect()
print(gc.mem_free())
"""


def test_state_is_new_after_a_soft_reset(board):
    for _ in range(3):
        printed, error = board.terminal.raw(CHANGE)
        assert error == ""
        before, after = printed.splitlines()
        assert before == "None False 0 []"
        assert after == "True 7 1"
        board.terminal.soft_reset()


def test_heap_after_many_soft_resets(board):
    free = set()
    for _ in range(RESETS):
        assert board.terminal.raw(HEAP) == ("200\n", "")
        left, error = board.terminal.raw(FREE)
        assert error == ""
        free.add(int(left))
        board.terminal.soft_reset()
    assert len(free) == 1

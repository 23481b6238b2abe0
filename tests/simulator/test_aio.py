# SPDX-License-Identifier: MIT
"""cmodules/tinyweb/modtinyweb_aio.c is the only file that knows asyncio from inside."""

import re

import pytest

from support.simulator import TOP, free_port

SOURCE = TOP / "cmodules/tinyweb/modtinyweb_aio.c"

# What it uses of asyncio.core, and of the objects there: name -> attributes.
NEEDED = {
    "Task": (),
    "cur_task": ("cancel", "coro", "data"),
    "_task_queue": ("peek", "push", "remove"),
    "_io_queue": ("map", "queue_read", "queue_write", "remove", "wait_io_event"),
    "IOQueue": (),
}

CHECK = """
import asyncio, select
from asyncio import core
async def one():
    pass
core.cur_task = task = core.create_task(one())
for name, attributes in {needed}.items():
    value = getattr(core, name)
    for attribute in attributes:
        if not hasattr(value, attribute):
            raise AssertionError("asyncio.core.%s has no %s" % (name, attribute))
# What install() moves to its own queue.
class Stream(io.IOBase):
    def ioctl(self, request, argument):
        return 0
stream = Stream()
core._io_queue.queue_write(stream)
assert list(core._io_queue.map.values()) == [[None, task, stream]]
assert task.data is core._io_queue
# Nothing else has been added that a queue must have.
assert {name for name in dir(core.IOQueue) if name[:1] != "_"} == {
    "queue_read", "queue_write", "remove", "wait_io_event"}
print("ok")
"""


def test_asyncio_has_what_aio_needs(run_mpy):
    program = "import io\n" + CHECK.replace("{needed}", repr(NEEDED))
    assert run_mpy(program).stdout == "ok\n"


def test_no_other_name_is_used():
    text = SOURCE.read_text(encoding="utf-8")
    used = set(re.findall(r"(?:core_get\(|(?:core|asyncio), )MP_QSTR_(\w+)", text))
    assert used == set(NEEDED) | {"core"}
    attributes = set(re.findall(r"(?:task|old|_task_queue\)), MP_QSTR_(\w+)", text))
    assert attributes <= {name for names in NEEDED.values() for name in names}


def test_only_aio_imports_the_core():
    for file in (TOP / "frozen").glob("*/*.py"):
        text = file.read_text(encoding="utf-8")
        assert "asyncio.core" not in text, file
        assert "from asyncio import core" not in text, file


# An echo server and its client by asyncio's streams, which wait in the same queue as tinyweb.
STREAMS = """
import asyncio, sys

async def echo(reader, writer):
    while True:
        line = await reader.readline()
        if not line:
            break
        writer.write(line)
        await writer.drain()
    writer.close()
    await writer.wait_closed()

async def client(text):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for i in range(20):
        writer.write(b"%s %d\\n" % (text, i))
        await writer.drain()
        assert await reader.readline() == b"%s %d\\n" % (text, i)
    writer.close()
    await writer.wait_closed()

port = int(sys.argv[1])
"""


@pytest.mark.parametrize("bits", [64, 32])
def test_streams_of_the_application_share_the_queue(run_mpy, bits):
    program = (
        STREAMS
        + """
async def main():
    import tinyweb
    app = tinyweb.webserver()
    @app.route("/")
    async def index(req, resp):
        await resp.send("served")
    app.run("127.0.0.1", 0, loop_forever=False)
    server = await asyncio.start_server(echo, "127.0.0.1", port)
    await asyncio.gather(*(client(b"client %d" % i) for i in range(9)))
    server.close()
    await server.wait_closed()
    app.shutdown()
    print("ok")

asyncio.run(main())
"""
    )
    assert run_mpy(program, bits=bits, args=(free_port(),)).stdout == "ok\n"


def test_tasks_that_wait_already_are_taken_over(run_mpy):
    program = (
        STREAMS
        + """
from asyncio import core

async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", port)
    await client(b"before")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waiting = asyncio.create_task(reader.readline())
    await asyncio.sleep_ms(10)
    old = core._io_queue
    import tinyweb
    assert core._io_queue is not old and type(core._io_queue) is core.IOQueue is asyncio.IOQueue
    writer.write(b"line\\n")
    await writer.drain()
    assert await waiting == b"line\\n"
    await client(b"after")
    print("ok")

asyncio.run(main())
"""
    )
    assert run_mpy(program, args=(free_port(),)).stdout == "ok\n"


QUEUE = """
import asyncio, io, micropython
import tinyweb
from asyncio import core
from tinyweb import aio

class Stream(io.IOBase):
    # Python streams have no file descriptor: the queue looks at them again and again.
    ready = 0
    def ioctl(self, request, argument):
        return self.ready & argument if request == 3 else -1

log = []

def wait(stream, direction, text):
    try:
        yield from direction(stream)
        log.append(text)
    except asyncio.CancelledError:
        log.append(text + " cancelled")

"""


@pytest.mark.parametrize("bits", [64, 32])
def test_queue(run_mpy, bits):
    program = (
        QUEUE
        + """
async def main():
    a, b = Stream(), Stream()
    asyncio.create_task(wait(a, aio.readable, "a read"))
    asyncio.create_task(wait(a, aio.writable, "a written"))
    reader = asyncio.create_task(wait(b, aio.readable, "b read"))
    asyncio.create_task(wait(b, aio.writable, "b written"))
    await asyncio.sleep_ms(5)
    assert core._io_queue.map == 2 and log == []
    # One direction of each; the other task goes on waiting.
    a.ready = 4
    await asyncio.sleep_ms(20)
    assert log == ["a written"], log
    reader.cancel()
    await asyncio.sleep_ms(5)
    assert log == ["a written", "b read cancelled"], log
    b.ready = 4
    a.ready = 1
    await asyncio.sleep_ms(20)
    assert sorted(log[2:]) == ["a read", "b written"], log
    assert core._io_queue.map == 0
    # An error wakes both.
    log.clear()
    a.ready = 0
    asyncio.create_task(wait(a, aio.readable, "read"))
    asyncio.create_task(wait(a, aio.writable, "written"))
    await asyncio.sleep_ms(5)
    real = Stream.ioctl
    Stream.ioctl = lambda self, request, argument: 8
    await asyncio.sleep_ms(20)
    Stream.ioctl = real
    assert sorted(log) == ["read", "written"], log
    # What cannot be waited for is refused, and no trace is left of it.
    for bad in (None, 7, object()):
        try:
            await aio.readable(bad)
        except OSError:
            pass
        else:
            raise AssertionError
    first = asyncio.create_task(wait(a, aio.readable, "first"))
    await asyncio.sleep_ms(5)
    try:
        await aio.readable(a)
    except RuntimeError:
        pass
    else:
        raise AssertionError
    first.cancel()
    await asyncio.sleep_ms(5)
    assert core._io_queue.map == 0
    print("ok")

asyncio.run(main())
"""
    )
    assert run_mpy(program, bits=bits).stdout == "ok\n"


@pytest.mark.parametrize("bits", [64, 32])
def test_wake(run_mpy, bits):
    program = (
        QUEUE
        + """
def rest(how, text):
    yield from how()
    log.append(text)

async def main():
    pausing = asyncio.create_task(rest(lambda: aio.pause(60000), "paused"))
    parked = asyncio.create_task(rest(aio.park, "parked"))
    later = asyncio.create_task(rest(lambda: aio.pause(10), "later"))
    await asyncio.sleep_ms(5)
    assert log == []
    aio.wake(pausing)
    aio.wake(parked)
    await asyncio.sleep_ms(0)
    await asyncio.sleep_ms(0)
    assert sorted(log)[-2:] == ["parked", "paused"], log
    await later
    assert len(log) == 3, log
    print("ok")

asyncio.run(main())
"""
    )
    assert run_mpy(program, bits=bits).stdout == "ok\n"


@pytest.mark.parametrize("bits", [64, 32])
def test_wait_without_memory_changes_nothing(run_mpy, bits):
    program = (
        QUEUE
        + """
async def parks():
    await aio.park()

async def main():
    streams = [Stream() for _ in range(40)]
    tasks = [asyncio.create_task(parks()) for _ in streams]
    await asyncio.sleep_ms(0)
    failed = 0
    for i in range(40):
        micropython.heap_lock()
        try:
            aio.arm(tasks[i], streams[i])
        except MemoryError:
            failed += 1
            ok = False
        else:
            ok = True
        micropython.heap_unlock()
        if not ok:
            aio.arm(tasks[i], streams[i])
    # The table grows now and then; each time it could not.
    assert failed == 10, failed
    assert core._io_queue.map == 40
    for task in tasks:
        core._io_queue.remove(task)
    assert core._io_queue.map == 0
    # Once it has its size, waiting allocates nothing.
    micropython.heap_lock()
    for i in range(40):
        aio.arm(tasks[i], streams[i])
    for task in tasks:
        core._io_queue.remove(task)
    micropython.heap_unlock()
    print("ok")

asyncio.run(main())
"""
    )
    assert run_mpy(program, bits=bits).stdout == "ok\n"


@pytest.mark.parametrize("bits", [64, 32])
def test_new_event_loop_gets_the_same_kind_of_queue(run_mpy, bits):
    program = (
        QUEUE
        + """
async def main():
    stream = Stream()
    asyncio.create_task(wait(stream, aio.readable, "read"))
    await asyncio.sleep_ms(5)
    stream.ready = 1
    await asyncio.sleep_ms(20)

for _ in range(2):
    asyncio.new_event_loop()
    asyncio.run(main())
print(log)
"""
    )
    assert run_mpy(program, bits=bits).stdout == "['read', 'read']\n"


@pytest.mark.parametrize("bits", [64, 32])
def test_a_wait_that_is_not_awaited_has_no_effect(run_mpy, bits):
    program = (
        QUEUE
        + """
async def forgetful(i):
    stream = Stream()
    for _ in range(50):
        # None of them is stepped into.
        aio.pause(5), aio.pass_on(), aio.readable(stream), aio.writable(stream), aio.park()
        await asyncio.sleep_ms(i % 3)
        aio.pause(100000)
        await aio.pass_on()
    log.append(i)

async def main():
    await asyncio.gather(*(forgetful(i) for i in range(8)))
    assert sorted(log) == list(range(8)), log
    assert core._io_queue.map == 0
    print("ok")

asyncio.run(main())
"""
    )
    assert run_mpy(program, bits=bits).stdout == "ok\n"


@pytest.mark.parametrize("bits", [64, 32])
def test_a_task_that_waits_cannot_wait_twice(run_mpy, bits):
    program = (
        QUEUE
        + """
async def step_by_hand(coro):
    # The coroutine is given up half way; its task is in a queue by then.
    coro.send(None)
    for make in (lambda: aio.pause(5), aio.pass_on, lambda: aio.readable(Stream()), aio.park):
        try:
            await make()
        except RuntimeError as exc:
            log.append(str(exc))
        else:
            raise AssertionError

async def waits_for(make):
    await make()

async def main():
    for make in (
        lambda: asyncio.sleep_ms(10),
        lambda: aio.pause(5),
        lambda: aio.readable(Stream()),
    ):
        before = len(log)
        asyncio.create_task(step_by_hand(waits_for(make)))
        await asyncio.sleep_ms(0)
        await asyncio.sleep_ms(0)
        assert log[before:] == 4 * ["the task waits for something else already"], log
    print("ok")

asyncio.run(main())
"""
    )
    assert run_mpy(program, bits=bits).stdout == "ok\n"


@pytest.mark.parametrize("bits", [64, 32])
def test_what_is_no_task_is_refused(run_mpy, bits):
    program = (
        QUEUE
        + """
async def main():
    for f in (aio.wake, aio.disarm, aio.cancel, lambda task: aio.arm(task, Stream())):
        for bad in (None, 5, "task", Stream(), main):
            try:
                f(bad)
            except TypeError as exc:
                assert str(exc) == "a task expected", exc
            else:
                raise AssertionError
    # The task that runs, and one that is ready, are left as they are.
    aio.wake(core.cur_task)
    ready = asyncio.create_task(wait(Stream(), aio.readable, "ready"))
    aio.wake(ready)
    await asyncio.sleep_ms(0)
    ready.cancel()
    aio.wake(ready)
    await asyncio.sleep_ms(0)
    await asyncio.sleep_ms(0)
    assert log == ["ready cancelled"], log
    print("ok")

asyncio.run(main())
"""
    )
    assert run_mpy(program, bits=bits).stdout == "ok\n"


def test_long_waits_for_streams_without_a_descriptor_take_no_stack(run_mpy):
    """They are looked at every millisecond, which must not add up."""
    program = (
        QUEUE
        + """
class Many(Stream):
    looks = 0
    def ioctl(self, request, argument):
        Many.looks += 1
        return argument if request == 3 and Many.looks > 200000 else -1 if request != 3 else 0

async def main():
    await asyncio.gather(*(wait(Many(), aio.readable, "read") for _ in range(200)))
    print(len(log))

asyncio.run(main())
"""
    )
    assert run_mpy(program).stdout == "200\n"

# SPDX-License-Identifier: MIT
"""cmodules/tinyweb/modtinyweb_aio.c is the only file that knows asyncio from inside."""

import re
import resource

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


def printed(run_mpy, program, bits=64, **options):
    return run_mpy(program, bits=bits, **options).stdout.splitlines()


TRIED = """
def tried(f, *args):
    try:
        return f(*args)
    except Exception as exc:
        print(type(exc).__name__, exc)

"""


@pytest.mark.parametrize("bits", [64, 32])
def test_without_asyncio_there_are_no_tasks(run_mpy, bits):
    """A coroutine that is stepped by hand is none of a task's, and may fail like any other."""
    program = """
        import _tinyweb
        from _tinyweb import aio
        def tried(f, *args):
            try:
                return f(*args)
            except Exception as exc:
                print(type(exc).__name__, exc)
        def fails():
            raise ValueError("mine")
            yield
        tried(aio.pass_on)
        tried(aio.wake, 5)
        tried(_tinyweb.parts(fails(), None).send, None)
    """
    assert printed(run_mpy, program, bits) == [
        "RuntimeError no running event loop",
        "TypeError a task expected",
        "ValueError mine",
    ]


@pytest.mark.parametrize("bits", [64, 32])
def test_another_queue_than_its_own(run_mpy, bits):
    """What is put in the place of the queue is never taken for one."""
    program = (
        QUEUE
        + TRIED
        + """
class Asyncio:
    class core:
        _io_queue = 5

async def main():
    own = core._io_queue
    for other in 5, object():
        core._io_queue = other
        tried(aio.is_read, Stream())
    core._io_queue = own
    print(aio.is_read(Stream()))
    tried(aio.install, Asyncio)
asyncio.run(main())
"""
    )
    refused = "TypeError asyncio waits by another queue than tinyweb's"
    assert printed(run_mpy, program, bits) == [
        refused,
        refused,
        "False",
        "AttributeError 'int' object has no attribute 'map'",
    ]


@pytest.mark.parametrize("bits", [64, 32])
def test_a_task_waits_for_one_thing(run_mpy, bits):
    """It cannot be armed while it waits for a stream, nor by a stream that arms others."""
    program = (
        QUEUE
        + TRIED
        + """
class Asked(Stream):
    # Uses the queue when it is asked for its descriptor.
    def ioctl(self, request, argument):
        if request != 3:
            then, self.then = self.then, None
            if then is not None:
                then()
        return super().ioctl(request, argument)

async def main():
    writes = asyncio.create_task(wait(Stream(), aio.writable, "written"))
    first, second = [asyncio.create_task(wait(None, lambda _: aio.park(), "woken")) for _ in "12"]
    await asyncio.sleep_ms(5)
    tried(aio.arm, writes, Stream())
    asked = Asked()
    asked.then = lambda: aio.arm(second, asked)
    tried(aio.arm, first, asked)
    asked = Asked()
    asked.then = lambda: aio.wake(first)
    tried(aio.arm, first, asked)
    await asyncio.sleep_ms(5)
    print(log, aio.is_read(asked))
    for task in writes, second:
        task.cancel()
asyncio.run(main())
"""
    )
    refused = "RuntimeError the task waits for something else already"
    assert printed(run_mpy, program, bits) == [refused, refused, refused, "['woken'] False"]


@pytest.mark.parametrize("bits", [64, 32])
def test_a_stream_that_uses_the_queue_when_it_is_asked(run_mpy, bits):
    """It may end the waits of others, and its own: what it says then wakes nobody."""
    program = (
        QUEUE
        + """
class Ends(Stream):
    # Ends waits when it is asked for events, and says that it is ready.
    ends = ()
    def ioctl(self, request, argument):
        if request == 3 and self.ends:
            ends, self.ends = self.ends, ()
            for task in ends:
                task.cancel()
            return argument
        return super().ioctl(request, argument)

async def main():
    # The last one is asked first, and is another entry when it answers.
    for others in 1, 2, 3:
        streams = [Stream() for _ in range(3)] + [Ends()]
        tasks = [asyncio.create_task(wait(s, aio.readable, "read")) for s in streams]
        await asyncio.sleep_ms(5)
        streams[-1].ends = tasks[:others]
        await asyncio.sleep_ms(20)
        print(log, core._io_queue.map)
        for task in tasks:
            task.cancel()
        await asyncio.sleep_ms(5)
        log.clear()
    # The one in the middle ends its own wait, and another stream takes its place.
    streams = [Stream(), Ends(), Stream()]
    tasks = [asyncio.create_task(wait(s, aio.readable, "read")) for s in streams]
    await asyncio.sleep_ms(5)
    streams[1].ends = tasks[1:2]
    await asyncio.sleep_ms(20)
    print(log, core._io_queue.map)
    # All are gone but the first is asked for.
    streams = [Stream() for _ in range(3)] + [Ends()]
    tasks += [asyncio.create_task(wait(s, aio.readable, "read")) for s in streams]
    await asyncio.sleep_ms(5)
    log.clear()
    streams[-1].ends = tasks
    await asyncio.sleep_ms(20)
    print(len(log), core._io_queue.map)
asyncio.run(main())
"""
    )
    ended = "read cancelled"
    assert printed(run_mpy, program, bits) == [
        f"{[ended]} 3",
        f"{[ended, ended]} 2",
        f"{[ended, ended, ended]} 1",
        f"{[ended]} 2",
        "6 0",
    ]


@pytest.mark.parametrize("bits", [64, 32])
def test_a_step_that_uses_the_queue(run_mpy, bits):
    """It may end the wait that it is a part of, or others, or begin one of its own."""
    program = (
        QUEUE
        + """
def waits(stream, direction, text, *step):
    try:
        yield from direction(stream, *step)
        log.append(text)
    except asyncio.CancelledError:
        log.append(text + " cancelled")

def begun(stream, *more):
    return asyncio.create_task(waits(stream, *more))

async def main():
    for others in 0, 1:
        # Its own wait is over: the entry is gone, or another one is in its place.
        stream = Stream()
        task = begun(stream, aio.readable, "first", lambda: aio.wake(task) or True)
        more = [begun(Stream(), aio.readable, "other") for _ in range(others)]
        await asyncio.sleep_ms(5)
        stream.ready = 1
        await asyncio.sleep_ms(20)
        print(log, core._io_queue.map)
        for other in more:
            other.cancel()
        await asyncio.sleep_ms(5)
        log.clear()

    # The same stream is waited for with another step.
    stream = Stream()
    def again():
        aio.wake(task)
        aio.arm(parked, stream)
        return True
    parked = asyncio.create_task(wait(None, lambda _: aio.park(), "second"))
    task = begun(stream, aio.readable, "first", again)
    await asyncio.sleep_ms(5)
    stream.ready = 1
    await asyncio.sleep_ms(20)
    print(log, core._io_queue.map)
    log.clear()

    # Who has the step is cancelled, and the stream says what it was not asked for.
    class Other(Stream):
        def ioctl(self, request, argument):
            if request == 3 and self.ready:
                return 5 - argument
            return super().ioctl(request, argument)
    stream = Other()
    reads = begun(stream, aio.readable, "read", lambda: log.append("step"))
    writes = begun(stream, aio.writable, "written")
    await asyncio.sleep_ms(5)
    reads.cancel()
    await asyncio.sleep_ms(5)
    stream.ready = 5
    await asyncio.sleep_ms(20)
    print(log, core._io_queue.map)
    writes.cancel()
asyncio.run(main())
"""
    )
    assert printed(run_mpy, program, bits) == [
        "['first'] 0",
        "['first'] 1",
        "['first', 'second'] 0",
        "['read cancelled'] 1",
    ]


@pytest.mark.parametrize("bits", [64, 32])
def test_a_wait_that_was_left_for_asyncio_s(run_mpy, bits):
    """Who was put into the queue by hand and sleeps then is not woken by the stream."""
    program = (
        QUEUE
        + """
async def main():
    stream = Stream()
    async def sleeps():
        core._io_queue.queue_read(stream)
        core._io_queue.remove(None)
        core.cur_task.data = None
        await asyncio.sleep_ms(40)
        log.append("slept")
    task = asyncio.create_task(sleeps())
    await asyncio.sleep_ms(5)
    stream.ready = 1
    await asyncio.sleep_ms(10)
    print(log, core._io_queue.map)
    await task
    print(log)
asyncio.run(main())
"""
    )
    assert printed(run_mpy, program, bits) == ["[] 0", "['slept']"]


@pytest.mark.parametrize("bits", [64, 32])
def test_ctrl_c_while_the_loop_waits(run_mpy, bits):
    program = """
        import asyncio, os
        from tinyweb import aio
        async def main():
            os.system("(sleep 0.2; kill -INT $PPID) &")
            await aio.park()
        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            print("interrupted")
    """
    assert printed(run_mpy, program, bits) == ["interrupted"]


@pytest.mark.parametrize("bits", [64, 32])
def test_more_streams_than_the_system_can_wait_for(run_mpy, bits):
    """The loop ends with the system's error, and does not go round for ever."""
    program = (
        QUEUE
        + """
async def main():
    for i in range(100):
        asyncio.create_task(wait(Stream(), aio.readable, "read"))
    await asyncio.sleep_ms(1000)
try:
    asyncio.run(main())
except OSError as exc:
    print("errno", exc.errno)
"""
    )
    # poll() takes no more entries than there may be descriptors.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    try:
        assert printed(run_mpy, program, bits) == ["errno 22"]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("bits", [64, 32])
def test_a_socket_whose_step_ends_the_waits_of_others(run_mpy, bits):
    """All of them have something to read at the same time."""
    program = """
        import asyncio, socket, sys
        from tinyweb import aio
        log = []
        def waits(sock, name, *step):
            try:
                yield from aio.readable(sock, *step)
                log.append(name + " read")
            except asyncio.CancelledError:
                log.append(name + " cancelled")
        async def main():
            socks = []
            for port in sys.argv[1:]:
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                address = socket.getaddrinfo("127.0.0.1", int(port))[0][-1]
                sock.bind(address)
                socks.append((sock, address))
            for ends in (), (0,), (1,), (0, 1):
                tasks = []
                def step():
                    for i in ends:
                        tasks[i].cancel()
                    return True
                for i, (sock, _) in enumerate(socks):
                    steps = (step,) if i == 2 else ()
                    tasks.append(asyncio.create_task(waits(sock, "abc"[i], *steps)))
                await asyncio.sleep_ms(5)
                for sock, address in socks:
                    sock.sendto(b"x", address)
                await asyncio.sleep_ms(50)
                for sock, _ in socks:
                    sock.recv(1)
                print(", ".join(sorted(log)))
                log.clear()
        asyncio.run(main())
    """
    args = [free_port() for _ in "abc"]
    assert printed(run_mpy, program, bits, args=args) == [
        "a read, b read, c read",
        "a cancelled, b read, c read",
        "a read, b cancelled, c read",
        "a cancelled, b cancelled, c read",
    ]

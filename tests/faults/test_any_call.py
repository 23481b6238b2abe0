# SPDX-License-Identifier: MIT
"""Calls that ended the program, or made it go on for ever."""

import textwrap

import pytest

SETUP = """
import asyncio, httpparse, io, tinyweb, _tinyweb
from _tinyweb import aio

class Server:
    buffer_size = 512
    request_timeout = 5
    handler_timeout = None
    patterns = None
    routes = {}
    _date = ""
    _date_due = 0
    def find(self, request): pass
    def _new_date(self): pass
slot = tinyweb.connection.new_slot(Server())
request, response = slot.request, slot.response
route = _tinyweb.route(None, methods=(b"GET",), max_body_size=10)

async def nothing():
    pass
asyncio.run(nothing())      # then it is known what a task is

def tried(f, *args, **keywords):
    try:
        return f(*args, **keywords)
    except Exception as exc:
        print(type(exc).__name__, exc)
"""


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def answer(request, run_mpy):
    """A function: the lines that a program prints, which has to end by itself."""

    def run(code):
        program = SETUP + textwrap.dedent(code)
        return run_mpy(program, bits=request.param).stdout.split("\n")[:-1]

    return run


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("tried(slot.begin)", "TypeError route expected, not NoneType"),
        ("tried(slot._route)", "TypeError route expected, not NoneType"),
        (
            "tried(_tinyweb.slot, type(None), Server, Server, Server())",
            "TypeError a class written in Python expected",
        ),
        (
            "tried(_tinyweb.slot, list, Server, Server, Server())",
            "TypeError a class written in Python expected",
        ),
        (
            "server = Server(); server.routes = 5; tried(_tinyweb.find, server, request)",
            "TypeError dict expected, not int",
        ),
        (
            "slot.task = Server(); tried(_tinyweb.open_slot, slot, io.BytesIO(), None)",
            "TypeError a task expected",
        ),
        (
            "tried(_tinyweb.parts, asyncio.create_task(nothing()), slot)",
            "TypeError a coroutine expected, not a task",
        ),
        ("print(tried(_tinyweb.simple_value, (0, 1, (0,), ()), {}))", "None"),
        ("print(tried(_tinyweb.simple_value, (0, 1, (1, 'a'), ()), 5))", "None"),
        (
            "tried(_tinyweb.simple_value, [0, 1, (1, 'a'), ()], {})",
            "TypeError tuple expected, not list",
        ),
        (
            "tried(_tinyweb.match, None, [b'', None], b'/a')",
            "TypeError tuple expected, not list",
        ),
        (
            "tried(_tinyweb.route, None, methods=[b'GET'])",
            "TypeError tuple expected, not list",
        ),
    ],
)
def test_arguments_of_another_kind(answer, code, printed):
    assert answer(code) == [printed]


def test_a_writer_that_is_none(answer):
    lines = answer(
        """
        class Answer:
            _request = request
            def _start(self, *args): pass
        request.route = _tinyweb.route(route, cors_origins="*", cors_methods="", cors_headers="")
        for Answer._writer in 5, object():
            tried(_tinyweb.json, Answer(), {})
        """
    )
    assert lines == ["TypeError httpparse.Response expected"] * 2


def test_headers_that_are_no_dict_yet(answer):
    lines = answer(
        """
        class Fields(dict):
            def __init__(self):
                tried(setattr, response, "headers", self)
        Fields()
        """
    )
    assert lines == ["TypeError headers are a dict, not Fields"]


def test_a_method_of_a_slot_is_its_class_s(answer):
    """Without _close() its task would go round for ever."""
    lines = answer("tried(setattr, slot, '_close', type)")
    assert lines == ["AttributeError 'slot' object has no attribute '_close'"]


def test_a_wait_of_another_kind(answer):
    """A wait that is stepped into after another one was made has nothing to wait for."""
    lines = answer(
        """
        async def waits():
            wait = aio.readable(io.BytesIO())
            aio.pass_on()
            try:
                await wait
            except RuntimeError as exc:
                print(exc)
        asyncio.run(waits())
        """
    )
    assert lines == ["a wait is made and yielded in one expression"]


def test_a_wait_that_was_begun_by_hand(answer):
    """The next one raises, until the task has left the queue."""
    lines = answer(
        """
        def begin(wait):
            wait.__next__()
        async def waits():
            for wait in aio.park, aio.pass_on:
                begin(wait())
                for _ in range(2):
                    try:
                        await aio.pass_on()
                        print("waited")
                    except RuntimeError as exc:
                        print(exc)
                    aio.leave()
            aio.wake(asyncio.current_task())
            tried(aio.arm, asyncio.current_task(), io.BytesIO())
            await asyncio.sleep_ms(0)
        asyncio.run(waits())
        """
    )
    assert lines == ["the task waits for something else already", "waited"] * 2 + [
        "RuntimeError the task that runs cannot be armed"
    ]


def test_a_task_that_ends_when_it_has_begun_a_wait(answer):
    """It is in no queue: asyncio would put it there once more, as nobody has awaited it."""
    lines = answer(
        """
        def fails():
            aio.pause(1).__next__()
            raise OSError(5)
            yield
        async def sleeps(ms):
            await asyncio.sleep_ms(ms)
            print(ms)
        async def main():
            tasks = [asyncio.create_task(sleeps(ms)) for ms in (40, 20, 10)]
            for _ in range(2):
                asyncio.create_task(_tinyweb.parts(fails(), slot))
            for task in tasks:
                await task
        loop = asyncio.get_event_loop()
        loop.set_exception_handler(lambda loop, context: print(context["exception"]))
        asyncio.run(main())
        """
    )
    assert lines == ["[Errno 5] EIO"] * 2 + ["10", "20", "40"]


def test_a_size_that_lies_about_its_length(answer):
    """bytearray() of it would write behind its end (py/objarray.c)."""
    lines = answer(
        """
        from tinyweb.testing import TestClient
        from tinyweb.uploads import receive_file
        class Lies:
            def __len__(self):
                return 1
            def __iter__(self):
                return iter(range(200))
            def __lt__(self, other):
                return False
            __gt__ = __lt__
        app = tinyweb.webserver()

        @app.route("/", methods=["POST"], max_body_size=100)
        async def index(req, resp):
            for read in req.read, lambda n: receive_file(req, "/nowhere", buffer_size=n):
                try:
                    await read(Lies())
                except TypeError:
                    print("TypeError")
        print(TestClient(app).post("/", b"body").status)
        """
    )
    assert lines == ["TypeError"] * 2 + ["200"]


def test_a_task_is_armed_once(answer):
    lines = answer(
        """
        class Stream(io.IOBase):
            def ioctl(self, request, arg):
                return 1 if request == 3 else -1
        async def parks():
            await aio.park()
            print("woken")
        async def main():
            task = asyncio.create_task(parks())
            await asyncio.sleep_ms(0)
            aio.arm(task, Stream())
            tried(aio.arm, task, Stream())
            await asyncio.sleep_ms(5)
        asyncio.run(main())
        """
    )
    assert lines == ["RuntimeError the task waits for something else already", "woken"]


def test_a_stream_that_begins_another_wait(answer):
    """The stream is asked for its file descriptor, and answers when the task is in a queue."""
    lines = answer(
        """
        class Stream(io.IOBase):
            def ioctl(self, request, arg):
                if request == 3:
                    return 1
                aio.pass_on().__next__()
                return -1
        async def waits():
            try:
                await aio.readable(Stream())
                print("waited")
            except RuntimeError as exc:
                print(exc)
            aio.leave()
            await asyncio.sleep_ms(5)
        asyncio.run(waits())
        """
    )
    assert lines == ["the task waits for something else already"]


def test_a_stream_that_leaves_while_it_is_asked(answer):
    """The task that ran last waits, and goes on doing so."""
    lines = answer(
        """
        class Stream(io.IOBase):
            asked = 0
            def ioctl(self, request, arg):
                if request != 3:
                    return -1
                aio.leave()
                self.asked += 1
                return self.asked > 2
        async def reads():
            await aio.readable(Stream())
            print("can be read")
        async def main():
            asyncio.create_task(reads())
            for _ in range(20):
                await asyncio.sleep_ms(0)
        asyncio.run(main())
        """
    )
    assert lines == ["can be read"]


def test_the_loop_was_not_left(answer):
    lines = answer(
        """
        async def handler():
            tried(aio.loop_left)
            await asyncio.sleep_ms(0)
        async def main():
            await handler()
            await tinyweb_like(handler())
        async def tinyweb_like(coro):
            tried(aio.loop_left)
            await coro
        asyncio.run(main())
        aio.loop_left()
        """
    )
    assert lines == ["RuntimeError the loop runs"] * 3


def test_a_queue_of_something_else(answer):
    lines = answer(
        """
        class Core:
            class _io_queue:
                map = 5
        class Other:
            core = Core
        tried(aio.install, Other)
        Core._io_queue.map = {1: [5, None, io.BytesIO()]}
        tried(aio.install, Other)
        """
    )
    assert lines == ["TypeError dict expected, not int", "TypeError a task expected"]


def test_routes_that_are_added_while_a_pattern_is_looked_for(answer):
    lines = answer(
        """
        def converter(text):
            for i in range(50):
                server.patterns.append([(b"", b"x%d" % i, None), route])
            raise ValueError
        server = Server()
        server.patterns = [[(b"", converter), route], [(b"", None), route]]
        class Request:
            path = b"/a"
            method = b"GET"
        print(_tinyweb.find_pattern(server, Request()))
        """
    )
    assert lines == ["('a',)"]


@pytest.mark.parametrize(
    "code",
    [
        "aio.park().__next__()",
        # What says where the task waits is not tinyweb's.
        "asyncio.current_task().data = 5",
        "asyncio.current_task().data = asyncio.core.TaskQueue()",
        "asyncio.current_task().data = type(asyncio.core._io_queue)()",
    ],
)
def test_a_handler_that_begins_a_wait_by_hand(answer, code):
    """Its slot serves the next client."""
    lines = answer(
        f"""
        from tinyweb.testing import TestClient
        app = tinyweb.webserver()
        app.log_error = lambda exc, req: print(type(exc).__name__)

        @app.route("/")
        async def index(req, resp):
            {code}
        @app.route("/good")
        async def good(req, resp):
            await resp.send("good")
        client = TestClient(app)
        print(client.get("/").status)
        print(client.get("/good").text)
        """
    )
    assert lines[-1] == "good"


@pytest.mark.parametrize("wait, event", [("readable", 1), ("writable", 4)])
def test_a_step_goes_on_in_the_place_of_the_task(answer, wait, event):
    """Until it returns something or raises, and no longer than the task's deadlines allow."""
    lines = answer(
        f"""
        import time
        class Ready(io.IOBase):
            def ioctl(self, request, argument):
                return argument & {event} if request == 3 else -1
        calls = []
        def step():
            calls.append(None)
            if ends == "raises":
                raise ValueError
            return True if ends == "returns" and len(calls) == 5 else None
        async def waits():
            global ends
            for ends in "returns", "raises", "never":
                del calls[:]
                start = time.ticks_ms()
                await aio.{wait}(Ready(), step)
                took = time.ticks_diff(time.ticks_ms(), start)
                print(ends, len(calls) if ends != "never" else len(calls) > 5, took // 250)
        asyncio.run(asyncio.wait_for(waits(), 5))
        """
    )
    assert lines == ["returns 5 0", "raises 1 0", "never True 1"]


def test_a_transfer_tells_whether_anything_has_left(answer):
    """Who calls it again at once where nothing can leave would never stop."""
    lines = answer(
        """
        class Client(io.IOBase):
            takes = 0
            def write(self, data):
                if not self.takes:
                    return None
                n = min(self.takes, len(data))
                self.takes -= n
                return n
        client = Client()
        slot.sock = client
        slot.parser.feed(io.BytesIO(b"GET / HTTP/1.0\\r\\n\\r\\n"))
        response._start("text/plain")
        step = _tinyweb.transfer(slot, io.BytesIO(bytes(5000)), 5000)
        for takes in 0, 100, 0, 700, 0, 20000:
            client.takes = takes
            print(takes, step())
        print(step.left)
        """
    )
    assert lines == ["0 False", "100 None", "0 False", "700 None", "0 False", "20000 True", "0"]


def test_a_step_that_moves_nothing_wakes_its_task(answer):
    lines = answer(
        """
        import time
        class Writable(io.IOBase):
            def ioctl(self, request, argument):
                return argument & 4 if request == 3 else -1
        async def waits():
            start = time.ticks_ms()
            await aio.writable(Writable(), lambda: False)
            print(time.ticks_diff(time.ticks_ms(), start) < 100)
        asyncio.run(asyncio.wait_for(waits(), 5))
        """
    )
    assert lines == ["True"]


def test_of_two_tasks_at_one_stream_one_has_a_step(answer):
    """The other one runs each time; neither meets what was the other's."""
    lines = answer(
        """
        class Both(io.IOBase):
            events = 0
            def ioctl(self, request, argument):
                return argument & self.events if request == 3 else -1
        stream = Both()
        steps = []
        def step(name, last):
            def call():
                steps.append(name)
                return True if len(steps) == last else None
            return call
        async def waits(wait, name, last):
            await wait(stream, step(name, last))
            print(name, steps)
        async def main():
            reads = asyncio.create_task(waits(aio.readable, "reads", 3))
            await asyncio.sleep(0)
            writes = asyncio.create_task(waits(aio.writable, "writes", 6))
            await asyncio.sleep(0)
            stream.events = 4
            await writes
            stream.events = 1
            await reads
            del steps[:]
            # What has ended, or was cancelled, leaves no step behind.
            stream.events = 0
            writes = asyncio.create_task(waits(aio.writable, "writes", 2))
            await asyncio.sleep(0)
            writes.cancel()
            reads = asyncio.create_task(waits(aio.readable, "reads", 2))
            await asyncio.sleep(0)
            stream.events = 5
            await reads
        asyncio.run(asyncio.wait_for(main(), 5))
        """
    )
    assert lines == ["writes []", "reads ['reads', 'reads', 'reads']", "reads ['reads', 'reads']"]


RECEPTION = """
    class Client(io.IOBase):
        data = b""
        def readinto(self, buf):
            if not self.data:
                return None
            n = min(len(buf), len(self.data))
            buf[:n] = self.data[:n]
            self.data = self.data[n:]
            return n
        def ioctl(self, request, argument):
            return 0
    class File:
        def __init__(self):
            self.written = []
        def write(self, data):
            self.written.append(bytes(data))
    slot.sock = client = Client()
    client.data = b"PUT / HTTP/1.0\\r\\nContent-Length: 10000\\r\\n\\r\\n"
    while slot._feed() != httpparse.HEAD:
        pass
    request.route = route
    slot.begin()
    file = File()
    buf = bytearray(100)
"""


def test_a_reception_writes_whole_blocks(answer):
    lines = answer(
        RECEPTION
        + """
    step = _tinyweb.reception(request, buf, file, 1850)
    for n in 0, 30, 69, 1, 250, 1600, 0, 100:
        client.data = bytes(n)
        print(n, step(), step.used, step.left, [len(d) for d in file.written])
        del file.written[:]
    print(request._taken, slot.parser.remaining)
        """
    )
    hundreds = [100] * 15
    assert lines == [
        "0 None 0 1850 []",
        "30 None 30 1850 []",
        "69 None 99 1850 []",
        "1 None 0 1750 [100]",
        "250 None 50 1550 [100, 100]",
        f"1600 True 0 50 {hundreds}",
        "0 True 0 50 []",
        "100 True 0 50 []",
        "1800 8200",
    ]


def test_a_reception_gives_others_their_turn_and_ends_with_the_body(answer):
    lines = answer(
        RECEPTION
        + """
    client.data = bytes(10000)
    step = _tinyweb.reception(request, bytearray(300), file, 1 << 29)
    results = []
    while not results or not results[-1]:
        results.append(step())
    print(results, step.used, len(file.written), request._taken)
        """
    )
    assert lines == ["[False, False, True] 100 33 10000"]


def test_a_reception_raises_again_what_it_has_raised(answer):
    """Else a file that has taken the half of a block would get it once more."""
    lines = answer(
        RECEPTION
        + """
    class Full(File):
        def write(self, data):
            super().write(data)
            if len(self.written) == 2:
                raise OSError(28)
    file = Full()
    client.data = bytes(1000)
    step = _tinyweb.reception(request, buf, file, 1000)
    for _ in range(3):
        tried(step)
    print(len(file.written), step.left)
        """
    )
    assert lines == ["OSError 28", "OSError 28", "OSError 28", "2 900"]


def test_a_reception_of_what_is_none(answer):
    lines = answer(
        RECEPTION
        + """
    for arguments in (None, buf, file, 900), (request, 5, file, 9), (request, bytes(5), file, 9):
        tried(_tinyweb.reception(*arguments))
    small = bytearray(4)
    step = _tinyweb.reception(request, small, file, 900)
    client.data = b"123"
    print(step(), step.used)
    small[:] = b""
    tried(step)
    slot._forget()
    tried(_tinyweb.reception(request, buf, file, 900))
        """
    )
    assert [line.split()[0] for line in lines[:3]] == ["TypeError"] * 3
    assert lines[3:5] == ["None 3", "ValueError buffer became shorter while it was filled"]
    assert lines[5].startswith("RuntimeError")
    assert len(lines) == 6


def test_members_of_a_class_that_are_no_functions(answer):
    """An object that has its methods from a class finds everything else there, too."""
    lines = answer(
        """
        class Request:
            names = ["a"]
            number = 5
            def own(self):
                return self is other.request
        other = _tinyweb.slot(Request, Request, Request, Server())
        print(other.request.names, other.request.number, other.request.own())
        """
    )
    assert lines == ["['a'] 5 True"]


def test_a_current_task_that_is_none(answer):
    lines = answer(
        """
        class Task:
            coro = 5
            data = None
        async def leaves():
            core = __import__("asyncio.core").core
            own, core.cur_task = core.cur_task, Task()
            try:
                print(aio.leave())
            finally:
                core.cur_task = own
        asyncio.run(leaves())
        """
    )
    assert lines == ["None"]


def test_what_a_route_has_and_has_not(answer):
    lines = answer(
        """
        tried(_tinyweb.route, None, colour="red")
        tried(_tinyweb.route, None, methods=5)
        method = httpparse.Request()
        print(_tinyweb.match(None, (b"a", b"b"), b"a/%62"), _tinyweb.match(None, (b"a",), b"%62"))
        class Stop(BaseException):
            pass
        def stops(text):
            raise Stop(text)
        try:
            _tinyweb.match(None, (stops,), b"a")
        except Stop as exc:
            print("Stop", exc)
        """
    )
    assert lines == [
        "TypeError a route has no such member",
        "TypeError tuple expected, not int",
        "() None",
        "Stop a",
    ]


def test_a_request_that_is_begun_by_hand(answer):
    """The method may be an object of its own, and the route may keep all fields."""
    lines = answer(
        """
        data = b"GET /a HTTP/1.1\\r\\nHost: h\\r\\nRange: bytes=0-1\\r\\nX: 1\\r\\n\\r\\n"
        _tinyweb.open_slot(slot, io.BytesIO(data), None)
        print(slot.parser.feed(slot.sock))
        slot.parser.keep(True)
        print(slot.parser.feed(slot.sock), slot.parser.headers()[b"X"])
        request.method = bytes(bytearray(b"GET"))
        request.route = _tinyweb.route(route, keep=True)
        tried(slot.begin)
        print(_tinyweb.for_method(_tinyweb.route(None, methods=(request.method,)), request.method))
        """
    )
    assert lines[:2] == ["1", "2 b'1'"]


def test_a_body_is_stored_by_a_buffer_without_room(answer):
    lines = answer(
        """
        storing = _tinyweb.reception(request, bytearray(0), io.BytesIO(), 9)
        tried(storing)
        tried(setattr, storing, "left", 5)
        print(storing.left, storing.used)
        """
    )
    assert lines[1:] == ["AttributeError 'reception' object has no attribute 'left'", "9 0"]


def test_json_that_ends_in_an_escape(answer):
    """It is none, and nothing behind it is read."""
    lines = answer(
        r"""
        print(_tinyweb.has_long_number(b'"a\\', 3), _tinyweb.has_long_number(b'"\\"", 1234', 3))
        """
    )
    assert lines == ["False True"]


def test_fields_of_a_response(answer):
    lines = answer(
        """
        try:
            del response.headers
        except AttributeError:
            print("stays")
        response.headers["X-Twelve-ABC"] = 5
        response.headers["X-Several"] = ("a", 6)
        response.headers["Content-Typf"] = b"x"
        response.send("text")
        sink = io.BytesIO()
        slot.writer.finish(sink)
        print(sink.getvalue())
        """
    )
    assert lines[0] == "stays"
    assert "X-Twelve-ABC: 5" in lines[-1] and "X-Several: 6" in lines[-1]


def test_origins_that_are_no_text(answer):
    """What says more about CORS than a list of origins makes its fields itself, before."""
    lines = answer(
        """
        class Answer:
            _request = request
            _writer = None
            def _start(self, *args): pass
            def send(self, body):
                return body
        for origins in 5, object():
            request.route = _tinyweb.route(route, cors_origins=origins)
            print(_tinyweb.json(Answer(), [1]))
        """
    )
    assert lines == ["b'[1]'", "b'[1]'"]


def test_a_weak_tag_is_one_with_its_whole_prefix(answer):
    lines = answer(
        """
        for field in b'W/"a"', b'Wx"a"', b'x/"a"', b'"a"':
            print(_tinyweb.lists(field, b'"a"', True), _tinyweb.lists(field, b'"a"', False))
        """
    )
    assert lines == ["True False", "True True", "True True", "True True"]


def test_keys_that_are_none(run_mpy):
    """Only the 64-bit simulator has TLS."""
    code = """
for key in b"", bytes(91), bytes(90):
    tried(_tinyweb.verify, key, bytes(32), b"")
"""
    lines = run_mpy(SETUP + code).stdout.splitlines()
    assert lines == ["ValueError no public key of ECDSA on P-256"] * 3

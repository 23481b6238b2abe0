# SPDX-License-Identifier: MIT
# Random calls: program.py SEED STEPS [trace] [STEP...]. Each step has its own random numbers, so
# that some of a seed's steps can be run alone. The last lines say what was called how often, and
# how often it has returned.
import asyncio
import gc
import os
import random
import sys

import _tinyweb
import httpparse
import kinds
import odd
import uctypes
from _tinyweb import aio
from kinds import KINDS, POOL, anything, kept, kind
from words import PARTS, below, one

# What is called, and with which kinds of arguments: ? stands before one that may be left out, the
# name of a keyword before =. What is not here is called with anything.
HINTS = {
    "httpparse.Error": "?status ?text",
    "httpparse.Request": "?size ?max_head=size ?max_fields=small",
    "httpparse.Response": "?size",
    "httpparse.Multipart": "data ?size ?max_parts=small ?max_header=size",
    "httpparse.Urlencoded": "?size ?max_pairs=small ?slices=bool",
    "httpparse.argument_names": "function",
    "httpparse.unquote": "data ?bool",
    "httpparse.unquote_str": "data ?plus=bool",
    "httpparse.quote": "data ?data",
    "httpparse.parse_qs": "data",
    "httpparse.parse_qsl": "data",
    "httpparse.parse_params": "data",
    "httpparse.parse_cookies": "data",
    "httpparse.reason": "status",
    "_tinyweb.HTTPException": "?status",
    "_tinyweb.slot": "class class class server",
    "_tinyweb.enter": "slot state limit",
    "_tinyweb.move": "slot state ms",
    "_tinyweb.within": "slot limit",
    "_tinyweb.expired": "slot ms",
    "_tinyweb.ended": "slot",
    "_tinyweb.close_slot": "slot",
    "_tinyweb.open_slot": "slot stream peer",
    "_tinyweb.forget": "slot",
    "_tinyweb.transfer": "slot stream small",
    "_tinyweb.reception": "request buffer stream small",
    "_tinyweb.stall": "slot small",
    "_tinyweb.feed": "slot",
    "_tinyweb.route_request": "slot",
    "_tinyweb.begin": "slot",
    "_tinyweb.finish": "slot",
    "_tinyweb.wait_for_next": "slot",
    "_tinyweb.free_slot": "slots",
    "_tinyweb.settle": "slot ?state",
    "_tinyweb.resume": "slot ?response",
    "_tinyweb.expect": "request small",
    "_tinyweb.small_form": "request",
    "_tinyweb.add_header": "response name data",
    "_tinyweb.start": "response ?text",
    "_tinyweb.start_html": "response",
    "_tinyweb.start_json": "response",
    "_tinyweb.send_headers": "response",
    "_tinyweb.later": "response generator",
    "_tinyweb.send": "response data",
    "_tinyweb.flush": "response",
    "_tinyweb.end": "response",
    "_tinyweb.parts": "generator slot",
    "_tinyweb.transport": "stream",
    "_tinyweb.site": "site request response path",
    "_tinyweb.lists": "data data bool",
    "_tinyweb.is_settled": "int",
    "_tinyweb.hash_content": "hash data",
    "_tinyweb.media_type": "path",
    "_tinyweb.http_date": "time",
    "_tinyweb.heap": "",
    "_tinyweb.program": "data",
    "_tinyweb.verify": "data data data",
    "_tinyweb.route": "route ?handler=function ?methods=names ?keep=names ?next=route",
    "_tinyweb.find": "server request",
    "_tinyweb.date": "server",
    "_tinyweb.has_long_number": "data small",
    "_tinyweb.json": "response json",
    "_tinyweb.dumps": "json",
    "_tinyweb.escape": "data",
    "_tinyweb.simple_value": "node values",
    "_tinyweb.event": "data text text small",
    "_tinyweb.find_pattern": "server request",
    "_tinyweb.for_method": "route bytes",
    "_tinyweb.match": "server segments bytes",
    "_tinyweb.frames": "size",
    "aio.readable": "stream ?function",
    "aio.writable": "stream ?function",
    "aio.park": "",
    "aio.waits": "?task",
    "aio.arm": "task stream",
    "aio.pass_on": "",
    "aio.wake": "task",
    "aio.pause": "ms",
    "aio.disarm": "task",
    "aio.ready": "stream",
    "aio.is_read": "stream",
    "aio.cancel": "task",
    "aio.leave": "",
    "aio.mend": "",
    "aio.loop_left": "",
    "aio.accept": "listener ?number",
    "aio.install": "asyncio",
    "parser.feed": "stream",
    "parser.keep": "names",
    "parser.headers": "",
    "parser.readinto": "stream buffer ?small",
    "parser.drain": "stream small",
    "parser.next": "",
    "parser.reset": "",
    "writer.begin": "status version bool bool",
    "writer.header": "name data",
    "writer.write": "stream data ?small",
    "writer.readfrom": "stream stream ?small",
    "writer.flush": "stream",
    "writer.finish": "stream",
    "writer.interim": "stream ?number",
    "writer.resize": "size ?stream",
    "writer.reset": "",
    "multipart.parse": "?small",
    "urlencoded.parse": "?small",
    "frames.accept": "bytes",
    "frames.read": "stream ?into",
    "frames.write": "stream opcode data ?small",
    "queue.wait_io_event": "none",
    "queue.queue_read": "stream",
    "queue.queue_write": "stream",
    "queue.remove": "task",
    "transport.close": "",
    "parts.send": "none",
    "parts.throw": "error",
    "done.send": "none",
    "done.throw": "error",
    "done.close": "",
    "result.send": "none",
    "result.throw": "error",
    "result.close": "",
}
# The kinds whose attributes are tried.
OBJECTS = (
    "parser",
    "writer",
    "multipart",
    "urlencoded",
    "frames",
    "slot",
    "request",
    "response",
    "route",
)
OBJECTS += ("parts", "done", "result", "queue", "exception", "fault", "wait")
if "transport" in KINDS:
    OBJECTS += ("transport",)

seed = int(sys.argv[1])
trace = "trace" in sys.argv
functions = []
attributes = {}
calls = {}
good = {}
counted = 0
depth = 0
left = 0
loops = False
fails_in = uctypes.bytearray_at(
    int(os.getenv("HEAP_FAILS_IN") or 0) or uctypes.addressof(bytearray(4)), 4
)


def plan(name):
    # The kinds of a hint: (kind, name of the keyword, whether it may be left out)
    made = []
    for each in HINTS[name].split():
        words = each.lstrip("?").split("=")
        made.append((words[-1], words[0] if len(words) > 1 else None, each[0] == "?"))
    return made


def called(name):
    if name not in calls:
        calls[name] = good[name] = 0
    return (name, plan(name) if name in HINTS else None)


async def look():
    # Finds what there is to be called.
    for module, path in (httpparse, "httpparse"), (_tinyweb, "_tinyweb"), (aio, "aio"):
        for name in dir(module):
            value = getattr(module, name)
            if callable(value) and value is not aio and name not in HIDDEN:
                functions.append((value, called(path + "." + name)))
    for what in OBJECTS:
        each = kind(what)
        plain = set(dir(object()))
        attributes[what] = [x for x in dir(each) if x not in plain and x not in HIDDEN]
        for name in attributes[what]:
            if what + "." + name in HINTS:
                called(what + "." + name)


# Of objects in general; a wait may be without end.
HIDDEN = {"__class__", "__init__", "__new__", "__dict__", "__bases__", "__name__", "wait_io_event"}


def show(x):
    if isinstance(x, (int, float, str, bytes, bytearray)) or x is None:
        text = repr(x)
        return text if len(text) < 60 else text[:50] + "...{}".format(len(x))
    if isinstance(x, (tuple, list)) and len(x) < 6 and depth < 5:
        return "{}({})".format(type(x).__name__, ", ".join(show(each) for each in x))
    return type(x).__name__


def arguments(hints):
    if hints is None:
        return [anything() for _ in range(below(4))], {}
    args = []
    keywords = {}
    for what, keyword, optional in hints:
        if optional and below(2):
            if keyword is None:
                break
            continue
        how = below(16)
        value = kept(what) if how < 14 else anything()
        if keyword is not None:
            keywords[keyword] = value
        else:
            args.append(value)
    how = below(64)
    if how == 0:
        args.append(anything())
    elif how == 1 and args:
        args.pop()
    return args, keywords


def call(f, about, given=None):
    global counted
    name, hints = about
    args, keywords = (given, {}) if given is not None else arguments(hints)
    counted += 1
    calls[name] = calls.get(name, 0) + 1
    if trace:
        print("  " * depth, name, show(args), show(list(keywords.items())))
    if below(32) == 0:
        fails_in[0] = 1 + below(6)
    try:
        result = f(*args, **keywords)
    finally:
        fails_in[0] = 0
    good[name] = good.get(name, 0) + 1
    POOL[below(len(POOL))] = result
    return result


def step_function():
    f, about = one(functions)
    call(f, about)


def step_method():
    what = one(OBJECTS)
    name = one(attributes[what])
    each = kept(what)
    if trace:
        print("  " * depth, "get", what, name)
    f = getattr(each, name)
    if callable(f):
        name = what + "." + name
        if name not in calls:
            # Of a class that is written in Python
            names = httpparse.argument_names(f)
            own = "_tinyweb." + OWN.get(name, name.split(".")[1].lstrip("_"))
            if names is not None:
                METHODS[name] = [("weird", None, False)] * len(names[0])
            elif own in HINTS:
                METHODS[name] = plan(own)[1:]
            calls[name] = good[name] = 0
        call(f, (name, METHODS.get(name)))
    else:
        POOL[below(len(POOL))] = f


METHODS = {name: plan(name) for name in HINTS}
# The functions of C that are methods of such a class under another name.
OWN = {"slot._close": "close_slot", "slot.open": "open_slot", "slot._route": "route_request"}
OWN["slot._send_all"] = "finish"


def step_hinted():
    # The methods that C has are called more often than others.
    what, name = one(HINTED).split(".")
    call(getattr(kept(what), name), (what + "." + name, METHODS[what + "." + name]))


def step_set():
    what = one(OBJECTS)
    name = one(attributes[what])
    value = anything()
    if trace:
        print("  " * depth, "set", what, name, show(value))
    if below(8):
        setattr(kept(what), name, value)
    else:
        delattr(kept(what), name)


def step_use():
    # What can be done with any object.
    x = kept(one(OBJECTS)) if below(2) else one(POOL)
    y = anything()
    how = below(12)
    if isinstance(x, asyncio.core.Task):
        return
    if trace:
        print("  " * depth, "use", how, show(x), show(y))
    if how == 0:
        str(x)
    elif how == 1:
        len(x)
    elif how == 2:
        x == y
    elif how == 3:
        hash(x)
    elif how == 4:
        x[below(5)]
    elif how == 5:
        bytes(x)
    elif how == 6:
        for _, _ in zip(range(3), x):
            pass
    elif how == 7:
        x(y)
    elif how == 8:
        bool(x)
    elif how == 9:
        y in x
    elif isinstance(x, (bytearray, memoryview)):
        n = min(len(x), below(50))
        x[:n] = kinds.wire()[:n] if how == 10 else b"\r\n" * (n // 2) + b"\n" * (n % 2)


def step_shrink():
    # A buffer that a call may be using gets another size.
    x = kept("buffer")
    if trace:
        print("  " * depth, "resize")
    x[:] = bytes(one((0, 1, 70, 3000)))


def step_form():
    what = one(("multipart", "urlencoded"))
    form = kept(what)
    data = kinds.cut(one(PARTS))
    space = form.space
    n = min(len(space), len(data))
    space[:n] = data[:n]
    if trace:
        print("  " * depth, "form", show(data))
    call(form.parse, (what + ".parse", None), [n if below(8) else kind("small")])


def step_generator():
    x = one(POOL) if below(2) else kept(one(("parts", "generator", "result", "done", "wait")))
    how = below(8)
    if isinstance(x, asyncio.core.Task):
        return  # asyncio's own: to iterate by hand over one that nobody awaits ends the program
    if trace:
        print("  " * depth, "generator", how, show(x))
    if how == 0:
        x.throw(kind("error"))
    elif how == 1:
        x.close()
    elif how == 2:
        next(x)
    else:
        x.send(None)


def step_request():
    # A slot reads a request, as far as that.
    slot = kept("slot")
    if trace:
        print("  " * depth, "request")
    _tinyweb.forget(slot)
    if below(8):
        slot.sock = kind("stream")
    if below(8):
        slot.parser.reset()
    steps = (
        ("_tinyweb.feed", slot),
        ("_tinyweb.route_request", slot),
        ("_tinyweb.feed", slot),
        ("_tinyweb.begin", slot),
        ("_tinyweb.expect", slot.request, 1000),
        ("parser.readinto", slot.sock, kept("buffer")),
        ("parser.drain", slot.sock, 5000),
        ("_tinyweb.finish", slot),
        ("_tinyweb.wait_for_next", slot) if below(2) else ("parser.next",),
    )
    for name, *given in steps[: 4 + below(6)]:
        if below(12):
            what, f = name.split(".")
            call(getattr(slot.parser if what == "parser" else _tinyweb, f), (name, None), given)


def worker():
    for _ in range(below(3)):
        step()
        how = below(5)
        try:
            if aio.waits():
                # A wait was begun by hand; what asyncio itself has would begin another one.
                yield from kept("wait")
            elif how == 0:
                yield from asyncio.sleep_ms(0)
            elif how == 1:
                yield from kind("wait")
            elif how == 2:
                x = one(POOL)
                if not isinstance(x, asyncio.core.Task):
                    yield from x
            else:
                yield from kept("parts")
        except BaseException:
            pass
    if aio.waits():
        yield


async def closer():
    for _ in range(below(4)):
        await asyncio.sleep_ms(0)


def step_loop():
    global loops
    if loops:
        return  # asyncio's loop does not survive another one inside
    loops = True
    if trace:
        print("  " * depth, "loop")
    for _ in range(below(3)):
        kinds.TASKS[below(3)] = asyncio.create_task(worker())
    try:
        asyncio.run(closer())
    finally:
        loops = False
        aio.loop_left()


STEPS = (
    [step_function] * 10 + [step_method] * 3 + [step_hinted] * 6 + [step_set] * 2 + [step_use] * 2
)
STEPS += [
    step_shrink,
    step_form,
    step_generator,
    step_generator,
    step_request,
    step_request,
    step_loop,
]


def step():
    global depth, left
    if depth >= 3 or left == 0:
        return
    left -= 1
    depth += 1
    f = one(STEPS)
    try:
        f()
    except BaseException as exc:
        if trace:
            print("  " * depth, "raised", type(exc).__name__)
    finally:
        depth -= 1


def run(i):
    global left
    random.seed((seed * 0x9E3779B1 ^ i * 0x85EBCA6B) & 0x3FFFFFFF)
    below(2)
    below(2)
    left = 40
    if trace:
        print("step", i)
    if below(64) == 0:
        gc.collect()
    for _ in range(6):
        step()
    if asyncio.core.cur_task is not None:
        aio.loop_left()


random.seed(seed)
odd.act[0] = step
kinds.prepare()
asyncio.get_event_loop().set_exception_handler(lambda loop, context: None)
asyncio.run(look())
HINTED = [
    name for name in HINTS if name.split(".")[0] in OBJECTS and name != "queue.wait_io_event"
]
steps = [int(each) for each in sys.argv[3:] if each != "trace"]
gc.collect()
for i in steps or range(int(sys.argv[2])):
    run(i)
print("calls", counted)
for name in sorted(calls):
    print(name, calls[name], good.get(name, 0))

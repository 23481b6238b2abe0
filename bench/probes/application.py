# SPDX-License-Identifier: MIT
"""Runs the application sys.argv[3] as a board's main.py, and says what its heap is used for.

It serves at 127.0.0.1 and the port sys.argv[1], with at most sys.argv[2] connections if it does
not say itself. The lines that start with MARK are for bench.application. `GET /.heap` makes one.
"""

import builtins
import gc
import sys

import _tinyweb
import tinyweb

import micropython

MARK = "\x1e"
PORT, CONNECTIONS, MAIN = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
# What the simulator takes where an application does not say it.
DEFAULT = 10

webserver = tinyweb.webserver
total = 0


def say(*words):
    print(MARK + " ".join(str(word) for word in words))


def heap(name):
    gc.collect()
    say(name, gc.mem_alloc(), *_tinyweb.heap())


def start(app, host=None, port=None, backlog=None, ssl=None):
    """Instead of webserver.start(): where the caller of this program asks for it."""
    heap("application")
    webserver.start(app, "127.0.0.1", PORT, backlog, None)
    heap("start")
    say("slots", len(app.slots), app.max_concurrency, app.buffer_size)
    for url, route in app.routes.items():
        if b"GET" in route.methods:
            say("route", url.decode())
    app.access_log = access
    say("serves")


def add_slot(app):
    gc.collect()
    before = gc.mem_alloc()
    slot = webserver._add_slot(app)
    gc.collect()
    if slot is not None:
        say("slot", gc.mem_alloc() - before)
    return slot


def access(request, status, size):
    # What was allocated since the last request: all of it is this one's.
    global total
    count = micropython.mem_total() - total
    if request.path == b"/.heap":
        heap("heap")
    else:
        say("request", status, count, request.path.decode() if request.path else "-")
    total = micropython.mem_total()


class Application(webserver):
    """The application's webserver."""

    def __init__(self, *args, **options):
        if len(args) < 2:
            options.setdefault("max_concurrency", CONNECTIONS)
        super().__init__(*args, **options)

    start = start
    _add_slot = add_slot


class Module:
    """Stands for the module tinyweb, which nobody can change where it is in ROM."""

    def __getattr__(self, name):
        return getattr(tinyweb, name)


def adopt(app):
    """Make a webserver of a module in ROM, which has no stand-in, one as Application."""
    if app.max_concurrency == DEFAULT:
        app.max_concurrency = CONNECTIONS
    app.start = lambda *args: start(app, *args)
    app._add_slot = lambda: add_slot(app)


def imported(name, scope=None, local=None, names=None, level=0):
    """Instead of the import statement of MAIN: look for webservers of modules in ROM."""
    builtins.__import__ = ordinary
    try:
        result = ordinary(name, scope, local, names, level)
    finally:
        builtins.__import__ = imported
    if name.split(".")[0] in ("tinyweb", "asyncio"):
        return result
    module = result
    if not names:
        for part in name.split(".")[1:]:
            module = getattr(module, part)
    found = [module]
    for part in names or ():
        if part != "*":
            found.append(getattr(module, part))
    for each in found:
        values = (each,)
        if isinstance(each, type(sys)) and not hasattr(each, "__path__"):
            values = [getattr(each, key) for key in dir(each)]
        for value in values:
            if type(value) is webserver and "start" not in value.__dict__:
                adopt(value)
    return result


module = Module()
module.webserver = Application
sys.modules["tinyweb"] = module
ordinary = builtins.__import__
builtins.__import__ = imported
del sys.argv[1:]
if "/" in MAIN:
    sys.path.insert(0, MAIN.rsplit("/", 1)[0])
# As each port's boot does it; where objects lie depends on it.
gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
heap("before")
with open(MAIN) as file:
    text = file.read()
code = compile(text, MAIN, "exec")
del text
exec(code, {"__name__": "__main__", "__file__": MAIN})

# SPDX-License-Identifier: MIT
"""Runs the application sys.argv[3] as a board's main.py, and says what its heap is used for.

It serves at 127.0.0.1 and the port sys.argv[1], with at most sys.argv[2] connections if it does
not say itself. The lines that start with MARK are for bench.application. `GET /.heap` makes one.
"""

import gc
import sys

import _tinyweb
import tinyweb

import micropython

MARK = "\x1e"
PORT, CONNECTIONS, MAIN = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def say(*words):
    print(MARK + " ".join(str(word) for word in words))


def heap(name):
    gc.collect()
    say(name, gc.mem_alloc(), *_tinyweb.heap())


class Application(tinyweb.webserver):
    """The application's webserver, which serves where the caller asks for it."""

    def __init__(self, *args, **options):
        if len(args) < 2:
            options.setdefault("max_concurrency", CONNECTIONS)
        super().__init__(*args, **options)
        self._total = 0

    def start(self, host=None, port=None, backlog=None, ssl=None):
        heap("application")
        webserver.start(self, "127.0.0.1", PORT, backlog, None)
        heap("start")
        say("slots", len(self.slots), self.max_concurrency, self.buffer_size)
        for url, route in self.routes.items():
            if b"GET" in route[1]:
                say("route", url.decode())
        self.access_log = self._access
        say("serves")

    def _add_slot(self):
        gc.collect()
        before = gc.mem_alloc()
        slot = webserver._add_slot(self)
        gc.collect()
        if slot is not None:
            say("slot", gc.mem_alloc() - before)
        return slot

    def _access(self, request, status, size):
        # What was allocated since the last request: all of it is this one's.
        total = micropython.mem_total() - self._total
        if request.path == b"/.heap":
            heap("heap")
        else:
            say("request", status, total, request.path.decode() if request.path else "-")
        self._total = micropython.mem_total()


class Module:
    """Stands for the module tinyweb, which nobody can change where it is in ROM."""

    def __getattr__(self, name):
        return getattr(tinyweb, name)


webserver = tinyweb.webserver
module = Module()
module.webserver = Application
sys.modules["tinyweb"] = module
del sys.argv[1:]
if "/" in MAIN:
    sys.path.insert(0, MAIN.rsplit("/", 1)[0])
heap("before")
with open(MAIN) as file:
    text = file.read()
code = compile(text, MAIN, "exec")
del text
exec(code, {"__name__": "__main__", "__file__": MAIN})

# SPDX-License-Identifier: MIT
"""Where the instructions of one served request go, by Python function and by C function.

    .venv/bin/python -m bench.profile tinyweb --mode keep-alive --shape browser

The simulator is stopped after every instruction (ptrace), so that the counts are exact;
the run takes a few seconds a request. `self` of a Python function is all that is executed
while it is the innermost one, the C functions that it uses included.
"""

import argparse
import bisect
import collections
import os
import signal
import threading
import time

from bench import objects, programs, stepping
from bench.messages import CLOSE, KEEP_ALIVE, SHAPES, Client, request
from bench.report import table

EXECUTE = "mp_execute_bytecode"
LOOKUP = "mp_map_lookup"
CLOCK = "mp_hal_ticks_ms"
# What the clock shows while the process is stepped, so that no timer fires that would not
# fire at full speed.
INSTRUCTIONS_PER_MS = 1_000_000
# Names of the system calls a server makes; others are shown by number.
SYSTEM_CALLS = {
    0: "read", 1: "write", 3: "close", 7: "poll", 8: "lseek", 20: "writev", 43: "accept",
    44: "sendto", 45: "recvfrom", 48: "shutdown", 54: "setsockopt", 72: "fcntl",
    96: "gettimeofday", 228: "clock_gettime", 271: "ppoll", 288: "accept4",
}  # fmt: skip


class Profile:
    """Counts by function, filled by run()."""

    def __init__(self, process, functions, names):
        self._process = process
        self._starts = [address for address, _ in functions]
        self._functions = functions
        self._entries = dict(functions)
        self._names = names
        self._system_calls = {}
        self._clock = None
        self.done = threading.Event()
        self.total = 0
        self.calls = collections.Counter()
        self.own = collections.Counter()
        self.inclusive = collections.Counter()
        self.python_calls = collections.Counter()
        self.python_own = collections.Counter()
        self.python_inclusive = collections.Counter()
        self.by_python = collections.defaultdict(collections.Counter)
        self.system_calls = collections.Counter()
        self.lookups = collections.Counter()
        self.lookups_inclusive = collections.Counter()

    def run(self):
        """Steps until the process ends, or polls again after `done` is set."""
        process = self._process
        regs = process.regs
        # Of each entered function: stack pointer, C function, the Python function that it is
        # or the name that it looks up, and the count so far.
        stack = []
        python = ["(running before)"]
        located = {}
        while True:
            rip = regs.rip
            while stack and regs.rsp > stack[-1][0]:
                self._leave(stack, python)
            entered = self._entries.get(rip)
            if entered is not None:
                self.calls[entered] += 1
                name = None
                if entered == EXECUTE:
                    name = self._names.function(regs.rdi)
                    self.python_calls[name] += 1
                    python.append(name)
                elif entered == LOOKUP:
                    # mp_map_lookup(map, index, kind)
                    name = self._names.interned(regs.rsi)
                stack.append((regs.rsp, entered, name, self.total))
            where = located.get(rip)
            if where is None:
                where = located[rip] = self._locate(rip)
            self.own[where] += 1
            self.python_own[python[-1]] += 1
            self.by_python[python[-1]][where] += 1
            self.total += 1
            if self._is_system_call(rip):
                number = regs.rax
                name = SYSTEM_CALLS.get(number, str(number))
                if self.done.is_set() and name in ("poll", "ppoll"):
                    break
                self.system_calls[python[-1], name] += 1
            if not process.step():
                break
        while stack:
            _, function, name, since = stack.pop()
            self._account(stack, python, function, name, self.total - since)

    def _leave(self, stack, python):
        """The innermost function has returned; regs has its result."""
        _, function, name, since = stack.pop()
        if function == CLOCK:
            regs = self._process.regs
            if self._clock is None:
                self._clock = regs.rax
            regs.rax = self._clock + self.total // INSTRUCTIONS_PER_MS
            self._process.set_registers()
        self._account(stack, python, function, name, self.total - since)

    def _account(self, stack, python, function, name, spent):
        # A function that is on the stack again below counts there.
        if not any(frame[1] == function for frame in stack):
            self.inclusive[function] += spent
        if function == LOOKUP:
            self.lookups[python[-1], name] += 1
            self.lookups_inclusive[python[-1], name] += spent
        if function == EXECUTE:
            python.pop()
            if name not in python:
                self.python_inclusive[name] += spent

    def _locate(self, rip):
        at = bisect.bisect_right(self._starts, rip) - 1
        return self._functions[at][1] if at >= 0 else "?"

    def _is_system_call(self, rip):
        known = self._system_calls.get(rip)
        if known is None:
            try:
                known = self._process.read(rip, 2) == stepping.SYSCALL
            except OSError:  # the vdso
                known = False
            self._system_calls[rip] = known
        return known


def profiled(simulator, program, mode, shape, count, warm_up):
    """The Profile of `count` requests, one after the other, after `warm_up` others."""
    message = request(shape, mode)
    keep_alive = mode == KEEP_ALIVE
    with programs.running(simulator, program, mode) as server:
        client = Client(server.host, server.port, message, keep_alive, timeout=300)
        for _ in range(warm_up):
            client.send()
            client.receive()
        time.sleep(0.2)
        process = stepping.Stepper(server.pid)
        files = stepping.mapped(server.pid)
        base = files.pop(os.path.realpath(simulator))
        functions = [(base + at, name) for at, name in stepping.symbols(simulator, "Tt").items()]
        # Libraries have few symbols; they are shown as one function each.
        functions += [(at, os.path.basename(file)) for file, at in files.items()]
        data = {name: base + at for at, name in stepping.symbols(simulator, "BbDdRr").items()}
        names = objects.Names(process, data["mp_qstr_const_pool"], data["mp_state_ctx"])
        profile = Profile(process, sorted(functions), names)

        def requests():
            for _ in range(count):
                client.send()
                client.receive()
            # The server goes on to its next poll, and may already wait in it.
            profile.done.set()
            before = -1
            while before != profile.total:
                before = profile.total
                time.sleep(0.3)
            os.kill(server.pid, signal.SIGKILL)

        thread = threading.Thread(target=requests, daemon=True)
        thread.start()
        profile.run()
        thread.join()
        client.close()
        process.close()
    return profile


def rows(own, inclusive, calls, total, count, limit):
    """Rows of function, calls, self, its part of all, inclusive: for one request."""
    for name, spent in own.most_common(limit):
        yield [
            name,
            f"{calls[name] / count:.1f}",
            round(spent / count),
            f"{100 * spent / total:.1f}",
            round(inclusive[name] / count),
        ]


def text(profile, count, limit, detail):
    """The report; `detail` C functions are listed below each Python function."""
    total = profile.total
    lines = [f"{round(total / count)} instructions for one request", ""]
    head = ["Python function", "calls", "self", "%", "inclusive"]
    python = rows(
        profile.python_own, profile.python_inclusive, profile.python_calls, total, count, limit
    )
    lines += table(head, python)
    head[0] = "C function"
    functions = rows(profile.own, profile.inclusive, profile.calls, total, count, limit)
    lines += ["", *table(head, functions)]
    lookups = [
        [f"{function}: {name}", f"{profile.lookups[function, name] / count:.1f}"]
        + [round(spent / count)]
        for (function, name), spent in profile.lookups_inclusive.most_common(limit)
    ]
    lines += ["", *table(["mp_map_lookup of", "calls", "inclusive"], lookups)]
    calls = [
        [f"{function}: {name}", f"{number / count:.1f}"]
        for (function, name), number in sorted(profile.system_calls.items())
    ]
    lines += ["", *table(["system call", "calls"], calls)]
    if detail:
        for function, _ in profile.python_own.most_common(limit):
            inside = profile.by_python[function].most_common(detail)
            cells = [[name, round(spent / count)] for name, spent in inside]
            lines += ["", *table([function, "self"], cells)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__)
    parser.add_argument("program", choices=["bare", "tinyweb", *programs.PEERS])
    parser.add_argument("--mode", choices=[CLOSE, KEEP_ALIVE], default=CLOSE)
    parser.add_argument("--shape", choices=SHAPES, default="browser")
    parser.add_argument("--count", type=int, default=2, help="requests to look at (default 2)")
    parser.add_argument("--warm-up", type=int, default=20, help="requests before (default 20)")
    parser.add_argument("--limit", type=int, default=25, help="functions to list (default 25)")
    parser.add_argument(
        "--detail",
        type=int,
        default=0,
        metavar="N",
        help="the N most expensive C functions of each Python function",
    )
    options = parser.parse_args()
    simulator = programs.build(64)
    found = {program.key: program for program in programs.programs([options.program])}
    profile = profiled(
        simulator,
        found[options.program],
        options.mode,
        options.shape,
        options.count,
        options.warm_up,
    )
    print(text(profile, options.count, options.limit, options.detail), end="")


if __name__ == "__main__":
    main()

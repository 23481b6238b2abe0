# SPDX-License-Identifier: MIT
"""Prints what importing each module of tinyweb takes of a chip's heap, for docs/memory.md."""

from bench.memory import import_heap
from bench.programs import OURS, build

# What imports a module: None for applications themselves, else the first use of this.
MODULES = {
    "auth": None,
    "broadcast": None,
    "cookies": None,
    "cors": None,
    "csrf": None,
    "digest": None,
    "limit": None,
    "login": None,
    "passwords": None,
    "sessions": None,
    "sse": None,
    "template": None,
    "testing": None,
    "tls": None,
    "uploads": None,
    "values": "a handler that returns its answer",
    "websocket": None,
    "wrapper": None,
    "application": "hooks, `errorhandler()`, `mount()`, `url_for()`",
    "body": "`read()`, `read_parse_form_data()`",
    "conditional": "validators and ranges of `send_file()`",
    "files": "`send_file()`",
    "replies": "`error()`, `redirect()`",
    "rest": "resources",
    "router": "parameters in URLs",
    "static": "`static()`",
}


def measure():
    """{module: bytes of heap}, on the 32-bit simulator, whose objects have the chips' size."""
    simulator = build(32)
    return {name: import_heap(simulator, f"{OURS}.{name}", OURS) for name in MODULES}


def table(heap):
    """The lines of a table for docs/memory.md."""
    yield "| module | heap | imported by |"
    yield "|---|--:|---|"
    for name, size in heap.items():
        size = f"{size:,}".replace(",", " ")
        yield f"| `{OURS}.{name}` | {size} | {MODULES[name] or 'the application'} |"


if __name__ == "__main__":
    print("\n".join(table(measure())))

# SPDX-License-Identifier: MIT
"""What importing each module of tinyweb takes of a chip's heap: the table in docs/comparison.md.

    python -m bench.imports [--update]

prints it; with --update it goes into the page.
"""

import re
import sys

from bench import TOP
from bench.memory import import_heap
from bench.programs import OURS, build

# What imports a module: None for applications themselves, else the first use of this.
MODULES = {
    "auth": None,
    "background": None,
    "broadcast": None,
    "cookies": None,
    "cors": None,
    "csrf": None,
    "device": None,
    "digest": None,
    "guards": None,
    "headers": None,
    "dns": None,
    "limit": None,
    "login": None,
    "mdns": None,
    "passwords": None,
    "sessions": None,
    "sse": None,
    "template": None,
    "testing": None,
    "tls": None,
    "uploads": None,
    "values": "a handler that returns its answer",
    "websocket": None,
    "wifi": None,
    "wrapper": None,
    "application": "hooks, `errorhandler()`, `mount()`, `url_for()`",
    "conditional": "validators and ranges of `send_file()`",
    "files": "`send_file()`",
    "replies": "errors",
    "rest": "resources",
    "router": "parameters in URLs",
    "static": "`static()`",
    "unread": "bodies that nobody reads",
}
HEAD = "| module | heap | frozen ordinarily | imported by |"


def measure():
    """{module: (bytes of heap, the same without modules in ROM)}.

    On the 32-bit simulator, whose objects have the chips' size.
    """
    simulators = build(32), build(32, rom=False)
    # What a module in ROM takes may be less than what the program has let go of meanwhile.
    return {
        name: tuple(max(0, import_heap(x, f"{OURS}.{name}", OURS)) for x in simulators)
        for name in MODULES
    }


def table(heap):
    """The lines of the table."""
    yield HEAD
    yield "|---|--:|--:|---|"
    for name, sizes in heap.items():
        columns = " | ".join(f"{size:,}".replace(",", " ") for size in sizes)
        yield f"| `{OURS}.{name}` | {columns} | {MODULES[name] or 'the application'} |"


def update(lines):
    """Put the table in the place of the one in docs/comparison.md."""
    path = TOP / "docs" / "comparison.md"
    text = path.read_text(encoding="utf-8")
    old = re.compile(rf"^{re.escape(HEAD)}\n(\|.*\n)*", re.M)
    assert len(old.findall(text)) == 1
    path.write_text(old.sub("".join(f"{line}\n" for line in lines), text), encoding="utf-8")


if __name__ == "__main__":
    found = list(table(measure()))
    print("\n".join(found))
    if sys.argv[1:] == ["--update"]:
        update(found)

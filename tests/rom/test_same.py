# SPDX-License-Identifier: MIT
"""A module in ROM has, name by name, what an ordinary import builds."""

import pathlib

from support.simulator import TOP

DESCRIBE = pathlib.Path(__file__).parent / "programs" / "describe.py"
# Modules that do something when they are imported, which examples do.
PACKAGES = ("tinyweb",)


def names():
    found = [
        ".".join(path.relative_to(TOP / "frozen").with_suffix("").parts)
        for package in PACKAGES
        for path in sorted((TOP / "frozen" / package).rglob("*.py"))
    ]
    found = [x.removesuffix(".__init__") for x in found]
    return [*found, *("asyncio." + x for x in ("core", "event", "funcs", "lock", "stream"))]


def described(run_mpy, patched):
    done = run_mpy(DESCRIBE, args=names(), patched=patched)
    return done.stdout.splitlines()


def test_every_name_is_there_and_stands_for_the_same(run_mpy):
    ordinary = described(run_mpy, True)
    in_rom = described(run_mpy, False)
    assert len(ordinary) > 700
    missing = sorted(set(ordinary) - set(in_rom))
    more = sorted(set(in_rom) - set(ordinary))
    assert not missing and not more, "\n".join(["missing", *missing, "more", *more])


def test_all_modules_are_compared(run_mpy):
    lines = described(run_mpy, False)
    assert {x.split()[0] for x in lines} == set(names())

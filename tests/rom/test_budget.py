# SPDX-License-Identifier: MIT
"""What imports take of the heap, with objects of the chips' size (bytes)."""

import pytest

THERMOSTAT = "login sessions csrf websocket sse broadcast template passwords".split()
BUDGETS = {
    "tinyweb": (["asyncio", "tinyweb"], 1024),
    "thermostat": (["asyncio", "tinyweb", *(f"tinyweb.{m}" for m in THERMOSTAT)], 1536),
}


@pytest.mark.parametrize("what", BUDGETS)
def test_imports_take_next_to_nothing(run_mpy, what):
    modules, budget = BUDGETS[what]
    program = f"""
        import gc
        gc.collect()
        before = gc.mem_alloc()
        import {", ".join(modules)}
        gc.collect()
        print(gc.mem_alloc() - before)
    """
    taken = int(run_mpy(program, bits=32).stdout)
    assert taken <= budget


def test_all_of_tinyweb(run_mpy):
    program = """
        import gc, sys
        gc.collect()
        before = gc.mem_alloc()
        import asyncio, tinyweb
        for name in NAMES:
            __import__("tinyweb." + name)
        gc.collect()
        print(gc.mem_alloc() - before)
    """
    from support.simulator import TOP

    names = sorted(p.stem for p in (TOP / "frozen" / "tinyweb").glob("*.py"))
    names = tuple(name for name in names if name != "__init__")
    taken = int(run_mpy(program.replace("NAMES", repr(names)), bits=32).stdout)
    assert taken <= 2048

# SPDX-License-Identifier: MIT
"""The module in the simulator against the reference that tests/host compares the core with."""

import json
import pathlib
import re

from host import reference, strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TRANSCRIBE = pathlib.Path(__file__).parent / "programs" / "transcribe.py"
COUNT = 400


def jobs():
    """COUNT jobs, the same ones in every run."""
    found = []

    @settings(
        max_examples=COUNT,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        data=strategies.inputs,
        limits=strategies.limits,
        steps=strategies.steps,
        size=st.integers(64, 300),
    )
    def collect(data, limits, steps, size):
        found.append((data, {**limits, "size": size}, steps))

    collect()
    return found


def adapted(transcript):
    """The harness's transcript as the module's Python interface can tell it.

    Fields of one name are joined, in a dict that has no order; the path is never empty; the
    query has no question mark; drain() does not count.
    """
    lines = []
    fields = {}
    for line in transcript.splitlines():
        kind, *words = line.split(" ")
        if kind == "field":
            name, value = (bytes.fromhex(word[1:]) for word in words)
            # From the last to the first
            fields.setdefault(name, []).insert(0, value)
            continue
        if kind == "head":
            for name in sorted(fields):
                value = (b"; " if name.lower() == b"cookie" else b", ").join(fields[name])
                lines.append(f"field x{name.hex()} x{value.hex()}")
            fields = {}
        if kind == "line":
            if words[1] == "x":
                words[1] = "x2f"
            words[2] = re.sub("^x3f", "x", words[2])
            line = " ".join([kind, *words])
        lines.append(line)
    return "".join(line + "\n" for line in lines)


def test_the_module_agrees_with_the_reference(simulator_any, run_mpy, tmp_path):
    wanted = []
    with open(tmp_path / "jobs", "w", encoding="ascii") as file:
        for data, limits, steps in jobs():
            names = [name.hex() for name in limits["names"]]
            job = [limits[key] for key in ("size", "max_head", "max_fields", "mode")]
            job += [names, limits["body_size"], steps.hex(), data.hex()]
            file.write(json.dumps(job) + "\n")
            text = adapted(reference.transcript(data, **limits))
            if limits["body_size"] == 0:
                text = re.sub("^body .*\n", "", text, flags=re.M)
            wanted.append(text)
    done = run_mpy(TRANSCRIBE, bits=simulator_any.bits, heap="1m", args=(tmp_path / "jobs",))
    got = done.stdout.split("\n\n")
    assert got.pop() == ""
    assert [text + "\n" for text in got] == wanted
    assert len(wanted) >= COUNT // 2

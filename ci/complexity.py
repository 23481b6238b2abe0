# SPDX-License-Identifier: MIT
"""Checks that no function of the C modules is more complex than 8, or that a reason says why.

    ci/complexity.py

The complexity is pmccabe's, in which a switch counts once. The reasons are in
cmodules/complexity.toml, with each function's figure, so that none grows unseen. Prints one line
per finding and exits with 1 when there is one.
"""

import pathlib
import re
import subprocess
import sys
import tomllib

TOP = pathlib.Path(__file__).resolve().parents[1]
REASONS = TOP / "cmodules" / "complexity.toml"
LIMIT = 8


def measure(files):
    """{(file's path below cmodules/, function): complexity}"""
    done = subprocess.run(["pmccabe", *files], capture_output=True, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines():
        complexity, *_, place = line.split("\t")
        file, function = re.fullmatch(r".*/cmodules/(.*)\(\d+\): (.*)", place).groups()
        found[file, function] = int(complexity)
    return found


def findings(measured, reasons):
    """What is wrong, a line each. reasons: {file: {function: [complexity, reason]}}"""
    known = {
        (file, function): tuple(entry)
        for file, functions in reasons.items()
        for function, entry in functions.items()
    }
    for (file, function), complexity in measured.items():
        allowed, _ = known.pop((file, function), (LIMIT, ""))
        if complexity > allowed:
            yield f"{file}: {function}() has a complexity of {complexity}, more than {allowed}"
        elif allowed > LIMIT and complexity < allowed:
            yield f"{file}: {function}() has a complexity of {complexity}, no longer {allowed}"
    for file, function in known:
        yield f"{file}: {function}() is in {REASONS.name}, but not in the file"


def main():
    files = sorted(str(file) for file in (TOP / "cmodules").rglob("*.c"))
    found = list(findings(measure(files), tomllib.loads(REASONS.read_text(encoding="utf-8"))))
    for line in found:
        print(f"cmodules/{line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""Mutation testing of the core: puts in one fault after the other, and says which go unnoticed.

    ci/mutate [--jobs=2] [--examples=100] [FILE.c...]

The tests in tests/host run once, always with the same examples, and what they ask of the core is
written down. A mutant is compiled and asked the same. It is killed where an answer differs from
the core's, which those tests compare with a reference; where an assertion of what holds between
two calls fails; where it does not end; or where a sanitizer finds something, with words of 64 bits
or of 32. What only the ESP8266 compiles is asked in a build that compiles it.

One that does not compile is none. One of which the compiler makes the same code as of the core is
the same; equivalent.txt has others of which no input tells anything, each with a reason. Status 1:
of a file's others, fewer than 95 of 100 are killed, or one of that list is, or is no mutant.
"""

import argparse
import collections
import concurrent.futures
import functools
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

from mutate import mutants

TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = TOP / "tests" / "mutate"
CORES = [TOP / "cmodules" / module / "core" for module in ("httpparse", "tinyweb")]
CHECKS = [TOP / "tests" / "prove" / name for name in ("holds.c", "frames_hold.c")]
HOST = TOP / "tests" / "host"
EQUIVALENT = HERE / "equivalent.txt"
OUT = TOP / "build" / "mutate"
INCLUDES = [f"-I{folder}" for folder in (*CORES, HOST)]
FAST = ["-O0"]
SANITIZED = ["-O1", "-g0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
# What the ESP8266 compiles, and what any processor may.
CHIP = ["-D__XTENSA_CALL0_ABI__", "-DHP_BYTEWISE=1"]
# The chip has no words that are not aligned.
ALIGNED = ["-fsanitize=alignment", "-fsanitize-undefined-trap-on-error"]
ALIGNED += ["-include", str(HERE / "aligned.h")]
ON_CHIP = ("copy.c", "head.c", "response.c", "websocket.c")
# Of what stays the same code with both, no processor is expected to tell anything.
OPTIMIZED = (["-m64", "-O2"], ["-m32", "-Os"], ["-m32", "-O2", *CHIP])
# Tests that ask the core nothing
NOT_ASKED = "not compiles and not includes and not strategies_reach and not outcome_has"
# The core itself allocates nothing.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
# Of each 100 mutants that can be told, so many are killed at least.
GOAL = 95


def record(examples, file):
    """Writes down in `file` what tests/host asks, each job once and the small ones first."""
    raw = OUT / "asked"
    raw.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        + ["--timeout=3600", "--hypothesis-seed=0"]
        + ["--hypothesis-profile=default", "-p", "no:xdist", "-k", NOT_ASKED]
        + sorted(
            set(HOST.glob("test_*.py")) - {HOST / "test_checks.py", HOST / "test_coverage.py"}
        ),
        cwd=TOP,
        env={
            **os.environ,
            "HOST_RECORD": str(raw),
            "HYPOTHESIS_EXAMPLES": str(examples),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(OUT / "hypothesis"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    data = raw.read_bytes()
    jobs = {}
    at = 0
    while at < len(data):
        (n,) = struct.unpack_from("<I", data, at)
        jobs[data[at + 4 : at + 4 + n]] = None
        at += 4 + n
    ordered = sorted(jobs, key=len)
    file.write_bytes(b"".join(struct.pack("<I", len(job)) + job for job in ordered))


def sources():
    """The files of the core. No two have the same name."""
    return sorted((file for core in CORES for file in core.glob("*.c")), key=lambda f: f.name)


def compiled(file, out, *flags):
    """Whether a C file compiles to `out`. Neither names its folder."""
    done = subprocess.run(
        ["gcc", "-w", *INCLUDES, *flags, "-o", out, file.name],
        cwd=file.parent,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


@functools.cache
def original(name, flags):
    """What these flags make of a file of the core."""
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        out = pathlib.Path(folder) / "out"
        file = next(file for file in sources() if file.name == name)
        assert compiled(file, out, *flags)
        return out.read_bytes()


class Build:
    """The core with these options: a library of each file, so that a mutant needs only its own."""

    def __init__(self, name, flags, jobs, milliseconds):
        self.folder = OUT / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.flags = ["-DHP_CHECKS=1", "-fPIC", *flags]
        self.jobs = jobs
        self.limit = str(milliseconds)
        libraries = [self._library(file, self.folder) for file in sources()]
        assert all(libraries)
        self.program = self.folder / "compare"
        subprocess.run(
            ["gcc", "-w", *INCLUDES, *self.flags, "-O2", "-Wl,--no-as-needed"]
            + ["-o", self.program]
            + [HERE / "compare.c", *CHECKS, *libraries],
            check=True,
        )
        self.expected = OUT / "expected"
        if not self.expected.exists():
            with open(self.expected, "wb") as out:
                subprocess.run([self.program, jobs], stdout=out, env=self._found(), check=True)
        assert self._run() == 0, name

    def _library(self, file, folder):
        # None if it does not compile
        out = folder / f"lib{file.stem}.so"
        flags = [*self.flags, "-shared", "-nostdlib", f"-Wl,-soname,{out.name}"]
        return out if compiled(file, out, *flags) else None

    def _found(self, *folders):
        path = ":".join(str(folder) for folder in (*folders, self.folder))
        return {**ENVIRONMENT, "LD_LIBRARY_PATH": path}

    def _run(self, *folders):
        # The status, not 0 where it does not end.
        return subprocess.run(
            [self.program, self.jobs, self.expected, self.limit],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._found(*folders),
            check=False,
        ).returncode

    def verdict(self, source):
        """'killed', 'survived' or 'none' of a mutant's file."""
        if self._library(source, source.parent) is None:
            return "none"
        return "survived" if self._run(source.parent) == 0 else "killed"


class Builds:
    """The core in all ways."""

    def __init__(self, jobs):
        (OUT / "expected").unlink(missing_ok=True)
        self.fast = Build("fast", FAST, jobs, 200)
        self.chip = Build("chip", [*FAST, *CHIP, *ALIGNED], jobs, 200)
        self.sanitized = [
            Build(f"sanitized-{bits}", [f"-m{bits}", *SANITIZED], jobs, 2000) for bits in (64, 32)
        ]

    def _same(self, source, *flags):
        # Whether these flags make the same of a mutant as of the core
        out = source.with_suffix(".same")
        return compiled(source, out, *flags) and out.read_bytes() == original(source.name, flags)

    def verdict(self, mutant, text, quick):
        """'killed', 'survived', 'same' or 'none'. quick: without sanitizers."""
        with tempfile.TemporaryDirectory(dir=OUT) as folder:
            source = pathlib.Path(folder) / mutant.file
            source.write_text(mutant.applied(text), encoding="utf-8")
            verdict = self.fast.verdict(source)
            if verdict != "survived":
                return verdict
            here = not self._same(source, "-E", "-P")
            on_chip = not self._same(source, "-E", "-P", *CHIP)
            if not here and not on_chip:
                return "none"  # neither compiles the line
            if on_chip and mutant.file in ON_CHIP:
                verdict = self.chip.verdict(source)
                if verdict != "survived":
                    return verdict
            if quick:
                return "survived"
            if all(self._same(source, "-c", *flags) for flags in OPTIMIZED):
                return "same"
            if here and any(build.verdict(source) == "killed" for build in self.sanitized):
                return "killed"
            return "survived"


def equivalent():
    """{what a mutant is called: the reason} of equivalent.txt."""
    found = {}
    reason = None
    for line in EQUIVALENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            reason = line[2:]
        elif line:
            found[line] = reason
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--examples", type=int, default=100, help="of each test of tests/host")
    parser.add_argument("--again", action="store_true", help="with what an earlier run wrote down")
    parser.add_argument("--quick", action="store_true", help="without sanitizers: more survive")
    parser.add_argument("--one-in", type=int, default=1, metavar="N", help="only each Nth mutant")
    parser.add_argument("files", nargs="*", metavar="FILE.c", help="of the core (all)")
    options = parser.parse_args()
    begin = time.monotonic()
    OUT.mkdir(parents=True, exist_ok=True)
    jobs = OUT / "jobs"
    if not options.again:
        record(options.examples, jobs)
    print(f"{jobs.stat().st_size} bytes of what tests/host asks", flush=True)
    builds = Builds(jobs)
    known = equivalent()
    files = {file.name: file for file in sources()}
    files = [files[name] for name in options.files] or list(files.values())
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    every = [mutant for file in files for mutant in mutants.of(file)]
    names = {mutant.name for mutant in every}
    every = every[:: options.one_in]
    wrong = [
        f"is no mutant: {name}"
        for name in known
        if name not in names and name.partition(":")[0] in texts
    ]

    counts = collections.defaultdict(collections.Counter)
    columns = ("killed", "survived", "equivalent", "same", "none")
    print("".join(f"{column:>13}" for column in ("", *columns, "% killed")))

    def share(name):
        row = counts[name]
        percent = 100 * row["killed"] / max(row["killed"] + row["survived"], 1)
        numbers = "".join(f"{row[column]:>13}" for column in columns)
        print(f"{name:>13}{numbers}{percent:>13.1f}", flush=True)
        return percent

    left = collections.Counter(mutant.file for mutant in every)
    shares = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        verdicts = pool.map(
            lambda mutant: builds.verdict(
                mutant, texts[mutant.file], options.quick or mutant.name in known
            ),
            every,
        )
        for mutant, verdict in zip(every, verdicts, strict=True):
            if mutant.name in known:
                if verdict != "survived":
                    wrong.append(f"{verdict}: {mutant}")
                verdict = "equivalent"
            elif verdict == "survived":
                print(f"survived {mutant}", flush=True)
            counts[mutant.file][verdict] += 1
            left[mutant.file] -= 1
            if left[mutant.file] == 0:
                shares.append(share(mutant.file))
    counts["all"] = sum(counts.values(), collections.Counter())
    shares.append(share("all"))
    print(f"{len(every)} mutants in {time.monotonic() - begin:.0f} s")
    for each in wrong:
        print(f"equivalent.txt has what {each}")
    return 1 if min(shares) < GOAL or wrong else 0


if __name__ == "__main__":
    sys.exit(main())

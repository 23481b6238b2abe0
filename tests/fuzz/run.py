# SPDX-License-Identifier: MIT
"""Builds the fuzz harnesses beside this file and runs them.

    tests/fuzz/run.py [--seconds=60] [--afl] [--logs=FOLDER] [NAME...]

Every fuzz_NAME.c is a harness of the core, or of one file beside it with what that uses of
MicroPython in stubs/; every python/NAME.py is one of what is written in Python: it runs in a
simulator with libFuzzer, which the steps of the frozen modules guide. The seeds of a harness are
the files in corpus/NAME/, earlier findings are in regressions/NAME/, its dictionary is NAME.dict
where there is one. A file NAME.hex is told in hexadecimal digits, with a comment after each #;
found.txt has what earlier runs have found, an input on each line. All run at once, each in one
process of lowest priority, with AddressSanitizer and UndefinedBehaviorSanitizer. What the fuzzer
finds new is kept in build/fuzz/.
A finding fails the run; its input is named, and belongs into regressions/NAME/ with the change
that resolves it.

The last line says which CPU time the fuzzers took. --merge=NAME makes corpus/NAME/found.txt anew:
the fewest and shortest inputs that execute all that the inputs found so far do beside the seeds.
"""

import argparse
import os
import pathlib
import re
import resource
import shlex
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent
TOP = FOLDER.parents[1]
PYTHON = FOLDER / "python"
CORES = [TOP / "cmodules" / module / "core" for module in ("httpparse", "tinyweb")]
BUILD = TOP / "build" / "fuzz"
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
MAX_LEN = 4096
# Seconds after which an input counts as endless: a harness may wait for other programs as long.
HANGS = 300
# Inputs that runs have found, and bytes that one has which is kept there
FOUND = "found.txt"
FOUND_MAX = 512
# The collector's heap of a harness in Python
HEAP = "4m"


def names():
    """The names of the harnesses of the core."""
    return sorted(file.stem.removeprefix("fuzz_") for file in FOLDER.glob("fuzz_*.c"))


def python_names():
    """The names of the harnesses in Python."""
    return sorted(file.stem for file in PYTHON.glob("*.py") if file.stem != "harness")


def compile_harness(name, command, out, *more):
    """Compiles a harness with the core. command: compiler and its options; returns `out`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    # Written under another name: a run of the old one may be going on
    fresh = out.with_name(f"{out.name}.{os.getpid()}")
    sources = [FOLDER / f"fuzz_{name}.c", *more]
    sources += [file for core in CORES for file in sorted(core.glob("*.c"))]
    # What holds of each parser between two calls, which it then asserts
    sources += [TOP / "tests" / "prove" / name for name in ("holds.c", "frames_hold.c")]
    command = [*command, "-DHP_CHECKS=1"]
    command = [*command, "-g", "-Wall", "-Wextra", "-Werror", *(f"-I{core}" for core in CORES)]
    command += [f"-I{FOLDER / 'stubs'}", "-o", fresh]
    subprocess.run([*command, *sources], check=True)
    fresh.replace(out)
    return out


def inputs(name, out, found=True):
    """Writes the seeds and regressions of a harness to the folder `out`; returns their paths.

    found: whether what earlier runs have found is among them.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind in ("corpus", "regressions"):
        for file in sorted((FOLDER / kind / name).glob("*")):
            if file.name == FOUND:
                texts = file.read_text(encoding="ascii").splitlines() if found else ()
                told = {f"found-{n}": bytes.fromhex(text) for n, text in enumerate(texts)}
            elif file.suffix == ".hex":
                lines = file.read_text(encoding="utf-8").splitlines()
                text = " ".join(line.partition("#")[0] for line in lines)
                told = {f"{kind}-{file.name}": bytes.fromhex(text)}
            else:
                told = {f"{kind}-{file.name}": file.read_bytes()}
            for own, data in told.items():
                paths.append(out / own)
                paths[-1].write_bytes(data)
    return paths


def dictionary(name):
    file = FOLDER / f"{name}.dict"
    return file if file.exists() else None


class LibFuzzer:
    """A harness with libFuzzer."""

    def __init__(self, name, logs):
        self.name = name
        self.log = logs / f"{name}.log"
        self.inputs = inputs(name, logs / "seeds" / name)
        self.findings = BUILD / "findings" / name
        self.corpus = BUILD / "corpus" / name
        self.command = self.build()

    def build(self):
        """Builds the harness; returns the command that runs it, without libFuzzer's options."""
        program = BUILD / f"libfuzzer-{self.name}"
        command = ["clang", "-O1", "-fsanitize=fuzzer", *SANITIZERS]
        return [compile_harness(self.name, command, program)]

    def start(self, seconds):
        for folder in (self.corpus, self.findings):
            folder.mkdir(parents=True, exist_ok=True)
        command = [*self.command, f"-max_total_time={seconds}", "-print_final_stats=1"]
        command += [f"-max_len={MAX_LEN}", f"-timeout={HANGS}"]
        command += [f"-artifact_prefix={self.findings}/"]
        if dictionary(self.name) is not None:
            command.append(f"-dict={dictionary(self.name)}")
        command += [self.corpus, self.inputs[0].parent]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.findings,
                env={**os.environ, "MICROPYPATH": ".frozen"},
                stdout=log,
                stderr=log,
                preexec_fn=lambda: os.nice(19),
            )

    def finish(self):
        """Waits for the end; returns (line for the table, whether nothing was found)."""
        status = self.process.wait()
        text = self.log.read_text(encoding="utf-8", errors="replace")
        executed = re.findall(r"stat::number_of_executed_units: (\d+)", text)
        speed = re.findall(r"stat::average_exec_per_sec: +(\d+)", text)
        covered = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", text)
        edges, features, corpus = covered[-1] if covered else ("-", "-", "-")
        line = [self.name, *executed[-1:], *speed[-1:], edges, features, corpus]
        if status != 0:
            line += [f"finding (status {status}), see {self.log}"]
            line += re.findall(r"Test unit written to (\S+)", text)
        return line, status == 0

    def merge(self):
        """Keeps what of the inputs found so far executes more than the seeds."""
        self.findings.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            kept = pathlib.Path(folder) / "kept"
            seeds = {path.name for path in inputs(self.name, kept, found=False)}
            # From the shortest to the longest, each that executes something new
            again = pathlib.Path(folder) / "harness"
            words = shlex.join(map(str, self.command))
            again.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="utf-8")
            again.chmod(0o755)
            command = [again, "-merge=1", f"-max_len={FOUND_MAX}"]
            subprocess.run(
                [*command, kept, self.inputs[0].parent, self.corpus],
                cwd=self.findings,
                # libFuzzer starts itself once more
                env={**os.environ, "MICROPYPATH": ".frozen", "HARNESS": str(again)},
                check=True,
            )
            found = [path.read_bytes() for path in kept.iterdir() if path.name not in seeds]
        lines = [data.hex() for data in sorted(found, key=lambda data: (len(data), data))]
        file = FOLDER / "corpus" / self.name / FOUND
        file.write_text("\n".join([*lines, ""]), encoding="ascii")
        print(f"{self.name}: {len(seeds)} seeds, {len(lines)} inputs that were found")


class Python(LibFuzzer):
    """A harness in Python, in a simulator with libFuzzer."""

    def build(self):
        done = subprocess.run(
            [TOP / "ci" / "build-simulator", "64"],
            env={**os.environ, "FUZZ": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        simulator = done.stdout.splitlines()[-1]
        return [simulator, "-X", f"heapsize={HEAP}", PYTHON / f"{self.name}.py"]


class Afl:
    """A harness with AFL++, which goes on from what is in the folder `out`."""

    def __init__(self, name, logs, out=BUILD / "afl"):
        self.name = name
        self.out = out / name
        self.log = logs / f"afl-{name}.log"
        # It runs each several times before it begins, and has a list of its own in `out`
        self.inputs = inputs(name, logs / "seeds" / name, found=False)
        self.program = BUILD / f"afl-{name}"
        environment = {"AFL_QUIET": "1", "AFL_USE_ASAN": "1", "AFL_USE_UBSAN": "1"}
        os.environ.update(environment)
        compile_harness(name, ["afl-clang-fast", "-O1", "-fsanitize=fuzzer"], self.program)

    def start(self, seconds):
        self.out.mkdir(parents=True, exist_ok=True)
        seeds = self.inputs[0].parent
        command = ["afl-fuzz", "-i", seeds, "-o", self.out, "-V", str(seconds)]
        command += ["-G", str(MAX_LEN)]
        if dictionary(self.name) is not None:
            command += ["-x", dictionary(self.name)]
        environment = {
            **os.environ,
            "AFL_NO_UI": "1",
            "AFL_AUTORESUME": "1",
            "AFL_SKIP_CPUFREQ": "1",
            "AFL_NO_AFFINITY": "1",
            "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
        }
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*command, "--", self.program],
                env=environment,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: os.nice(19),
            )

    def finish(self):
        """As LibFuzzer.finish(). Features: the share of the map that AFL++ reached."""
        status = self.process.wait()
        stats = self.out / "default" / "fuzzer_stats"
        if status != 0 or not stats.exists():
            return [self.name, f"afl-fuzz failed, see {self.log}"], False
        told = dict(
            re.split(r"\s*: ", line, maxsplit=1)
            for line in stats.read_text().splitlines()
            if " : " in line
        )
        keys = ("execs_done", "execs_per_sec", "edges_found", "bitmap_cvg", "corpus_count")
        line = [self.name, *(told[key] for key in keys)]
        found = int(told["saved_crashes"]) + int(told["saved_hangs"])
        if found != 0:
            line.append(f"{found} findings in {self.out}")
        return line, found == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each harness (60)")
    parser.add_argument("--afl", action="store_true", help="AFL++ instead of libFuzzer")
    parser.add_argument(
        "--merge", metavar="NAME", help="keep what was found for a harness, and run none"
    )
    parser.add_argument("--logs", type=pathlib.Path, default=BUILD / "logs")
    parser.add_argument("names", nargs="*", metavar="NAME", help="harnesses (all)")
    options = parser.parse_args()
    kinds = dict.fromkeys(names(), Afl if options.afl else LibFuzzer)
    if not options.afl:
        kinds.update(dict.fromkeys(python_names(), Python))
    chosen = [options.merge] if options.merge else options.names or list(kinds)
    unknown = set(chosen) - set(kinds)
    if unknown:
        parser.error(f"no such harness: {', '.join(sorted(unknown))}")

    runs = [kinds[name](name, options.logs.resolve()) for name in chosen]
    if options.merge:
        runs[0].merge()
        return 0
    for run in runs:
        run.start(options.seconds)
    columns = ["harness", "executions", "exec/s", "edges", "features", "corpus"]
    print("".join(f"{column:>12}" for column in columns))
    clean = True
    for run in runs:
        line, good = run.finish()
        print("".join(f"{word:>12}" for word in line[:6]), *line[6:], flush=True)
        clean = clean and good
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{used.ru_utime + used.ru_stime:.0f} s of CPU time, compiling included")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""Proves what the files beside this one say of the C core, with CBMC; README.md.

    ci/prove [--fast] [--jobs=2] [--core=FOLDER] [NAME...]

One line for each proof. What is not so is printed with the place, and fails the run.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import resource
import subprocess
import sys
import threading
import time

from prove import moves

FOLDER = pathlib.Path(__file__).resolve().parent
TOP = FOLDER.parents[1]
CORE = TOP / "cmodules"
BUILD = TOP / "build" / "prove"
# Seconds that one proof may take, and bytes
LIMIT = 300
MEMORY = 6 << 30
PROOF = re.compile(
    r"^// PROOF (?P<name>[^\s:]+)(?P<words>[^:\n]*): (?P<text>.*)\n(?:// .*\n)*"
    r"void (?P<function>prove_\w+)\(void\)",
    re.M,
)


class Proof:
    """A function prove_NAME() of a file beside this one.

    The words behind its name in the line PROOF: "fast", "unwind=N", and what the preprocessor is
    told: "NAME=VALUE".
    """

    def __init__(self, file, found):
        self.file = file
        self.name = found["name"]
        self.text = found["text"]
        self.function = found["function"]
        words = found["words"].split()
        self.fast = "fast" in words
        options = dict(word.split("=", 1) for word in words if "=" in word)
        self.unwind = int(options.pop("unwind", 44))
        self.defines = [f"-D{name}={value}" for name, value in options.items()]

    def run(self, cbmc, cmodules, limit=LIMIT):
        """(seconds, lines that say what is not so: none when it is proved)"""
        begin = time.monotonic()
        includes = [cmodules / "httpparse" / "core", cmodules / "tinyweb" / "core", FOLDER]
        made = instrumented(cmodules)
        command = [cbmc, self.file, "--function", self.function, f"-I{made}"]
        command += [*(f"-I{path}" for path in includes), *self.defines]
        command += ["--unwind", str(self.unwind), "--unwinding-assertions"]
        command += ["--pointer-overflow-check", "--slice-formula", "--drop-unused-functions"]
        command += ["--verbosity", "4", "--object-bits", "10"]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                timeout=limit,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
            )
        except subprocess.TimeoutExpired:
            return time.monotonic() - begin, [f"no answer in {limit} s"]
        seconds = time.monotonic() - begin
        if done.returncode == 0:
            return seconds, []
        wrong = re.findall(r"^\[.*FAILURE$", done.stdout, re.M)
        return seconds, wrong or (done.stdout + done.stderr).splitlines()[-8:]


def instrumented(cmodules):
    """The folder with copies of the core's files that moves.py has cut."""
    core = cmodules / "httpparse" / "core"
    cuts = {
        "head_cut.c": moves.cut_head((core / "head.c").read_text("utf-8")),
        "form_cut.c": moves.cut_form((core / "form.c").read_text("utf-8")),
        "framing_cut.c": moves.cut_framing((core / "framing.c").read_text("utf-8")),
        "multipart_cut.c": moves.cut_multipart((core / "multipart.c").read_text("utf-8")),
    }
    folder = BUILD / hashlib.sha256(repr(cuts).encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in cuts.items():
        fresh = folder / f"{name}.{os.getpid()}.{threading.get_ident()}"
        fresh.write_text(text, "utf-8")
        fresh.replace(folder / name)
    return folder


def proofs():
    """All of them, in the order of their files."""
    found = []
    for file in sorted(FOLDER.glob("prove_*.c")):
        found += [Proof(file, match) for match in PROOF.finditer(file.read_text("utf-8"))]
    return found


def prove(wanted, cbmc, cmodules, jobs, limit=LIMIT):
    """Runs proofs, prints a line of each when it is done; those that failed."""
    failed = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = {pool.submit(proof.run, cbmc, cmodules, limit): proof for proof in wanted}
        for run in concurrent.futures.as_completed(runs):
            proof = runs[run]
            seconds, wrong = run.result()
            verdict = "NOT SO" if wrong else "proved"
            print(f"{verdict} {seconds:6.1f} s  {proof.name}: {proof.text}", flush=True)
            for line in wrong[:5]:
                print(f"    {line}")
            if wrong:
                failed.append(proof)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cbmc", default="cbmc", help="its path")
    parser.add_argument("--fast", action="store_true", help="only those that take seconds")
    parser.add_argument("--list", action="store_true", help="print their names")
    parser.add_argument("--limit", type=int, default=LIMIT, help="seconds for each")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--core", type=pathlib.Path, default=CORE, help="another cmodules/")
    parser.add_argument("names", nargs="*", metavar="NAME", help="proofs, or how they begin (all)")
    options = parser.parse_args()
    wanted = [
        proof
        for proof in proofs()
        if (proof.fast or not options.fast)
        and (not options.names or proof.name.startswith(tuple(options.names)))
    ]
    if options.list:
        for proof in wanted:
            print(f"{proof.name:24} {proof.text}")
        return 0
    if not wanted:
        parser.error("no such proof")
    begin = time.monotonic()
    failed = prove(wanted, options.cbmc, options.core, options.jobs, options.limit)
    print(
        f"{len(wanted) - len(failed)} proved, {len(failed)} failed"
        f" in {time.monotonic() - begin:.0f} s"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

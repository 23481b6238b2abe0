# SPDX-License-Identifier: MIT
"""What of the modules the tests have executed: branches of C by gcov, of Python by coverage.c.

Those in Python are counted on the emulated board, too: ports/qemu-lx106/coverage.c.

python -m support.coverage in the folder tests/ is what `make coverage` calls in the end. It prints
each file's branches and checks them against tests/support/coverage.toml.
"""

import collections
import gzip
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import tomllib

from support.simulator import TOP

REASONS = TOP / "tests" / "support" / "coverage.toml"
FOLDER = TOP / "build" / "coverage"
STEP = struct.Struct("=hhh")
RECORD = struct.Struct("<II")
BRANCH = re.compile(r"POP_JUMP_IF_|JUMP_IF_|FOR_ITER")
# Percent of the branches that are covered: of all, and of a file where no reason says why not.
WANTED = 95


def builds():
    """The simulators that were built with COVERAGE=1, as paths of their folders."""
    return sorted(TOP.glob("build/simulator-*-coverage"))


def counted_c(folders):
    """{file below cmodules/: {(line, number of the branch): times}}"""
    found = collections.defaultdict(collections.Counter)
    for folder in folders:
        data = [str(file) for file in folder.rglob("*.gcda")]
        if not data:
            continue  # No program has run in it
        with tempfile.TemporaryDirectory() as out:
            subprocess.run(
                ["gcov", "--json-format", "--branch-probabilities", *data],
                cwd=out,
                capture_output=True,
                check=True,
            )
            for report in pathlib.Path(out).glob("*.gcov.json.gz"):
                for file in json.loads(gzip.decompress(report.read_bytes()))["files"]:
                    name = file["file"].partition("/cmodules/")[2]
                    for line in file["lines"] if name.endswith(".c") else ():
                        for number, branch in enumerate(line["branches"]):
                            found[name][line["line_number"], number] += branch["count"]
    return found


def instructions(text):
    """The functions in `text`, frozen_content.c: (file, array, [(offset, bytes, words)])."""
    pattern = (
        r"^// frozen bytecode for file (\S+), scope [^\n]*\nstatic const byte (\w+)\[\d+\] = {\n"
        r"(.*?)^};"
    )
    for file, array, body in re.findall(pattern, text, re.M | re.S):
        offset, listed = 0, []
        for line in body.splitlines():
            data, _, words = line.partition("//")
            code = bytes(int(byte, 16) for byte in re.findall(r"0x\w\w", data))
            listed.append((offset, code, words.strip()))
            offset += len(code)
        yield file, array, listed


def line_of(info, offset):
    """The line of the instruction `offset` bytes behind the first, by the code info's bytes.

    Source: py/bc.h, mp_bytecode_get_source_line().
    """
    line, at = 1, 0
    while at < len(info):
        first = info[at]
        if first & 0x80:
            span, lines, at = first & 15, (first << 4 & 0x700) | info[at + 1], at + 2
        else:
            span, lines, at = first & 31, first >> 5, at + 1
        if offset < span:
            break
        line, offset = line + lines, offset - span
    return line


def symbols(program):
    """{name in the program's table: address}"""
    table = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    words = [line.split() for line in table.splitlines()]
    return {word[2]: int(word[0], 16) for word in words if len(word) == 3}


def followed_in_simulator(address):
    """{address of an instruction: distances to those that came behind it}, of coverage.c.

    address: the program's symbols(). None if no program has run in it.
    """
    image = address["__executable_start"]
    file = FOLDER / f"trace{address['end'] - image}"
    if not file.exists():
        return None
    steps = enumerate(STEP.iter_unpack(file.read_bytes()))
    return {image + at: {*after} - {0} for at, (executed, *after) in steps if executed}


def followed_on_board():
    """The same of ports/qemu-lx106/coverage.c, which tells each of its board's once."""
    found = collections.defaultdict(set)
    file = FOLDER / "board"
    for at, after in RECORD.iter_unpack(file.read_bytes()) if file.exists() else ():
        found[at] |= {after - at} - {0}
    return found


def runs(folders):
    """What has run: [(folder of the build, symbols of its program, what was followed)]."""
    found = []
    for folder in folders:
        # Beside the simulators those that tests have linked of their objects.
        for program in (folder / "simulator", *sorted(FOLDER.glob(f"{folder.name}-*"))):
            address = symbols(program)
            found.append((folder, address, followed_in_simulator(address)))
    board = TOP / "build" / "emulator-coverage"
    if (board / "firmware.elf").exists():
        found.append((board, symbols(board / "firmware.elf"), followed_on_board()))
    return [run for run in found if run[2]]


def counted_python(folders):
    """{file of tinyweb: {(line, function, number of the branch, way): whether it was gone}}"""
    found = collections.defaultdict(dict)
    for folder, address, followed in runs(folders):
        for name, array, code in instructions((folder / "frozen_content.c").read_text()):
            # A function that the linker has left out is in ROM in another way, or nobody's
            if not name.startswith("tinyweb/") or array not in address:
                continue
            first = next(n for n, (_, _, words) in enumerate(code) if words == "code info") + 1
            info, begin = code[first - 1][1], code[first][0]
            # The same in every build: neither are addresses, nor names of functions in ROM
            function = re.sub(r"__lt_module_gt_\d*", "", array)
            branches = [entry for entry in code[first:] if BRANCH.match(entry[2])]
            for number, (offset, data, _) in enumerate(branches):
                after = followed.get(address[array] + offset, ())
                where = (line_of(info, offset - begin), function, number)
                ways = {
                    "goes on": len(data) in after,
                    "jumps": any(step != len(data) for step in after),
                }
                for way, gone in ways.items():
                    found[name][*where, way] = gone or found[name].get((*where, way), False)
    return found


def print_kind(title, counted, reasons):
    """Print the branches of a kind of modules; return what is wrong, a list of str."""
    wrong, total, gone = [], 0, 0
    print(f"{title}: branches")
    for file, branches in sorted(counted.items()):
        missed = sorted({key[0] for key, times in branches.items() if not times})
        number = sum(not times for times in branches.values())
        total, gone = total + len(branches), gone + len(branches) - number
        percent = 100 * (len(branches) - number) / len(branches)
        print(f"  {percent:5.1f} %  {len(branches) - number:4} of {len(branches):4}  {file}")
        if number:
            print(f"           not all in lines {', '.join(map(str, missed))}")
        allowed, _ = reasons.get(file, (0, ""))
        if percent < WANTED and number > allowed:
            wrong.append(f"{file}: {number} branches are not covered, {allowed} have a reason")
    percent = 100 * gone / total
    print(f"  {percent:5.1f} %  {gone:4} of {total:4}  all; {WANTED} % are wanted")
    if percent < WANTED:
        wrong.append(f"{title}: less than {WANTED} % of all branches are covered")
    return wrong + [f"{file}: has a reason, but is no file" for file in reasons.keys() - counted]


def find_clang():
    """The number in the names of a clang that measures MC/DC, 18 or later; None without one."""
    return next((n for n in range(30, 17, -1) if shutil.which(f"clang-{n}")), None)


def print_core(clang):
    """Print what tests/host executes of the core of httpparse; return what is wrong.

    All branches, and of each condition that it decides alone (MC/DC). clang: its number.
    """
    with tempfile.TemporaryDirectory() as folder:
        profile = pathlib.Path(folder) / "profile"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
            + ["--hypothesis-profile=default"]
            + [
                "-k",
                "not compiles and not includes and not coverage and not seeded",
                "tests/host",
            ],
            cwd=TOP,
            env={
                **os.environ,
                "HOST_CLANG": f"clang-{clang}",
                "HOST_COVERAGE": folder,
                "HYPOTHESIS_STORAGE_DIRECTORY": f"{folder}/hypothesis",
                "LLVM_PROFILE_FILE": f"{folder}/%p.profraw",
            },
            stdout=sys.stderr,
            check=True,
        )
        parts = list(pathlib.Path(folder).glob("*.profraw"))
        subprocess.run([f"llvm-profdata-{clang}", "merge", "-o", profile, *parts], check=True)
        command = [f"llvm-cov-{clang}", "export", "--summary-only", f"{folder}/harness"]
        report = subprocess.run(
            [*command, f"-instr-profile={profile}"], capture_output=True, check=True
        ).stdout
    wrong = []
    print("core alone: branches, MC/DC")
    for file in json.loads(report)["data"][0]["files"]:
        name = file["filename"].partition("/cmodules/")[2]
        figures = [file["summary"][kind] for kind in ("branches", "mcdc")]
        if name and any(figure["count"] for figure in figures):
            print(
                "".join(f"  {figure['covered']:4} of {figure['count']:4}" for figure in figures),
                name,
            )
            if any(figure["covered"] != figure["count"] for figure in figures):
                wrong.append(f"{name}: not every branch and condition is covered")
    return wrong


def main():
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    folders = builds()
    in_c = counted_c(folders)
    # Programs need not execute all of the parsers: tests/host does.
    bindings = {file: x for file, x in in_c.items() if not file.startswith("httpparse/core/")}
    clang = find_clang()
    if clang is None:
        print("core alone: MC/DC is measured with clang 18 or later, and llvm of the same number")
    wrong = [] if clang is None else print_core(clang)
    wrong += print_kind("bindings", bindings, reasons["bindings"])
    wrong += print_kind("frozen/tinyweb", counted_python(folders), reasons["python"])
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

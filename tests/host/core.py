# SPDX-License-Identifier: MIT
"""Builds the core with its harness for the host, and talks to it."""

import concurrent.futures
import contextlib
import hashlib
import os
import pathlib
import re
import struct
import subprocess

from support.simulator import TOP

CORE = TOP / "cmodules" / "httpparse" / "core"
# The frames of WebSocket
FRAMES = TOP / "cmodules" / "tinyweb" / "core"
# What holds of each parser between two calls, which it then asserts
CHECKS = [TOP / "tests" / "prove" / name for name in ("holds.c", "frames_hold.c")]
HARNESS = TOP / "tests" / "host" / "harness.c"
WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
# Where test_coverage.py wants to have programs that count lines and branches, or None
COVERAGE = os.environ.get("HOST_COVERAGE")
# With it, a clang that measures MC/DC instead (18 or later): ci/coverage
CLANG = os.environ.get("HOST_CLANG")
# The file that all jobs are appended to, for tests/mutate, or None
RECORD = os.environ.get("HOST_RECORD")
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def sources():
    return sorted(CORE.glob("*.c"))


def build(bits=64, *, flags=("-O1", "-g", *SANITIZERS), compiler="gcc"):
    """Compiles harness and core where that was not done before, and returns the program's path."""
    files = [HARNESS, *sources(), *sorted(FRAMES.glob("*.c"))]
    if not COVERAGE:
        files += CHECKS
        flags = (*flags, "-DHP_CHECKS=1")
    if COVERAGE:
        bits, flags, compiler = 64, ("-O0", "-g", "--coverage"), "gcc"
        if CLANG:
            flags = ("-O0", "-fprofile-instr-generate", "-fcoverage-mapping", "-fcoverage-mcdc")
            compiler = CLANG
    command = [compiler, f"-m{bits}", *WARNINGS, *flags, f"-I{CORE}", f"-I{FRAMES}"]
    headers = [
        *sorted(CORE.glob("*.h")),
        *sorted(FRAMES.glob("*.h")),
        *sorted(HARNESS.parent.glob("*.h")),
    ]
    text = b"".join(file.read_bytes() for file in (*files, *headers))
    key = hashlib.sha256(repr(command).encode() + text).hexdigest()[:16]
    program = pathlib.Path(COVERAGE or TOP / "build" / "host" / key) / "harness"
    if program.exists():
        return program
    program.parent.mkdir(parents=True, exist_ok=True)
    fresh = program.with_name(f"harness.{os.getpid()}")
    done = subprocess.run(
        [*command, "-o", fresh.name, *files],
        cwd=fresh.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the core does not compile:\n{done.stderr}")
    fresh.replace(program)
    return program


@contextlib.contextmanager
def running(*bits):
    """Harnesses of these word sizes; ends them, and fails if one has leaked memory."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        programs = [build()] if COVERAGE else list(pool.map(build, bits))
    harnesses = [Harness(program) for program in programs * (len(bits) // len(programs))]
    yield harnesses
    for harness in harnesses:
        harness.close()


def error_texts(*names):
    """What the core's files `names` can say that is wrong, by text.c."""
    source = (CORE / "text.c").read_text()
    # Words that are stored once
    words = re.findall(r'^#define (\w+) "\\\d+"$', source, re.MULTILINE)
    packed = re.search(r"words\[\] =(.+?);", source, re.DOTALL)[1]
    expansions = dict(zip(words, re.findall(r'"(.+?)(?:\\0)?"', packed), strict=True))
    cases = []
    for name, text in re.findall(r"TEXT\((HP_\w+), (.+)\)", source):
        pieces = re.findall(r'"(.+?)"|(\w+)', text)
        cases.append((name, "".join(literal or expansions[word] for literal, word in pieces)))
    used = set(re.findall(r"HP_\w+", "".join((CORE / name).read_text() for name in names)))
    return {text for name, text in cases if name in used}


class Harness:
    """A running harness. Each job goes to the same process, so a crash ends it."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=1"},
        )

    def run(self, job):
        """Returns the transcript (bytes) of a job (bytes)."""
        process = self.process
        message = struct.pack("<I", len(job)) + job
        if RECORD:
            with open(RECORD, "ab") as file:
                file.write(message)
        try:
            process.stdin.write(message)
            process.stdin.flush()
            (size,) = struct.unpack("<I", process.stdout.read(4))
            return process.stdout.read(size)
        except (BrokenPipeError, struct.error):
            process.stdin = None
            raise AssertionError(
                f"the harness ended with {process.wait()} on {job!r}:\n"
                + process.stderr.read().decode(errors="replace")
            ) from None

    def close(self):
        """Ends the process; a leak that the sanitizer finds fails here."""
        _, errors = self.process.communicate()
        assert self.process.returncode == 0, errors.decode(errors="replace")

    def request(
        self, data, *, size, max_head, max_fields, mode=0, names=(), body_size=100, steps=b""
    ):
        """The transcript of a request job. steps: sizes of the reads minus 1, over and over."""
        job = b"R" + struct.pack(
            "<HIHBHB", size, max_head, max_fields, mode, body_size, len(steps)
        )
        job += steps + bytes([len(names)])
        for name in names:
            job += bytes([len(name)]) + name
        return self.run(job + data).decode()

    def response(
        self,
        parts,
        *,
        size=256,
        status=200,
        version=11,
        keep_alive=True,
        head=False,
        interim=None,
        given_up=False,
        late=False,
        owing=False,
        moving=False,
        cut=False,
        fields=(),
        steps=b"",
    ):
        """Renders a response; returns (bytes that left, results of the fields, {attributes}).

        parts: the body's; an empty one flushes. interim: "pending", "partly" or "sent".
        given_up: another response was begun before. late: a field is added after the body. owing:
        in the end, 1 000 bytes are announced that never come. moving: each part finds another
        buffer. cut: what is still buffered in the end is forgotten.
        """
        flags = (version == 11) | keep_alive << 1 | head << 2
        flags |= (
            {None: 0, "pending": 8, "sent": 24, "partly": 1032}[interim]
            | given_up << 5
            | late << 6
            | owing << 7
        )
        flags |= moving << 8 | cut << 9
        job = b"W" + struct.pack("<HHHB", size, status, flags, len(steps)) + steps
        job += bytes([len(fields)])
        for name, value in fields:
            job += bytes([len(name)]) + name + struct.pack("<H", len(value)) + value
        for part in parts:
            job += struct.pack("<H", len(part)) + part
        sent, _, line = self.run(job).rpartition(b"\0")
        results, *attributes = line.decode().split(" ")
        return sent, results, {k: int(v) for k, v in (a.split("=") for a in attributes)}

    def unquote(self, data, plus):
        """Returns (decoded bytes, the same with what is not UTF-8 replaced)."""
        decoded, repaired = self.run(b"U" + bytes([plus]) + data).split()
        return bytes.fromhex(decoded[1:].decode()), bytes.fromhex(repaired[1:].decode())

    def multipart(self, content_type, data, *, size, max_parts, max_header, max_fields, steps=b""):
        """The transcript of a multipart body. steps as for request()."""
        job = b"M" + struct.pack("<HHIHB", size, max_parts, max_header, max_fields, len(steps))
        job += steps + struct.pack("<H", len(content_type)) + content_type
        return self.run(job + data).decode()

    def form(self, data, *, size, max_pairs, slices, steps=b""):
        """The transcript of an urlencoded form."""
        job = b"F" + struct.pack("<HHBB", size, max_pairs, slices, len(steps))
        return self.run(job + steps + data).decode()

    def parameters(self, value):
        """(value before the parameters, [(name, value, extended value)], whether well-formed).

        The extended value is None if it is none, and "charset" if its charset is not UTF-8.
        """
        first, *lines, last = self.run(b"P" + value).decode().splitlines()
        pairs = []
        for line in lines:
            _, name, text, extended = line.split(" ")
            extended = {"-": None, "charset": "charset"}.get(extended, extended)
            if extended not in (None, "charset"):
                extended = bytes.fromhex(extended[1:])
            pairs.append((bytes.fromhex(name[1:]), bytes.fromhex(text[1:]), extended))
        return bytes.fromhex(first[2:]), pairs, last == "done"

    def cookies(self, value):
        """The (name, value) of each cookie."""
        *lines, last = self.run(b"C" + value).decode().splitlines()
        assert last == "done"
        return [tuple(bytes.fromhex(word[1:]) for word in line.split(" ")[1:]) for line in lines]

    def frames(self, data, *, max_size, steps=b""):
        """The frames of WebSocket in what a client sends, and what ends them.

        [(opcode, whether it ends its message, payload, what it completes)], and ("more",),
        ("close", code) or ("fail", code). A frame completes nothing (None) or a message: its
        (opcode, size); or it is "cut" short. Of a text that is none, the payload is None.
        """
        job = b"S" + struct.pack("<IB", max_size, len(steps)) + steps + data
        *lines, last = self.run(job).decode().splitlines()
        found = []
        for line in lines:
            _, opcode, final, payload, *rest = line.split(" ")
            completes = "cut" if rest == ["cut"] else None
            if rest[:1] == ["message"]:
                completes = (int(rest[1]), int(rest[3]))
            payload = None if rest == ["bad"] else bytes.fromhex(payload[1:])
            found.append((int(opcode), final == "1", payload, completes))
        what, *code = last.split(" ")
        return found, (what, *map(int, code))

    def frame_head(self, first, length):
        """The head of a frame to send. first: opcode and 0x80 for the last of its message."""
        return bytes.fromhex(self.run(b"H" + struct.pack("<IB", length, first)).decode()[2:])

    def handshake(self, key):
        """(whether it is a key of 24 bytes, its proof)"""
        good, proof = self.run(b"K" + key).decode().split(" x")
        return good == "1", bytes.fromhex(proof)

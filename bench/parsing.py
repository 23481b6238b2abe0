# SPDX-License-Identifier: MIT
"""Instructions that one request head costs in C parsers: here with gcc -O2, and on the ESP8266's
CPU with gcc -Os, in QEMU, where each instruction is one tick of the CPU's counter.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from bench import BUILD, FOLDER, TOP
from bench.instructions import total
from bench.messages import CLOSE, SHAPES, request

CORE = TOP / "cmodules" / "httpparse"
HARNESS = FOLDER / "harness"
COUNT = 100
# Bytes that arrive at a time; 0 is all at once.
PIECES = (0, 64, 1)
KEPT = {"no field": 0, "three fields": 1, "all fields": 2}
# How bytes are loaded on the chip: as they are, which flash does not allow, or by words
LX106 = "xtensa-lx106-elf-"
LOADS = {"l8ui": "-mno-force-l32", "l32i": "-mforce-l32"}
# Cycles of the CPU's counter for an instruction with -icount shift=10
CYCLES = 40.96
PICOLIBC = "/usr/lib/xtensa-lx106-elf/picolibc.specs"

NINE_FIELDS = """\
GET /uploads/2026/03/a-picture-of-the-hall-and-garden.jpg HTTP/1.1
Host: www.example.com
User-Agent: Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; ja-JP-mac; rv:1.9.2.3) \
Gecko/20100401 Firefox/3.6.3
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
Accept-Language: ja,en-us;q=0.7,en;q=0.3
Accept-Encoding: gzip,deflate
Accept-Charset: Shift_JIS,utf-8;q=0.7,*;q=0.7
Keep-Alive: 115
Connection: keep-alive
Cookie: \
"""
NINE_FIELDS_SIZE = 703
BUDGET_SHAPE = "nine fields"
# The bytes of chars.c that the head parser needs
TOKEN_TABLE = 32


def messages():
    """{shape: the bytes of a request}"""
    found = {shape: request(shape, CLOSE) for shape in SHAPES}
    head = NINE_FIELDS.replace("\n", "\r\n").encode()
    room = NINE_FIELDS_SIZE - len(head) - 4
    found["nine fields"] = head + (b"session=0123456789abcdef; theme=dark; " * 9)[:room]
    found["nine fields"] += b"\r\n\r\n"
    return found


def core_sources():
    return sorted((CORE / "core").glob("*.c"))


def harnesses():
    """{name: command that compiles its harness}, without the output file."""
    gcc = ["gcc", "-std=gnu99", "-O2", "-g", "-Wall", "-Wextra", "-Werror"]
    ours = [*gcc, "-I", CORE, HARNESS / "parse_httpparse.c", *core_sources()]
    found = {f"httpparse, {kept} kept": [*ours, f"-DKEEP={n}"] for kept, n in KEPT.items()}
    found["http-parser"] = [*gcc, HARNESS / "parse_http_parser.c", "-lhttp_parser"]
    return found


def compiled(name, command):
    """Compiles a harness and returns its path, or None where its library is not installed."""
    out = BUILD / f"parse-{name.replace(', ', '-').replace(' ', '-')}"
    done = subprocess.run([*command, "-o", out], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        if "http_parser.h: No such file" in done.stderr:
            return None
        raise RuntimeError(f"the harness of {name} does not compile:\n{done.stderr}")
    return out


def instructions(harness, data, piece):
    """Instructions for one head, the bytes `data`, that arrives `piece` bytes at a time."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        message = pathlib.Path(folder) / "message"
        message.write_bytes(data)
        out = pathlib.Path(folder) / "out"
        subprocess.run(
            ["valgrind", "-q", "--tool=callgrind", "--toggle-collect=measured"]
            + [f"--callgrind-out-file={out}", harness, message, str(COUNT), str(piece)],
            check=True,
            capture_output=True,
        )
        return round(total(out) / COUNT)


def lx106_missing():
    """The name of a program without which the chip's figures cannot be had, or None."""
    needed = (f"{LX106}gcc", "qemu-system-xtensa")
    return next((name for name in needed if shutil.which(name) is None), None)


def lx106_options():
    """The options that the firmware's build adds for this CPU."""
    text = (CORE / "micropython.mk").read_text(encoding="utf-8")
    lines = re.findall(r"^HTTPPARSE_(?:LX106|NEAR) = (.+)$", text, re.MULTILINE)
    return " ".join(lines).split()


def lx106_objects(load, folder):
    """Compiles the core into `folder` with one of LOADS' options; returns the objects."""
    subprocess.run(
        [f"{LX106}gcc", "-std=c99", "-Os", load, "-mlongcalls", "-mtext-section-literals"]
        + [*lx106_options(), "-Wall", "-Wextra", "-Werror", "-c", *core_sources()],
        cwd=folder,
        check=True,
    )
    return [pathlib.Path(folder) / f"{source.stem}.o" for source in core_sources()]


def lx106_instructions(objects, data, piece, keep, load):
    """As instructions(), on the ESP8266's CPU. keep: a value of KEPT, load: one of LOADS."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        message = pathlib.Path(folder) / "message"
        message.write_bytes(data)
        out = pathlib.Path(folder) / "program"
        subprocess.run(
            [f"{LX106}gcc", "-std=gnu99", "-Os", load, "-mlongcalls", "-mtext-section-literals"]
            + ["-nostartfiles", f"--specs={PICOLIBC}", "-Wall", "-Wextra", "-Werror"]
            + ["-DBARE_METAL=1", f"-DPIECE={piece}", f"-DKEEP={keep}", f'-DMESSAGE="{message}"']
            + ["-Wl,--gc-sections", "-T", HARNESS / "lx106.ld", "-I", CORE]
            + [HARNESS / "lx106.S", HARNESS / "parse_httpparse.c", *objects, "-o", out],
            check=True,
        )
        done = subprocess.run(
            ["qemu-system-xtensa", "-M", "sim", "-cpu", "lx106", "-semihosting", "-nographic"]
            + ["-monitor", "none", "-serial", "none", "-icount", "shift=10,sleep=off"]
            + ["-kernel", out],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    return round(int(done.stdout, 16) / CYCLES)


def lx106_sizes():
    """{function: {name of LOADS: bytes}}, and the same of files with their constants."""
    functions, files = {}, {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name, load in LOADS.items():
            for source, out in zip(core_sources(), lx106_objects(load, folder), strict=True):
                text = int(_tool("size", out).splitlines()[1].split()[0])
                files.setdefault(source.name, {})[name] = text
                for line in _tool("nm", "-S", out).splitlines():
                    # Address, size, kind, name
                    words = line.split()
                    if len(words) == 4 and words[2] in "tT":
                        key = f"{source.name}: {words[3].partition('$')[0]}"
                        functions.setdefault(key, {})[name] = int(words[1], 16)
    return functions, files


def _tool(name, *arguments):
    return subprocess.run(
        [LX106 + name, *arguments], capture_output=True, text=True, check=True
    ).stdout


def measure(say, pieces=PIECES):
    """{parser: {shape: {pieces: instructions}}}; pieces are "whole" or a number of bytes."""
    results = {}
    for name, command in harnesses().items():
        say(f"instructions of {name}")
        harness = compiled(name, command)
        if harness is not None:
            results[name] = {
                shape: {
                    str(piece or "whole"): instructions(harness, data, piece) for piece in pieces
                }
                for shape, data in messages().items()
            }
    if missing := lx106_missing():
        say(f"nothing is measured on the ESP8266's CPU without {missing}")
        return results
    for load_name, load in LOADS.items():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            objects = lx106_objects(load, folder)
            for kept, keep in KEPT.items():
                name = f"lx106 {load_name}, {kept} kept"
                say(f"instructions of {name}")
                results[name] = {
                    shape: {
                        str(piece or "whole"): lx106_instructions(objects, data, piece, keep, load)
                        for piece in pieces
                    }
                    for shape, data in messages().items()
                }
    return results


def image_sizes():
    """{object: bytes} of the module, compiled as for the ESP8266's image."""
    done = subprocess.run(
        [sys.executable, "-m", "firmware.modules"],
        env={**os.environ, "PYTHONPATH": str(TOP / "ci")},
        capture_output=True,
        text=True,
        check=True,
    )
    found = {}
    for line in done.stdout.splitlines():
        name, text, data, bss = line.split()
        if name.startswith("httpparse/"):
            found[name.removeprefix("httpparse/")] = int(text) + int(data) + int(bss)
    return found


def sizes():
    """{"functions", "files", "image"}: lx106_sizes(), image_sizes(); {} without the compiler."""
    if lx106_missing():
        return {}
    functions, files = lx106_sizes()
    return {"functions": functions, "files": files, "image": image_sizes()}


def budgets(results):
    """[what, budget, this project's figure, http-parser's] of what was measured."""
    rows = []
    parsing = results["parsing"]
    peer = parsing.get("http-parser", {}).get(BUDGET_SHAPE, {}).get("whole")
    for kept in KEPT:
        ours = parsing[f"httpparse, {kept} kept"][BUDGET_SHAPE]["whole"]
        rows.append([f"instructions for {BUDGET_SHAPE}, {kept} kept", 5200, ours, peer])
    if results["sizes"]:
        image = results["sizes"]["image"]
        head = image["core/head.o"] + image["core/request.o"] + TOKEN_TABLE
        rows.append(["bytes of the request-head parser, lx106", 2500, head, None])
        core = sum(size for name, size in image.items() if name.startswith("core/"))
        rows.append(["bytes of the whole core, lx106", 12288, core, None])
        binding = sum(image.values()) - core
        rows.append(["bytes of its binding to MicroPython, lx106", None, binding, None])
    return rows

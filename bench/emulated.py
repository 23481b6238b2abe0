# SPDX-License-Identifier: MIT
"""The emulated board under a glass: QEMU tells which instructions it executes, and how many.

The board sleeps while it waits for a frame or a timer, which is not counted.
"""

import bisect
import collections
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time

from littlefs import LittleFS
from mpremote.romfs import VfsRomWriter

from bench import FOLDER, TOP
from bench.parsing import CYCLES, LX106
from tests.board.emulator import build
from tests.support.simulator import free_port

ONBOARD = FOLDER / "onboard"
PORT = 8081
PROMPT = b">>> "
# 16 ns for an instruction: about as fast as this computer, which TCP's timers need
SHIFT = 4
# Where the ROMFS is, in the memory that the chip reads its flash from, behind the program
ROMFS = 0x402A0000
BLOCK_SIZE = 4096
# Seconds since 1970
WRITTEN = 1_767_225_600
# Whose an object file is, by the beginning of its path in the build's folder; the first counts.
# What is none of them, such as the C library, belongs to what has called it.
OWNERS = {
    "driver, clock": r"(ethernet|netif|event|exception|startup|clock|mphalport|uart)\.o",
    "lwIP": r"(lwip-core/|responder\.o)",
    "socket": r"extmod/(modlwip|modnetwork)\.o",
    "tinyweb": r"(tinyweb|httpparse|rom)/",
    "MicroPython": r"(py|extmod|frozen_content|shared/runtime|lib|modmeasure|flash)",
}
TITLES = list(OWNERS)
# A function, or the rest of one, in the linker's map: section, address, size, file
SECTION = re.compile(r"^ \.\S*text\S*\s+0x(\w+)\s+0x(\w+) (\S+)$", re.MULTILINE)
# What QEMU writes down of an instruction: its address is the second number.
EXECUTED = re.compile(r"\[[0-9a-f]+/([0-9a-f]+)/")


class Owners:
    """Whose the code of an image is."""

    def __init__(self, image):
        folder = pathlib.Path(image).parent
        text = pathlib.Path(image).with_suffix(".map").read_text(encoding="utf-8")
        found = []
        for address, size, file in SECTION.findall(text):
            if int(address, 16) and int(size, 16):
                path = file.removeprefix(f"{folder}/")
                owner = next((key for key, what in OWNERS.items() if re.match(what, path)), None)
                found.append((int(address, 16), owner))
        found.sort()
        self._starts, self._owners = zip(*found, strict=True)

    def count(self, addresses):
        """{owner: instructions}"""
        counts = collections.Counter(dict.fromkeys(TITLES, 0))
        places = {}  # address: the number of its function
        callers = {}  # number of a function that is nobody's: the owner of what has called it
        last = TITLES[0]
        for address in addresses:
            if address not in places:
                places[address] = bisect.bisect_right(self._starts, address) - 1
            place = places[address]
            owner = self._owners[place]
            if owner is not None:
                last = owner
            else:
                # An interrupt comes back to its middle.
                if address == self._starts[place]:
                    callers[place] = last
                owner = callers.get(place, last)
            counts[owner] += 1
        return counts


def symbols(image):
    """{name: address} of the functions and variables of the image."""
    done = subprocess.run([f"{LX106}nm", image], capture_output=True, text=True, check=True)
    lines = map(str.split, done.stdout.splitlines())
    return {words[-1]: int(words[0], 16) for words in lines if len(words) == 3}


def give_times(image, names):
    """Let files of a littlefs have a time, as if a clock that is right had been there."""
    flash = LittleFS(block_size=BLOCK_SIZE, block_count=0, mount=False)
    flash.context.buffer = bytearray(image.read_bytes())
    flash.mount()
    for name in names:
        # Nanoseconds: the attribute of MicroPython's VfsLfs2
        flash.setattr(f"/{name}", "\1", (WRITTEN * 10**9).to_bytes(8, "little"))
    flash.unmount()
    image.write_bytes(flash.context.buffer)


class Board:
    """A board with the programs of bench/onboard; a context manager that ends it.

    files: {name: bytes} of its ROMFS and of its littlefs. shift: an instruction takes 2**shift ns;
    the less, the more of them are between two interrupts of the timer.
    """

    def __init__(self, files, shift=10):
        self._cycles = 2**shift * CYCLES / 2**10
        self.image = build()
        known = symbols(self.image)
        self._busy = known["event_busy_cycles"]
        self._wait = known["interrupt_wait"]
        # A frame comes, or goes.
        self._frame = {known["ethernet_release"], known["ethernet_transmit"]}
        self._folder = tempfile.TemporaryDirectory(prefix="frames-")
        folder = pathlib.Path(self._folder.name)
        flash, rom, self._log = folder / "flash.img", folder / "rom.img", folder / "log"
        writer = VfsRomWriter()
        for name, data in files.items():
            (folder / name).write_bytes(data)
            writer.mkfile(name, data)
        rom.write_bytes(writer.finalise())
        self._rom = f"frames.begin({ROMFS:#x}, {rom.stat().st_size})"
        programs = [ONBOARD / f"{name}.py" for name in ("frames", "transfers", "pages")]
        programs.append(FOLDER / "apps" / "page.py")
        make = [TOP / "ci" / "make-flash", flash, *programs, *(folder / name for name in files)]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
        give_times(flash, files)
        self.port = free_port("127.0.0.1")
        forward = f"hostfwd=tcp:127.0.0.1:{self.port}-:{PORT}"
        command = ["qemu-system-xtensa", "-M", "lx60", "-cpu", "lx106", "-display", "none"]
        command += ["-nic", f"user,{forward}", "-kernel", self.image, "-D", self._log]
        command += [
            "-drive",
            f"if=pflash,format=raw,file={flash}",
            "-icount",
            f"shift={shift},sleep=on",
        ]
        command += ["-device", f"loader,file={rom},addr={ROMFS},force-raw=on"]
        for option, name in (("-serial", "serial"), ("-qmp", "control")):
            command += [option, f"unix:{folder}/{name},server=on,wait=off"]
        # It starts when everybody is there who reads what it says.
        self._process = subprocess.Popen([*command, "-S"])
        self._serial = self._connect(folder / "serial")
        self._control = self._connect(folder / "control").makefile("rw", encoding="utf-8")
        self._ask("qmp_capabilities")
        self._ask("cont")
        self._wait_for(PROMPT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ask("quit")
        self._process.wait()
        self._serial.close()
        self._control.close()
        self._folder.cleanup()

    @staticmethod
    def _connect(path):
        deadline = time.monotonic() + 30
        while True:
            try:
                sock = socket.socket(socket.AF_UNIX)
                sock.settimeout(60)
                sock.connect(str(path))
                return sock
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _ask(self, command, **arguments):
        self._control.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._control.flush()
        for line in self._control:
            message = json.loads(line)
            if "return" in message:
                return message["return"]
            if "error" in message:
                raise RuntimeError(f"QEMU refuses {command}: {message['error']['desc']}")
        raise RuntimeError("QEMU has ended")

    def _monitor(self, line):
        return self._ask("human-monitor-command", **{"command-line": line})

    def _wait_for(self, text):
        data = b""
        while text not in data:
            data += self._serial.recv(4096)
            if text != PROMPT and data.endswith(PROMPT):
                raise RuntimeError(data.decode())

    def run(self, call, module="frames"):
        """Ends what runs on the board, and runs a function of a module of bench/onboard."""
        # Ctrl-C, and a soft reset
        for key in (b"\x03", b"\x04"):
            self._serial.sendall(key)
            self._wait_for(PROMPT)
        self._serial.sendall(f"import frames, {module}; {self._rom}; {module}.{call}\r".encode())
        self._wait_for(b"\nready")

    def busy(self):
        """Instructions that the board has executed until it began to wait, if it is sleepless."""
        low, high = re.findall(r"0x(\w{8})", self._monitor(f"xp /2xw {self._busy:#x}"))
        return round(int(high + low, 16) / self._cycles)

    def trace(self, act, settle=0.2):
        """The addresses of the instructions that the board executes for what act() sends.

        What it does between two waits counts if a frame comes or goes meanwhile: a timer alone has
        nothing to do with it. settle: seconds for what the board has to do after act().
        RuntimeError if no frame came or went.
        """
        # QEMU has renamed the first in version 8.1.
        for single in ("singlestep", "one-insn-per-tb"):
            self._monitor(f"{single} on")
        before = self._log.stat().st_size if self._log.exists() else 0
        self._monitor("log exec,nochain")
        act()
        time.sleep(settle)
        self._monitor("log none")
        for single in ("singlestep", "one-insn-per-tb"):
            self._monitor(f"{single} off")
        found = []
        begin, counts = 0, False
        with self._log.open(encoding="ascii", errors="replace") as log:
            log.seek(before)
            for line in log:
                match = EXECUTED.search(line)
                if match is None:
                    continue
                address = int(match[1], 16)
                found.append(address)
                counts = counts or address in self._frame
                if address == self._wait:
                    if not counts:
                        del found[begin:]
                    begin, counts = len(found), False
        if not counts:
            del found[begin:]
        if not found:
            raise RuntimeError("QEMU has written down no instruction around a frame")
        return found

    def connect(self):
        """A connection to the board's port, open in the board, too."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

# SPDX-License-Identifier: MIT
"""A MicroPython prompt on a serial port: what a person at a terminal does."""

import codecs
import textwrap
import time

import serial

PROMPT = ">>> "

CTRL_A = "\x01"
CTRL_B = "\x02"
CTRL_C = "\x03"
CTRL_D = "\x04"
CTRL_E = "\x05"

# QEMU looks once a second whether somebody has opened its pseudo terminal.
OPEN_SECONDS = 3


class Terminal:
    """An open serial port; a context manager that closes it."""

    def __init__(self, port, baudrate=115200):
        self.serial = serial.Serial(port, baudrate, timeout=0.05)
        self.transcript = ""
        self._seen = 0
        # A character may come in two pieces.
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.serial.close()

    def send(self, text):
        """Types `text`; a line ends with a carriage return."""
        self.serial.write(text.encode())

    def _read(self):
        data = self.serial.read(self.serial.in_waiting or 1)
        self.transcript += self._decoder.decode(data)

    def read_until(self, text, timeout=10):
        """Reads on to the next `text` and returns all up to it, `text` included."""
        deadline = time.monotonic() + timeout
        while (found := self.transcript.find(text, self._seen)) < 0:
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"{text!r} did not come within {timeout} s:\n{self.transcript}"
                )
            self._read()
        start, self._seen = self._seen, found + len(text)
        return self.transcript[start : self._seen]

    def read_for(self, seconds):
        """Returns what comes within that time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read()
        start, self._seen = self._seen, len(self.transcript)
        return self.transcript[start:]

    def interrupt(self, timeout=10):
        """Presses Ctrl-C until there is an empty prompt, whatever was going on."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            # Ctrl-B leaves the raw REPL; at the friendly one it prints the banner.
            self.send(CTRL_C + CTRL_B)
            if self.read_for(0.2).endswith(PROMPT):
                # A comment of its own, so that nothing of the above comes later.
                mark = f"# {time.monotonic_ns()}"
                self.send(mark + "\r")
                self.read_until(f"{mark}\r\n{PROMPT}", timeout)
                return
        raise AssertionError(f"no prompt within {timeout} s:\n{self.transcript}")

    def execute(self, line, timeout=10):
        """Types one line and returns what it printed, without echo and prompt."""
        self.send(line + "\r")
        self.read_until("\r\n", timeout)
        answer = self.read_until(PROMPT, timeout)
        return answer.replace("\r\n", "\n").removesuffix(PROMPT)

    def paste(self, source, timeout=20):
        """Enters a program in paste mode; returns what it printed up to the prompt."""
        self.start_paste(source)
        answer = self.read_until(PROMPT, timeout)
        return answer.replace("\r\n", "\n").removesuffix(PROMPT)

    def start_paste(self, source):
        """Enters a program in paste mode and returns as soon as it runs."""
        lines = textwrap.dedent(source).strip().split("\n")
        self.send(CTRL_E)
        self.read_until("=== ")
        for line in lines:
            self.send(line + "\r")
            self.read_until("\r\n=== ")
        self.send(CTRL_D)
        self.read_until("\r\n")

    def start_raw(self, source):
        """Enters a program in the raw REPL and returns as soon as it runs."""
        self.send("\r" + CTRL_A)
        self.read_until("raw REPL; CTRL-B to exit\r\n>")
        self.send(textwrap.dedent(source) + CTRL_D)
        self.read_until("OK")

    def raw(self, source, timeout=20):
        """Runs a program in the raw REPL; returns what it printed and its traceback."""
        self.start_raw(source)
        printed = self.read_until("\x04", timeout).removesuffix("\x04")
        error = self.read_until("\x04>", timeout).removesuffix("\x04>")
        self.send(CTRL_B)
        self.read_until(PROMPT)
        return printed.replace("\r\n", "\n"), error.replace("\r\n", "\n")

    def soft_reset(self, timeout=10):
        """Presses Ctrl-D at the prompt; returns what came up to the next one."""
        self.send(CTRL_D)
        return self.read_until("soft reboot", timeout) + self.read_until(PROMPT, timeout)

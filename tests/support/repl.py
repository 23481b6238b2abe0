# SPDX-License-Identifier: MIT
"""A MicroPython prompt on a pseudo terminal, as a person at a keyboard has it."""

import fcntl
import os
import pty
import select
import subprocess
import termios
import time

PROMPT = ">>> "


class Repl:
    """Runs `command` on a pseudo terminal and talks to its prompt.

    Use as a context manager: the program is ended on exit.
    """

    def __init__(self, command, env=None):
        self._fd, terminal = pty.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env=env,
            # As the controlling terminal it turns Ctrl-C into a signal.
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(terminal)
        self.transcript = ""
        self._seen = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._fd)

    def read_until(self, text, timeout=10):
        """Reads on to the next `text` and returns all up to it, `text` included."""
        deadline = time.monotonic() + timeout
        while (found := self.transcript.find(text, self._seen)) < 0:
            left = deadline - time.monotonic()
            ready = left > 0 and select.select([self._fd], [], [], left)[0]
            try:
                data = os.read(self._fd, 4096) if ready else b""
            except OSError:  # EIO: the program has ended
                data = b""
            if not data:
                raise AssertionError(
                    f"{text!r} did not come within {timeout} s:\n{self.transcript}"
                )
            self.transcript += data.decode(errors="replace")
        start, self._seen = self._seen, found + len(text)
        return self.transcript[start : self._seen]

    def has_lines(self):
        """Whether the terminal collects lines, as it does while no program reads single keys."""
        return bool(termios.tcgetattr(self._fd)[3] & termios.ICANON)

    def send(self, text):
        """Types `text`; a line ends with a carriage return."""
        os.write(self._fd, text.encode())

    def execute(self, line, timeout=10):
        """Types one line and returns what it printed, without echo and prompt."""
        self.send(line + "\r")
        answer = self.read_until("\n", timeout) + self.read_until(PROMPT, timeout)
        answer = answer.replace("\r\n", "\n")
        return answer.partition("\n")[2].removesuffix(PROMPT)

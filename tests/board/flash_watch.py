# SPDX-License-Identifier: MIT
"""Finds stores to the emulated board's code memory, which on the chip is flash.

There a store is a fault; on the emulated board that memory is RAM. A watchpoint of QEMU on all of
it stops the board at the first store, of an equal value too.
"""

import select
import socket
import subprocess

# lx106.ld
START = 0x40200000
LENGTH = 0x100000


class FlashWatch:
    """gdb's side of the launcher's `--gdb`.

    path: the socket. image: the program, which names functions. paused: leave the board as it is.
    """

    def __init__(self, path, image, paused=False):
        self._image = image
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._buffer = b""
        self._ask(b"?")
        answer = self._ask(b"Z2,%x,%x" % (START, LENGTH))
        assert answer == b"OK", f"QEMU has no watchpoint for {LENGTH} bytes: {answer}"
        self._found = None
        if not paused:
            self._send(b"c")

    def _send(self, data):
        self._socket.sendall(b"$%s#%02x" % (data, sum(data) & 0xFF))

    def _receive(self):
        while True:
            packet, hash_, rest = self._buffer.partition(b"#")
            if hash_ and len(rest) >= 2:
                self._buffer = rest[2:]
                self._socket.sendall(b"+")
                return packet.partition(b"$")[2]
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionError("QEMU has ended")
            self._buffer += data

    def _ask(self, data):
        self._send(data)
        answer = self._receive()
        # QEMU tells a new client that the board stands.
        while data[:1] == b"Z" and answer[:1] == b"T":
            answer = self._receive()
        return answer

    def store(self):
        """Which function has stored to flash, as text; None if none has."""
        if self._found is None and self._stands():
            # The program counter is the first register.
            registers = bytes.fromhex(self._ask(b"g").decode())
            self._found = self._function(int.from_bytes(registers[:4], "little"))
        return self._found

    def _stands(self):
        while select.select([self._socket], [], [], 0)[0]:
            try:
                data = self._socket.recv(4096)
            except ConnectionResetError:
                # QEMU was killed before it had read all.
                data = b""
            if not data:
                return False
            self._buffer += data
        # Nothing is asked while the board runs: this is all that may have come.
        said, self._buffer = self._buffer, b""
        return b"watch:" in said

    def _function(self, counter):
        command = ["nm", "--numeric-sort", "--defined-only", str(self._image)]
        symbols = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        name = "?"
        for line in symbols.splitlines():
            address, _, symbol = line.split()
            if int(address, 16) > counter:
                break
            name = symbol
        return f"{name}() at {counter:#x}"

    def close(self):
        """Let the board go on without."""
        self._socket.close()

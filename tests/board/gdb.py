# SPDX-License-Identifier: MIT
"""gdb's side of its remote protocol, to a board that ``ci/run-emulator --gdb`` has booted."""

import functools
import select
import socket
import struct
import subprocess

# The numbers of registers in QEMU's lx106: a0 ... a15, and the program counter.
A0 = 0
PC = 16


@functools.cache
def symbols(image):
    """{name: address} of what is in the program at the path `image`."""
    command = ["nm", "--defined-only", str(image)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {name: int(address, 16) for address, _, name in map(str.split, text.splitlines())}


def function_at(image, address):
    """The name of the function that is at an address of the program; "?" where none is."""
    below = [(start, name) for name, start in symbols(image).items() if start <= address]
    return max(below, default=(0, "?"))[1]


class Gdb:
    """path: the socket that is the launcher's `--gdb`. The board stands when this returns."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._buffer = b""
        self.ask(b"?")

    def send(self, data):
        """Sends a packet that is not answered, or later: `c` lets the board go on."""
        self._socket.sendall(b"$%s#%02x" % (data, sum(data) & 0xFF))

    def receive(self):
        """The next packet of QEMU; ConnectionError when that has ended."""
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

    def ask(self, data):
        """Sends a packet and returns the answer to it."""
        self.send(data)
        answer = self.receive()
        # QEMU tells a new client that the board stands, and one that has woken it perhaps twice.
        while answer[:1] == b"T" and data not in (b"?", b"s"):
            answer = self.receive()
        return answer

    def accepted(self, data):
        """Sends a packet that has to be answered with OK."""
        answer = self.ask(data)
        assert answer == b"OK", f"QEMU answers {data} with {answer}"

    def said(self):
        """What has come from QEMU meanwhile, as bytes; b"" too when it has ended."""
        while select.select([self._socket], [], [], 0)[0]:
            try:
                data = self._socket.recv(4096)
            except ConnectionResetError:
                # QEMU was killed before it had read all.
                data = b""
            if not data:
                return b""
            self._buffer += data
        said, self._buffer = self._buffer, b""
        return said

    def wake(self):
        """Lets a board that runs stand; receive() then tells that."""
        self._socket.sendall(b"\x03")

    def registers(self):
        """The values of a0 ... a15 and the program counter."""
        return struct.unpack_from("<17I", bytes.fromhex(self.ask(b"g").decode()))

    def set_registers(self, values):
        """What registers() returns, with others."""
        packet = struct.pack("<17I", *(value & 0xFFFFFFFF for value in values))
        self.accepted(b"G" + packet.hex().encode())

    def read(self, address, length):
        """The board's memory, as bytes."""
        data = b""
        while len(data) < length:
            part = min(length - len(data), 1024)
            data += bytes.fromhex(self.ask(b"m%x,%x" % (address + len(data), part)).decode())
        return data

    def write(self, address, data):
        self.accepted(b"M%x,%x:%s" % (address, len(data), data.hex().encode()))

    def close(self):
        """Let the board go on without."""
        self._socket.close()

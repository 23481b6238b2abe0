# SPDX-License-Identifier: MIT
"""A raw WebSocket client: it sends any bytes, and takes only what RFC 6455 lets a server send."""

import base64
import contextlib
import hashlib
import os
import socket
import struct
import time

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


def frame(opcode, payload=b"", *, fin=True, rsv=0, key=None, masked=True, length=None):
    """The bytes of a frame. length: (its 7 bits, the bytes that follow), instead of the right."""
    first = fin << 7 | rsv << 4 | opcode
    size = len(payload)
    if length is None:
        if size < 126:
            length = size, b""
        elif size <= 0xFFFF:
            length = 126, struct.pack(">H", size)
        else:
            length = 127, struct.pack(">Q", size)
    head = bytes([first, masked << 7 | length[0]]) + length[1]
    if not masked:
        return head + payload
    key = os.urandom(4) if key is None else key
    pad = (key * (size // 4 + 1))[:size]
    value = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
    return head + key + value.to_bytes(size, "big")


def close_payload(code, reason=b""):
    return struct.pack(">H", code) + reason


class Peer:
    """A connection; `connect` opens it."""

    def __init__(self, server, timeout=20, rcvbuf=None):
        self.sock = socket.socket()
        if rcvbuf is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.sock.settimeout(timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.connect((server.host, server.port))
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def read(self, n):
        """Exactly n bytes; EOFError at the end."""
        while len(self.buffer) < n:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                raise EOFError(self.buffer)
            self.buffer += data
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def request(self, path, fields=(), *, method="GET", version="1.1", behind=b"", **replaced):
        """Sends a handshake. replaced: fields by their names with _, None leaves one out.

        behind: bytes that leave together with it.
        """
        wanted = {
            "Host": "device.example",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": KEY.decode(),
            "Sec-WebSocket-Version": "13",
        }
        wanted.update({k.replace("_", "-"): v for k, v in replaced.items()})
        lines = [f"{method} {path} HTTP/{version}"]
        lines += [f"{k}: {v}" for k, v in (*wanted.items(), *fields) if v is not None]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode() + behind)

    def answer(self):
        """(status, {field-name in lower case: value}, body) of the answer."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.read(1)
        status, *lines = head.decode().split("\r\n")[:-2]
        fields = {}
        for line in lines:
            name, _, value = line.partition(": ")
            name = name.lower()
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        return (
            int(status.split()[1]),
            fields,
            self.read(int(fields.get("content-length", 0))),
        )

    def send(self, *args, **options):
        self.sock.sendall(frame(*args, **options))

    def send_octets(self, data, size=1):
        """In segments of `size` bytes, as far as TCP keeps them apart."""
        for i in range(0, len(data), size):
            self.sock.sendall(data[i : i + size])

    def frame(self):
        """(opcode, payload, fin) of the next frame, which must be as a server's has to be."""
        first, second = self.read(2)
        assert not first & 0x70 and not second & 0x80, (first, second)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self.read(2))
            assert size > 125
        elif size == 127:
            (size,) = struct.unpack(">Q", self.read(8))
            assert size > 0xFFFF
        opcode = first & 15
        assert opcode in (0, 1, 2, 8, 9, 10)
        if opcode >= 8:
            assert size <= 125 and first & 0x80
        return opcode, self.read(size), bool(first & 0x80)

    def message(self):
        """(opcode, payload) of the next message or control frame; pings are answered."""
        opcode, payload, fin = self.frame()
        if opcode == PING:
            self.send(PONG, payload)
            return self.message()
        if opcode >= 8:
            return opcode, payload
        assert opcode != CONTINUATION
        while not fin:
            more, part, fin = self.frame()
            assert more == CONTINUATION
            payload += part
        return opcode, payload

    def expect(self, opcode, payload):
        got = self.message()
        assert got == (opcode, payload), (got[0], got[1][:200])

    def expect_close(self, code):
        """A Close frame with that code, None for none; then the connection's end."""
        opcode, payload = self.message()
        assert opcode == CLOSE, (opcode, payload[:100])
        assert payload[:2] == (b"" if code is None else struct.pack(">H", code)), payload
        payload[2:].decode()
        if code in (1002, 1007, 1009):
            # The server reads for a moment what is under way, unless the end is known.
            self.sock.shutdown(socket.SHUT_WR)
        self.expect_end()
        return payload[2:].decode()

    def expect_end(self):
        try:
            rest = self.read(1)
        except EOFError as error:
            assert error.args == (b"",)
            return
        raise AssertionError(f"{rest} instead of the end")

    def close(self, code=1000):
        """The closing handshake."""
        self.send(CLOSE, close_payload(code))
        self.expect_close(code)
        self.sock.close()

    def abort(self):
        """Ends the connection with a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def connect(server, path, fields=(), timeout=20, rcvbuf=None, **replaced):
    """An open WebSocket. Tries again while connections that have ended still take the slots."""
    until = time.monotonic() + timeout
    while True:
        peer = Peer(server, timeout, rcvbuf)
        peer.request(path, fields, **replaced)
        status, got, body = peer.answer()
        if status != 503 or time.monotonic() > until:
            break
        peer.sock.close()
        time.sleep(0.02)
    assert status == 101, (status, got, body)
    accept = hashlib.sha1(KEY + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    assert got["upgrade"] == "websocket"
    assert got["connection"].lower() == "upgrade"
    assert got["sec-websocket-accept"] == base64.b64encode(accept).decode()
    assert "sec-websocket-extensions" not in got
    peer.fields = got
    return peer


def wait_for(condition, timeout=20):
    """Waits until condition() is true and returns what it gave."""
    until = time.monotonic() + timeout
    while True:
        with contextlib.suppress(OSError):
            if value := condition():
                return value
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.02)

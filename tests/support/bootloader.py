# SPDX-License-Identifier: MIT
"""A serial bootloader as the chips' ROM and esptool's flasher stub speak it.

Stands in for a board where none is: real flashing tools talk to it, and what they wrote
can be read from its flash. Protocol: esptool's documentation, "Serial Protocol".
"""

import hashlib
import socket
import struct
import threading
import zlib

END, ESC, ESC_END, ESC_ESC = 0xC0, 0xDB, 0xDC, 0xDD

FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
MEM_BEGIN, MEM_END, MEM_DATA = 0x05, 0x06, 0x07
SYNC, WRITE_REG, READ_REG = 0x08, 0x09, 0x0A
SPI_SET_PARAMS, SPI_ATTACH = 0x0B, 0x0D
CHANGE_BAUDRATE = 0x0F
DEFL_BEGIN, DEFL_DATA, DEFL_END = 0x10, 0x11, 0x12
FLASH_MD5 = 0x13
ERASE_FLASH, ERASE_REGION = 0xD0, 0xD1

CHIP_MAGIC = 0x40001000
# By chip: value of the magic register, SPI controller, offset of its W0, UART divider.
CHIPS = {
    "esp8266": {
        **{"magic": 0xFFF0C101, "spi": 0x60000200, "usr2": 0x24, "w0": 0x40},
        "clkdiv": 0x60000014,
    },
    "esp32": {
        **{"magic": 0x00F01D83, "spi": 0x3FF42000, "usr2": 0x24, "w0": 0x80},
        "clkdiv": 0x3FF40014,
    },
    "esp32c3": {
        **{"magic": 0x1B31506F, "spi": 0x60002000, "usr2": 0x20, "w0": 0x58},
        "clkdiv": 0x60000014,
    },
}
SPI_CMD_USR = 1 << 18
READ_ID = 0x9F
SECTOR = 4096
# Crystal, for tools that compute it from the baud rate and the divider.
CRYSTALS = {"esp8266": 26_000_000, "esp32": 40_000_000, "esp32c3": 40_000_000}


class Bootloader:
    """``receive(bytes) -> bytes``: what the chip answers to what a tool sends.

    chip: a key of CHIPS. flash_size: bytes, a power of two; ``flash`` is the whole
    content, and ``log`` notes each erase and write as (what, offset, size).
    """

    def __init__(self, chip, flash_size=4 << 20):
        self.chip = CHIPS[chip]
        self.name = chip
        self.flash = bytearray(b"\x00" * flash_size)
        self.flash_id = (flash_size.bit_length() - 1) << 16 | 0x40EF
        self.registers = {
            CHIP_MAGIC: self.chip["magic"],
            # Twice: the ESP8266's and the ESP32's tools divide by different factors.
            self.chip["clkdiv"]: CRYSTALS[chip] * (2 if chip == "esp8266" else 1) // 115200,
        }
        self.stub = False
        self.log = []
        self.baud = 115200
        self._packet = None
        self._escaped = False
        self._write = None

    def receive(self, data):
        answer = bytearray()
        for byte in data:
            if byte == END:
                if self._packet:
                    answer += self._handle(bytes(self._packet))
                self._packet = bytearray()
                self._escaped = False
            elif self._packet is None:
                continue
            elif byte == ESC:
                self._escaped = True
            elif self._escaped:
                self._packet.append(END if byte == ESC_END else ESC)
                self._escaped = False
            else:
                self._packet.append(byte)
        return bytes(answer)

    def _handle(self, packet):
        if len(packet) < 8 or packet[0] != 0:
            return b""
        command, size = packet[1], struct.unpack_from("<H", packet, 2)[0]
        if size != len(packet) - 8:
            return self._reply(command, error=0x05)
        handler = self.HANDLERS.get(command)
        if handler is None:
            return self._reply(command, error=0x05)
        return handler(self, command, packet[8:])

    def _reply(self, command, value=0, data=b"", error=0):
        status = bytes((1 if error else 0, error))
        # The ESP32's ROM answers with two bytes more than its stub and the ESP8266.
        if self.name != "esp8266" and not self.stub:
            status += b"\0\0"
        return slip(
            struct.pack("<BBHI", 1, command, len(data) + len(status), value) + data + status
        )

    def _sync(self, command, data):
        if data != b"\x07\x07\x12\x20" + b"\x55" * 32:
            return self._reply(command, error=0x05)
        # Tools tell a stub that still runs by the value.
        return self._reply(command, 0 if self.stub else 0x20120707) * 8

    def _read_reg(self, command, data):
        (address,) = struct.unpack("<I", data)
        return self._reply(command, self.registers.get(address, 0))

    def _write_reg(self, command, data):
        for at in range(0, len(data), 16):
            address, value, mask, _ = struct.unpack_from("<IIII", data, at)
            spi = self.chip["spi"]
            if address == spi and value & SPI_CMD_USR:
                if self.registers.get(spi + self.chip["usr2"], 0) & 0xFF == READ_ID:
                    self.registers[spi + self.chip["w0"]] = self.flash_id
                value = 0
            old = self.registers.get(address, 0)
            self.registers[address] = (old & ~mask | value & mask) & 0xFFFFFFFF
        return self._reply(command)

    def _mem_end(self, command, data):
        stay, entry = struct.unpack("<II", data)
        answer = self._reply(command)
        if not stay and entry:
            self.stub = True
            answer += slip(b"OHAI")
        return answer

    def _begin(self, command, data):
        size, _, block, offset = struct.unpack_from("<IIII", data)
        if offset % SECTOR or offset + size > len(self.flash):
            return self._reply(command, error=0x06)
        self._erase(offset, size)
        inflate = zlib.decompressobj() if command == DEFL_BEGIN else None
        self._write = [offset, size, inflate]
        self.log.append(("write", offset, size))
        return self._reply(command)

    def _data(self, command, data):
        size, _, _, _ = struct.unpack_from("<IIII", data)
        block = data[16:]
        if self._write is None or size != len(block):
            return self._reply(command, error=0x05)
        offset, left, inflate = self._write
        if (command == DEFL_DATA) != (inflate is not None):
            return self._reply(command, error=0x05)
        if inflate:
            block = inflate.decompress(block)
        # Uncompressed writes pad the last block.
        block = block[:left]
        for i, byte in enumerate(block):
            # Flash can only clear bits.
            self.flash[offset + i] &= byte
        self._write = [offset + len(block), left - len(block), inflate]
        return self._reply(command)

    def _md5(self, command, data):
        offset, size, _, _ = struct.unpack("<IIII", data)
        digest = hashlib.md5(self.flash[offset : offset + size])
        text = digest.digest() if self.stub else digest.hexdigest().encode()
        return self._reply(command, data=text)

    def _erase(self, offset, size):
        end = (offset + size + SECTOR - 1) // SECTOR * SECTOR
        self.flash[offset:end] = b"\xff" * (end - offset)

    def _erase_flash(self, command, data):
        if not self.stub:
            return self._reply(command, error=0x05)
        self._erase(0, len(self.flash))
        self.log.append(("erase", 0, len(self.flash)))
        return self._reply(command)

    def _erase_region(self, command, data):
        if not self.stub:
            return self._reply(command, error=0x05)
        offset, size = struct.unpack("<II", data)
        self._erase(offset, size)
        self.log.append(("erase", offset, size))
        return self._reply(command)

    def _baud(self, command, data):
        self.baud = struct.unpack_from("<I", data)[0]
        return self._reply(command)

    def _ok(self, command, data):
        return self._reply(command)

    HANDLERS = {
        SYNC: _sync,
        READ_REG: _read_reg,
        WRITE_REG: _write_reg,
        MEM_BEGIN: _ok,
        MEM_DATA: _ok,
        MEM_END: _mem_end,
        SPI_ATTACH: _ok,
        SPI_SET_PARAMS: _ok,
        CHANGE_BAUDRATE: _baud,
        FLASH_BEGIN: _begin,
        DEFL_BEGIN: _begin,
        FLASH_DATA: _data,
        DEFL_DATA: _data,
        FLASH_END: _ok,
        DEFL_END: _ok,
        FLASH_MD5: _md5,
        ERASE_FLASH: _erase_flash,
        ERASE_REGION: _erase_region,
    }


def slip(packet):
    """A packet with its delimiters (RFC 1055)."""
    escaped = packet.replace(bytes([ESC]), bytes([ESC, ESC_ESC]))
    escaped = escaped.replace(bytes([END]), bytes([ESC, ESC_END]))
    return bytes([END]) + escaped + bytes([END])


class SerialServer:
    """A Bootloader behind a TCP port, for tools that take ``socket://`` as their port."""

    def __init__(self, bootloader):
        self.bootloader = bootloader
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.bootloader.stub = False  # opening the port resets the board
            with connection:
                while data := _receive(connection):
                    answer = self.bootloader.receive(data)
                    if answer:
                        connection.sendall(answer)

    def close(self):
        # close() alone would leave accept() waiting.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)
        self._listener.close()


def _receive(connection):
    try:
        return connection.recv(65536)
    except OSError:
        return b""

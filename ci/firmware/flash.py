# SPDX-License-Identifier: MIT
"""ci/flash deploy|erase|monitor: put an image on a board and talk to it.

    ci/flash deploy  --port PORT [--board B] [--variant V] [--image FILE] [--baud N]
                     [--flash-mode MODE]
    ci/flash erase   --port PORT [--board B]
    ci/flash monitor --port PORT

An image is looked into before anything is written: its kind decides about the chip and
the offset, by boards/flash.toml. --image defaults to what `make firmware` built.
"""

import argparse
import dataclasses
import pathlib
import subprocess
import sys

from . import FirmwareError, image, table

BAUD = 460800


def check(path, board=None):
    """What an image file is: a Variant that has its chip, and its kind.

    Raises FirmwareError for a file that no board here can be flashed with, and when it
    is not for ``board``.
    """
    try:
        data = pathlib.Path(path).read_bytes()
    except OSError as error:
        raise FirmwareError(f"{path}: {error.strerror}") from None
    try:
        chip, kind, _ = image.identify(data)
    except image.ImageError as error:
        raise FirmwareError(f"{path} is {error}") from None
    if kind not in ("image", "merged"):
        raise FirmwareError(
            f"{path} is no whole image ({kind}): it would be no use at the start of flash. "
            f"For an update over the air, esp32.Partition writes it; to flash a board, take "
            f"the file of the same name without the suffix"
        )
    if board and table.get(board).chip != chip:
        raise FirmwareError(
            f"{path} is an image for {chip}, not for {board}, which has {table.get(board).chip}"
        )
    return next(v for v in table.load().values() if v.chip == chip), kind


def write_command(path, port, baud=BAUD, board=None, flash_mode=None):
    """esptool's arguments (release 5) that write an image where it belongs."""
    variant, kind = check(path, board)
    if flash_mode:
        variant = dataclasses.replace(variant, flash_mode=flash_mode)
    return [
        *("--chip", variant.chip, "--port", port, "--baud", str(baud)),
        *("write-flash", *variant.flash_options, hex(variant.files[kind]), str(path)),
    ]


def erase_command(port, board, baud=BAUD):
    chip = table.get(board).chip if board else "auto"
    return ["--chip", chip, "--port", port, "--baud", str(baud), "erase-flash"]


def default_image(board, variant):
    entry = table.get(board, variant or "")
    path = entry.build_dir / f"{entry.name}.bin"
    if not path.exists():
        raise FirmwareError(
            f"{path} is not there: build it with make firmware BOARD={board}"
            f"{f' VARIANT={variant}' if variant else ''}, or name a file with IMAGE="
        )
    return path


def need_port(port):
    if port:
        return port
    from serial.tools import list_ports

    found = sorted(p.device for p in list_ports.comports())
    there = ", ".join(found) if found else "none that the system knows"
    raise FirmwareError(f"Name the serial port with PORT=. There is: {there}")


def _run(command):
    print(" ".join(command[2:]), file=sys.stderr, flush=True)
    return subprocess.run(command).returncode


def main(argv):
    parser = argparse.ArgumentParser(prog="ci/flash", description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("deploy", "erase", "monitor"))
    parser.add_argument("--port", default="")
    parser.add_argument("--board", default="")
    parser.add_argument("--variant", default="")
    parser.add_argument("--image", default="")
    parser.add_argument("--baud", type=int, default=BAUD)
    parser.add_argument("--flash-mode", choices=image.FLASH_MODES)
    options = parser.parse_args(argv)
    try:
        port = need_port(options.port)
        if options.action == "monitor":
            return _run([sys.executable, "-m", "mpremote", "connect", port, "repl"])
        if options.action == "erase":
            command = erase_command(port, options.board, options.baud)
        else:
            path = options.image or default_image(options.board, options.variant)
            # A named file says by itself what it is for.
            board = None if options.image else options.board
            command = write_command(path, port, options.baud, board, options.flash_mode)
        return _run([sys.executable, "-m", "esptool", *command])
    except FirmwareError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

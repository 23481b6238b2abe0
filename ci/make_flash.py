# SPDX-License-Identifier: MIT
"""Makes a flash image for the emulated board; ci/make-flash is its command line.

make_flash.py IMAGE [SOURCE[:NAME]]...
"""

import os
import pathlib
import sys

from littlefs import LittleFS

FLASH_SIZE = 4 * 1024 * 1024
BLOCK_SIZE = 4096
# Of the 4 MiB; ROMFS has the others.
BLOCK_COUNT = 992


def add_file(image, name, data):
    """Stores `data` as the file /`name`, with the folders that it needs."""
    parent = pathlib.PurePosixPath("/", name).parent
    image.makedirs(str(parent), exist_ok=True)
    with image.open(f"/{name}", "wb") as file:
        file.write(data)


def add(image, source, name):
    """Stores a file, or all that is in a folder, under `name`."""
    if source.is_file():
        add_file(image, name, source.read_bytes())
        return
    for path in sorted(source.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            add_file(image, f"{name}/{path.relative_to(source).as_posix()}", path.read_bytes())


def main(arguments):
    if not arguments:
        print(__doc__.strip().splitlines()[-1], file=sys.stderr)
        return 1
    target, *sources = arguments
    image = LittleFS(block_size=BLOCK_SIZE, block_count=BLOCK_COUNT)
    for argument in sources:
        source, _, name = argument.partition(":")
        source = pathlib.Path(source)
        if not source.exists():
            print(f"there is no {source}", file=sys.stderr)
            return 1
        add(image, source, (name or source.resolve().name).strip("/"))
    # An interrupted run leaves no half image behind.
    new = pathlib.Path(f"{target}.new")
    new.write_bytes(bytes(image.context.buffer).ljust(FLASH_SIZE, b"\xff"))
    os.replace(new, target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

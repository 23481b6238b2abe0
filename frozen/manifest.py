# SPDX-License-Identifier: MIT
# What every image contains beside MicroPython. Boards add asyncio themselves,
# because some ports freeze it already.
import os

# Files of these packages that an image is without, relative to the package's folder.
options.defaults(without=())


def freeze_package(name, without=()):
    # Sorted, because the order of a folder's files differs between machines, and with it
    # the bytes of the image.
    files = sorted(
        os.path.relpath(os.path.join(folder, file), name)
        for folder, _, names in os.walk(name)
        for file in names
        if file.endswith(".py")
    )
    # Without line numbers, as asyncio is frozen too: they would take a twelfth more of flash.
    package(name, files=[file for file in files if file not in without], opt=3)


freeze_package("tinyweb", options.without)
freeze_package("examples", options.without)

# Imports of these take no heap: docs/rom.md
include("manifest_rom.py")
rom("tinyweb")
rom("examples")
rom(
    "asyncio",
    # Streams only look up in it, and hand it to nobody.
    constant=("asyncio.stream:Stream.__init__",),
    # tinyweb.aio puts another class in its place.
    variables=("asyncio.core:IOQueue",),
    # What asyncio.__getattr__() would import when it is asked for.
    append={
        "asyncio": "from .event import Event, ThreadSafeFlag\n"
        "from .funcs import gather, wait_for, wait_for_ms\n"
        "from .lock import Lock\n"
        "from .stream import StreamReader, StreamWriter, open_connection, start_server",
    },
)

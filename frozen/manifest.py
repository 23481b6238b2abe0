# SPDX-License-Identifier: MIT
# What every image contains beside MicroPython. Boards add asyncio themselves,
# because some ports freeze it already.
import os
import subprocess
import sys

# Files of these packages that an image is without, relative to the package's folder.
# start: whether main.py is looked after, which computers need not.
# opt: the level of optimisation, as MicroPython counts it.
options.defaults(without=(), start=True, opt=3)

# Those of examples/ that images carry; docs/examples.md tells of each, and of the others.
EXAMPLES = (
    "__init__.py",
    "board.py",
    "gpio.py",
    "hello_world.py",
    "rest_api.py",
    "static_content.py",
    "thermostat.py",
)

# Sorted, because the order of a folder's files differs between machines, and with it
# the bytes of the image.
files = sorted(
    os.path.relpath(os.path.join(folder, file), "tinyweb")
    for folder, _, names in os.walk("tinyweb")
    for file in names
    if file.endswith(".py")
)
# By default without line numbers, as asyncio is frozen too: they would take a twelfth more of
# flash.
for package_name, names in (("tinyweb", files), ("examples", EXAMPLES)):
    package(
        package_name,
        files=[name for name in names if name not in options.without],
        opt=options.opt,
    )

# The device's pages, compressed, with what ci/build-highlight made.
if "device/assets.py" not in options.without:
    pages = os.path.abspath("../build/pages")
    subprocess.run(
        [
            sys.executable,
            "../ci/pack-assets",
            "../web/device",
            pages + "/tinyweb/device/assets.py",
            "--bare",
            "--over",
            "../build/highlight",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    package("tinyweb", files=["device/assets.py"], base_path=pages, opt=3)
    if options.start:
        module("main.py", base_path="boot", opt=3)

# Imports of these take no heap: docs/rom.md
include("manifest_rom.py")
rom("tinyweb")
rom("examples")
rom(
    "asyncio",
    # Streams only look up in it, and hand it to nobody.
    constant=("asyncio.stream:Stream.__init__",),
    # tinyweb.aio puts another class in its place.
    variables=("asyncio.core:IOQueue", "asyncio.core:run_until_complete"),
    # What asyncio.__getattr__() would import when it is asked for.
    append={
        "asyncio": "from .event import Event, ThreadSafeFlag\n"
        "from .funcs import gather, wait_for, wait_for_ms\n"
        "from .lock import Lock\n"
        "from .stream import StreamReader, StreamWriter, open_connection, start_server",
    },
)

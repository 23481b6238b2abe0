# SPDX-License-Identifier: MIT
# What every image contains beside MicroPython. Boards add asyncio themselves,
# because some ports freeze it already.
import os


def freeze_package(name):
    # Sorted, because the order of a folder's files differs between machines, and with it
    # the bytes of the image.
    files = [
        os.path.relpath(os.path.join(folder, file), name)
        for folder, _, names in os.walk(name)
        for file in names
        if file.endswith(".py")
    ]
    package(name, files=sorted(files))


freeze_package("tinyweb")
freeze_package("examples")

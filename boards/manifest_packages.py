# SPDX-License-Identifier: MIT
# What a board freezes of micropython-lib; its own manifest includes this with packages=(...).

options.defaults(packages=())

for package in options.packages:
    # micropython-lib is a submodule; a source archive of MicroPython is without it.
    try:
        require(package)
    except ValueError:
        print("Left out, lib/micropython-lib is missing:", package)

# SPDX-License-Identifier: MIT
# What the image freezes: everything that the official image does, and TinyWeb.


def optional(package):
    # micropython-lib is a submodule; a source archive of MicroPython is without it.
    try:
        require(package)
    except ValueError:
        print("Left out, lib/micropython-lib is missing:", package)


# Named one by one: the order of a folder's files differs between machines, and with
# it the bytes of the image.
freeze(
    "$(PORT_DIR)/modules",
    (
        "_boot.py",
        "apa106.py",
        "espnow.py",
        "flashbdev.py",
        "inisetup.py",
        "machine.py",
    ),
)
include("$(MPY_DIR)/extmod/asyncio")

for package in (
    "bundle-networking",
    "aioespnow",
    "dht",
    "ds18x20",
    "neopixel",
    "onewire",
    "umqtt.robust",
    "umqtt.simple",
    "upysh",
):
    optional(package)

include("$(TINYWEB_TOP)/frozen/manifest.py")

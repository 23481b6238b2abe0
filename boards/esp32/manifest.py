# SPDX-License-Identifier: MIT
# What the image freezes: everything that the official image does, and TinyWeb.

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

packages = (
    "bundle-networking",
    "aioespnow",
    "dht",
    "ds18x20",
    "neopixel",
    "onewire",
    "umqtt.robust",
    "umqtt.simple",
    "upysh",
)
include("$(TINYWEB_TOP)/boards/manifest_packages.py", packages=packages)
include("$(TINYWEB_TOP)/frozen/manifest.py")

# SPDX-License-Identifier: MIT
# What the image freezes: everything that the official image of the same flash size
# does, asyncio, and TinyWeb. manifest_1m.py includes this with flash_1m=True.

options.defaults(flash_1m=False)

# Named one by one: the order of a folder's files differs between machines, and with
# it the bytes of the image.
freeze(
    "$(PORT_DIR)/modules",
    (
        "_boot.py",
        "apa102.py",
        "inisetup.py",
        "port_diag.py",
    ),
)
if not options.flash_1m:
    module("espnow.py", base_path="$(PORT_DIR)/modules")
# Keeps a file system that an image with another header has made.
module("flashbdev.py", base_path="modules")
include("$(MPY_DIR)/extmod/asyncio")

packages = ("dht", "ds18x20", "neopixel", "onewire")
if options.flash_1m:
    # bundle-networking without what needs TLS.
    packages += ("ntptime", "requests", "urequests", "webrepl")
else:
    packages += ("bundle-networking", "ssd1306", "umqtt.robust", "umqtt.simple", "upysh")
include("$(TINYWEB_TOP)/boards/manifest_packages.py", packages=packages)

# There is one place for a program.
without = ("device/fetch.py", "device/image.py", "device/release.py", "device/update.py")
# Features that 1 MiB of flash has no room for.
if options.flash_1m:
    without += (
        "auth.py",
        "background.py",
        "broadcast.py",
        "checks.py",
        "cookies.py",
        "cors.py",
        "csrf.py",
        "digest.py",
        "dns.py",
        "expressions.py",
        "guards.py",
        "guest.py",
        "headers.py",
        "interfaces.py",
        "limit.py",
        "login.py",
        "mdns.py",
        "passwords.py",
        "refusals.py",
        "sessions.py",
        "sign.py",
        "sse.py",
        "template.py",
        "testing.py",
        "tls.py",
        "uploads.py",
        "websocket.py",
        "wifi.py",
        "device/__init__.py",
        "device/about.py",
        "device/actions.py",
        "device/apps.py",
        "device/archive.py",
        "device/assets.py",
        "device/clock.py",
        "device/console.py",
        "device/guard.py",
        "device/improv.py",
        "device/log.py",
        "device/neighbours.py",
        "device/pages.py",
        "device/portal.py",
        "device/reset_pin.py",
        "device/romfs.py",
        "device/settings.py",
        "device/setup_page.py",
        "device/start.py",
        "device/station.py",
        "device/tree.py",
        "device/unpack.py",
        "device/webrepl.py",
        # Of the examples, those that need something wired, files, or features from above.
        "board.py",
        "gpio.py",
        "rest_api.py",
        "static_content.py",
        "thermostat.py",
    )

include("manifest_tls_$(TINYWEB_TLS).py")
include("$(TINYWEB_TOP)/frozen/manifest.py", without=without)

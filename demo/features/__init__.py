# SPDX-License-Identifier: MIT
"""The demo's features, a module for each. What outlives them is here."""

settings = {"name": "My board", "accent": "teal", "interval": 2}
notes = [{"id": 1, "text": "Flash the firmware"}, {"id": 2, "text": "Say hello to the LED"}]
next_id = 3
# Counts changes of the list, so that a page knows when to read it again.
revision = 0
# What the LED of a machine without pins would do.
led = False

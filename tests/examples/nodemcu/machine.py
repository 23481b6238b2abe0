# SPDX-License-Identifier: MIT
"""Stands in for the pins of a NodeMCU, which a PC does not have (runs on MicroPython)."""


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 1

    def __init__(self, gpio, mode, pull=None, value=0):
        # As on the chip: an input with a pull-up reads 1 while nothing is connected.
        self.is_output = mode == Pin.OUT
        self.level = value if self.is_output else int(pull == Pin.PULL_UP)

    def value(self, level=None):
        if level is None:
            return self.level
        if not self.is_output:
            raise ValueError("not an output")
        self.level = int(bool(level))

# SPDX-License-Identifier: MIT
"""What the original tinyweb imports of micropython-lib's logging; errors go to stderr."""

import sys


class Logger:
    def __init__(self, name):
        self.name = name

    def error(self, message, *args):
        print(self.name, message % args if args else message, file=sys.stderr)

    exception = error


def getLogger(name="root"):
    return Logger(name)

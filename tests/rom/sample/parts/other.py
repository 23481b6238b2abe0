# SPDX-License-Identifier: MIT
# Imports the module that imports it.
from . import state


def name():
    return __name__ + "+" + state.__name__

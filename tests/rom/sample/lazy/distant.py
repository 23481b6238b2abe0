# SPDX-License-Identifier: MIT
def far():
    return "far"

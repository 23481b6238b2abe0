# SPDX-License-Identifier: MIT
# Stays frozen ordinarily: what it writes is not known when it is built.
def keep(name, value):
    globals()[name] = value

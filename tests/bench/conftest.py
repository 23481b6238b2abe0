# SPDX-License-Identifier: MIT
"""Makes the package bench/ importable: it is a tool of the repository, not installed."""

import sys

from support.simulator import TOP

sys.path.insert(0, str(TOP))

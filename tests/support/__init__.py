# SPDX-License-Identifier: MIT
"""What the tests share: programs run in the simulator, as commands and as servers."""

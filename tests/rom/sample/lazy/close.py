# SPDX-License-Identifier: MIT
from . import far

near = "near " + far()

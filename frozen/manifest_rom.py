# SPDX-License-Identifier: MIT
# Gives manifests the function rom(): rom("package") puts a package that is frozen into ROM, so
# that its import takes no heap. ROM=0 in the environment builds without. See docs/rom.md.
import os
import sys

sys.path.append(os.path.abspath("../ci"))

from rom.manifest import install

install(include.__self__)

# SPDX-License-Identifier: MIT
# A simulator with the package of tests/rom/sample in ROM, as a user freezes one: docs/rom.md.
include("$(TINYWEB_MANIFEST)")
package("sample")
rom("sample")

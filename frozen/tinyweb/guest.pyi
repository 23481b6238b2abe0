# SPDX-License-Identifier: MIT
class Guest:
    closed: bool
    def abort(self) -> None: ...

# SPDX-License-Identifier: MIT
# Without TLS there is no hashlib.sha1 in C, and WebREPL and WebSocket need it.
module("hashlib.py", base_path="modules")

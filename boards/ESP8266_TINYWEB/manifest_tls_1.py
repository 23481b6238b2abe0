# SPDX-License-Identifier: MIT
# With TLS hashlib.sha1 is built in.

# SPDX-License-Identifier: MIT
"""Examples that every image carries: `import examples.hello_world as hello; hello.run()`."""

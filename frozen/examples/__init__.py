# SPDX-License-Identifier: MIT
"""Programs that show one thing each; docs/examples.md has them all, with pictures.

`import examples.hello_world as hello; hello.run()` starts one that the image has. One that no
image has says so in its first lines.
"""

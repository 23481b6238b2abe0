# SPDX-License-Identifier: MIT
# The port runs a frozen main.py in the place of the file, with the names of the prompt; this one
# runs the file and looks after it. One expression, so that it leaves no name there.
__import__("tinyweb.device.start", None, None, (True,)).run()

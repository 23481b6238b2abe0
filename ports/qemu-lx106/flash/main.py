# SPDX-License-Identifier: MIT
# Starts the demo when the board boots, and leaves the prompt free for other things.

from tinyweb import background

import demo

demo.main(loop_forever=False)
background.start()
print("The demo runs on port 8081. To stop it: demo.app.shutdown()")

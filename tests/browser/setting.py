# SPDX-License-Identifier: MIT
"""Where things are, how Chromium is started, and how large its windows are."""

from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
DEMO = TOP / "demo/main.py"
NODEMCU = TOP / "tests/examples/nodemcu"
SCREENSHOTS = TOP / "build/screenshots"

# The demo with the garbage collection, slots and buffers that it has on an ESP8266.
CHIP_SIZED = f"""
    import gc, sys, tinyweb
    gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
    webserver = tinyweb.webserver
    tinyweb.webserver = lambda: webserver(max_concurrency=3, buffer_size=512)
    sys.path.insert(0, {str(DEMO.parent)!r})
    import main

    main.main()
"""

DESKTOP = {"width": 1100, "height": 900}
PHONE = {"width": 360, "height": 740}
TALL = {"width": 400, "height": 890}

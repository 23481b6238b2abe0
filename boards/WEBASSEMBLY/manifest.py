# SPDX-License-Identifier: MIT
import os

# The port's event loop, with what this page puts in the place of its package's first file.
package("asyncio", ("event.py", "funcs.py", "lock.py"), base_path="$(MPY_DIR)/extmod", opt=3)
package("asyncio", ("core.py",), base_path="$(PORT_DIR)", opt=3)
package("asyncio", ("__init__.py",), base_path="modules", opt=3)
module("socket.py", base_path="modules", opt=3)
# Without what a page has nothing for: the device beside an application, timers, UDP, TLS, Wi-Fi.
device = sorted(name for name in os.listdir("../../frozen/tinyweb/device") if name.endswith(".py"))
include(
    "../../frozen/manifest.py",
    without=(
        *(f"device/{name}" for name in device),
        "device/assets.py",
        "background.py",
        "dns.py",
        "mdns.py",
        "tls.py",
        "wifi.py",
    ),
)

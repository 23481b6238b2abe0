# SPDX-License-Identifier: MIT
"""Words that the pages about boards use."""

# How a page calls what `import` or a program's strings call otherwise.
WORDS = {
    "VfsFat": "FAT",
    "VfsLfs2": "littlefs",
    "VfsRom": "ROMFS",
    "aioespnow": "`aioespnow`",
    "asm_xtensa": "inline assembler",
    "bluetooth": "Bluetooth",
    "espnow": "ESP-NOW",
    "native": "native",
    "network": "Wi-Fi",
    "ssl": "TLS",
    "tls": "TLS",
    "viper": "`@micropython.native`",
    "webrepl": "WebREPL",
}

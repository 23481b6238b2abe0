# SPDX-License-Identifier: MIT
"""What lwIP holds on the emulated board, read from the board's memory while it stands."""

import struct

from .gdb import symbols

# Of include/lwip/priv/memp_priv.h: size, num, base, and where the list of the free ones begins.
POOL = struct.Struct("<HHII")
# Of core/mem.c: where the next and the previous piece are, and whether this one is taken.
PIECE = struct.Struct("<HHB")
POOLS = ("PBUF", "PBUF_POOL", "TCP_SEG", "UDP_PCB", "TCP_PCB", "TCP_PCB_LISTEN", "SYS_TIMEOUT")


def word(gdb, address):
    return int.from_bytes(gdb.read(address, 4), "little")


def taken(gdb, image):
    """{name of a pool: how many of its elements are taken}, and "heap": bytes of lwIP's heap."""
    names = symbols(image)
    counts = {}
    for pool in POOLS:
        _, total, _, first = POOL.unpack(gdb.read(names[f"memp_{pool}"], POOL.size))
        free = 0
        element = word(gdb, first)
        while element:
            free += 1
            element = word(gdb, element)
        counts[pool] = total - free
    # TCP has a timer while there is a connection, be it one that has ended.
    counts["SYS_TIMEOUT"] -= word(gdb, names["tcpip_tcp_timer_active"])
    counts["heap"] = heap_taken(gdb, names)
    return counts


def heap_taken(gdb, names):
    start, end = word(gdb, names["ram"]), word(gdb, names["ram_end"])
    memory = gdb.read(start, end - start)
    at = bytes_taken = 0
    while at < len(memory):
        following, _, used = PIECE.unpack_from(memory, at)
        if used:
            bytes_taken += following - at
        at = following
    return bytes_taken


def pool_number(gdb, image, pool):
    """The number of a pool of lwIP, as memp_malloc() gets it."""
    names = symbols(image)
    wanted = names[f"memp_{pool}"]
    pools = (word(gdb, names["memp_pools"] + 4 * number) for number in range(32))
    return next(number for number, address in enumerate(pools) if address == wanted)

# SPDX-License-Identifier: MIT
# accept() with as many blocks of the heap as are left. It runs on the board.

import gc
import select
import socket

from _tinyweb import aio

BLOCK = 16
# More than the heap has.
_BLOCKS = 3000
_MOST = 14

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(socket.getaddrinfo("0.0.0.0", 8081)[0][-1])
listener.listen(5)
listener.setblocking(False)
poll = select.poll()
poll.register(listener, select.POLLIN)
nodelay = socket.TCP_NODELAY


def attempt(blocks):
    """One accept() with that many blocks free; tells whether its memory was there."""
    taken = [None] * _BLOCKS
    left = bytearray(blocks * BLOCK)
    gc.collect()
    pair = None
    number = 0
    try:
        while True:
            taken[number] = (number,)  # a block each
            number += 1
    except MemoryError:
        pass
    del left  # and the block of the bytearray itself
    gc.collect()
    try:
        pair = aio.accept(listener, nodelay)
    except MemoryError:
        pass
    taken = None
    gc.collect()
    enough = pair is not None
    if not enough:
        pair = aio.accept(listener, nodelay)
    pair[0].send(b"served")
    pair[0].close()
    return enough


for blocks in range(1, _MOST):
    print("next")
    poll.poll()
    print(attempt(blocks), "tried")
listener.close()
print("end")

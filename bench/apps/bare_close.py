# SPDX-License-Identifier: MIT
"""The ceiling for one request a connection: accept, read once, write a constant, close.

Nothing is parsed, looked up or built; what remains is the price of the sockets and of
the loop itself in this MicroPython.
"""

import select
import sys

from bare import answer, listen


def serve(host, port):
    message = answer("1.0")
    listener, poller = listen(host, port)
    buffer = bytearray(2048)
    while True:
        for ready in poller.ipoll():
            stream = ready[0]
            try:
                if stream is listener:
                    stream = listener.accept()[0]
                    stream.setblocking(False)
                    poller.register(stream, select.POLLIN)
                elif stream.readinto(buffer) is not None:
                    stream.write(message)
                    poller.unregister(stream)
                    stream.close()
            except OSError:
                # The client was gone before its turn came.
                if stream is not listener:
                    poller.unregister(stream)
                    stream.close()


serve(sys.argv[2], int(sys.argv[1]))

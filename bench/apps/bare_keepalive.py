# SPDX-License-Identifier: MIT
"""The ceiling for many requests a connection: read once, write a constant, keep it open."""

import select
import sys

from bare import answer, listen


def serve(host, port):
    message = answer("1.1")
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
                    continue
                received = stream.readinto(buffer)
                if received:
                    stream.write(message)
                    continue
                if received is None:
                    continue
            except OSError:
                # The client was gone before its turn came.
                if stream is listener:
                    continue
            poller.unregister(stream)
            stream.close()


serve(sys.argv[2], int(sys.argv[1]))

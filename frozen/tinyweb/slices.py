# SPDX-License-Identifier: MIT
"""The body of a request in slices of one buffer, for `async for`."""


class Slices:
    """What `async for part in request` goes through, an asynchronous iterator.

    Each part is a memoryview of 1 to buffer_size bytes, valid until the next one is asked for.
    Raises what request.readinto() does.
    """

    def __init__(self, request):
        self._request = request
        self._buf = memoryview(bytearray(request._slot.server.buffer_size))

    def __anext__(self):
        """The next part. Coroutine."""
        n = yield from self._request.readinto(self._buf)
        if not n:
            raise StopAsyncIteration
        return self._buf[:n]

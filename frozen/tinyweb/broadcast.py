# SPDX-License-Identifier: MIT
"""One message to many WebSockets or event streams, of which a slow one holds up no other."""

from asyncio import create_task


class Broadcast:
    """A group of clients: objects that with_websocket or with_sse made. Closed ones leave it.

    limit: messages that may wait for a client that does not take them as fast as they come.
    drop: whether the oldest one then makes room; otherwise the client's connection is closed.
    """

    def __init__(self, limit=4, drop=False):
        self.limit = limit
        self.drop = drop
        self._clients = {}  # client -> messages that wait, or None if nothing is on its way

    def add(self, client):
        """Let `client` get what is sent from now on."""
        if client not in self._clients and client._join(self):
            self._clients[client] = None

    def discard(self, client):
        """Let `client` get nothing more but what waits for it already."""
        client._part(self)
        self._forget(client)

    def _forget(self, client):
        # The client has ended. Needs no memory.
        self._clients.pop(client, None)

    def __len__(self):
        return sum(not client.closed for client in self._clients)

    def send(self, *args, **kwargs):
        """Send to all: `args` and `kwargs` are what their own send() takes. No coroutine.

        Returns at once; what a client does not take now is sent as soon as it does.
        """
        for client in list(self._clients):
            try:
                alive = self._send(client, args, kwargs)
            except OSError:
                alive = False
            except MemoryError:
                client.abort()
                alive = False
            if not alive:
                self.discard(client)

    def _send(self, client, args, kwargs):
        queue = self._clients[client]
        if queue is None:
            rest = client.offer(*args, **kwargs)
            if rest is not None:
                queue = self._clients[client] = []
                create_task(self._drain(client, rest, queue))
            return True
        if len(queue) >= self.limit:
            if not self.drop:
                client.abort()
                return False
            queue.pop(0)
        queue.append((args, kwargs))
        return True

    async def _drain(self, client, rest, queue):
        # Runs only while a client is slow.
        try:
            await rest
            while queue:
                args, kwargs = queue.pop(0)
                await client.send(*args, **kwargs)
        except OSError:
            pass  # send() finds it closed.
        except Exception:
            client.abort()  # It would get nothing more.
            raise
        if self._clients.get(client) is queue:
            self._clients[client] = None

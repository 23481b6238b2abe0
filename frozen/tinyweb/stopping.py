# SPDX-License-Identifier: MIT
"""The end of serving."""

import asyncio
from time import ticks_add, ticks_diff, ticks_ms

from tinyweb import aio


async def stop(server, timeout):
    """The method stop() of `server`."""
    server.stopping = server.closing = True
    _close_listener(server)
    due = ticks_add(ticks_ms(), int(timeout * 1000))
    for slot in server.slots:
        if slot.state == "idle":
            slot.give_up()
        if slot.guest is not None:
            slot.guest.leave()
    while ticks_diff(due, ticks_ms()) > 0 and any(slot.sock for slot in server.slots):
        await asyncio.sleep_ms(20)
    server.shutdown()


def _close_listener(server):
    if server._acceptor is not None:
        aio.cancel(server._acceptor)
    listener = server._listener
    if listener is not None:
        # On lwIP, closing a listener forgets every second of the connections that wait to be
        # accepted, without ending them, and what comes of them later writes to memory that is
        # free (extmod/modlwip.c, lwip_socket_free_incoming). So none may wait.
        try:
            while True:
                listener.accept()[0].close()
        except Exception:
            pass  # EAGAIN: that was all. Without memory nothing better can be done.
        listener.close()
    if server._newcomer is not None:
        # The acceptor may not run again to do so.
        server._newcomer.close()
    server._listener = server._acceptor = server._newcomer = None


def shutdown(server):
    """The method shutdown() of `server`."""
    server.stopping = server.closing = True
    _close_listener(server)
    if server._watchdog is not None:
        aio.cancel(server._watchdog)
    server._watchdog = None
    slots = server.slots
    server.slots = []
    for slot in slots:
        slot.end()
    if server._forever:
        server._forever = False
        asyncio.create_task(_leave_loop(slots))


async def _leave_loop(slots):
    # The slot whose handler called shutdown() still has to send its response.
    for slot in slots:
        while slot.task is not None and not slot.task.done():
            await asyncio.sleep_ms(5)
    asyncio.get_event_loop().stop()

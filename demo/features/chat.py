# SPDX-License-Identifier: MIT
"""A chat: what one page sends over its WebSocket, all of them get."""

import json

from tinyweb.broadcast import Broadcast
from tinyweb.websocket import with_websocket

room = Broadcast()


def count():
    """Tell everybody how many are here."""
    room.send(json.dumps({"here": len(room)}))


def busy():
    return len(room)


def add(app, folder):
    """Register the routes of chat.html; `folder` is where this file is."""

    # A WebSocket follows no redirect, so the page asks for this first.
    @app.route("/chat/here", methods=["GET"])
    def here(request, response):
        return {"here": len(room)}

    @app.route("/chat/socket", methods=["GET"])
    @with_websocket(max_message=256)
    async def socket(request, ws):
        room.add(ws)
        count()
        try:
            async for message in ws:
                if isinstance(message, str):
                    room.send(json.dumps({"text": message}))
        finally:
            room.discard(ws)
            count()

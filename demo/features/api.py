# SPDX-License-Identifier: MIT
"""The dashboard's REST API: what changes."""

import sys

import features
from examples import board
from micropython import const

# The list lives in memory, so it needs an end, and so do its entries.
MAX_NOTES = const(12)
MAX_NOTE = const(80)

LED = "D4"


def status(data):
    """Return everything that the page shows and that may have changed."""
    pins = board.pins()
    lit = features.led
    if pins:
        for pin in pins:
            if pin["name"] == LED:
                lit = not pin["value"]
    return {
        "settings": features.settings,
        "system": getattr(sys.implementation, "_machine", sys.platform),
        "version": ".".join([str(n) for n in sys.implementation.version[:3]]),
        "uptime": board.uptime(),
        "memory": board.memory(),
        "network": board.network(),
        "pins": pins,
        "led": lit,
        "revision": features.revision,
    }


def set_led(data):
    """Switch the LED, which is the board's own where there is one."""
    if data.get("on") not in (True, False):
        return {"message": "on must be true or false"}, 400
    features.led = bool(data["on"])
    board.write(LED, 0 if features.led else 1)
    return {"on": features.led}


def set_pin(data, name):
    """Set an output to 0 or 1."""
    if data.get("value") not in (0, 1):
        return {"message": "value must be 0 or 1"}, 400
    if not board.write(name, data["value"]):
        return {"message": "no such output"}, 404
    return {"name": name, "value": data["value"]}


class Notes:
    def get(self, data):
        """Return the list."""
        return {"notes": features.notes, "revision": features.revision}

    def post(self, data):
        """Add a note."""
        text = data.get("text")
        if not isinstance(text, str) or not 0 < len(text.strip()) <= MAX_NOTE:
            return {"message": "A note has 1 to 80 characters."}, 400
        if len(features.notes) >= MAX_NOTES:
            return {"message": "The list is full. Delete a note first."}, 409
        note = {"id": features.next_id, "text": text.strip()}
        features.notes.append(note)
        features.next_id += 1
        features.revision += 1
        return note, 201


class Note:
    def delete(self, data, note_id):
        """Delete a note."""
        for note in features.notes:
            if str(note["id"]) == note_id:
                features.notes.remove(note)
                features.revision += 1
                return {"message": "deleted"}
        return {"message": "no such note"}, 404


def add(app, folder):
    """Register the resources; `folder` is where this file is."""
    app.resource("/api/status")(status)
    app.resource("/api/led", method="PUT")(set_led)
    app.resource("/api/pins/<name>", method="PUT")(set_pin)
    app.add_resource(Notes, "/api/notes")
    app.add_resource(Note, "/api/notes/<note_id>")

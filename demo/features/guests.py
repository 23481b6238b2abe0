# SPDX-License-Identifier: MIT
"""A guest book: a page made by a template, and a form that needs no script."""

from tinyweb.csrf import Csrf
from tinyweb.template import render

from micropython import const

MAX_ENTRIES = const(12)

entries = []
csrf = Csrf()


def count(items):
    return "{} {}".format(len(items), "entry" if len(items) == 1 else "entries")


def add(app, folder):
    """Register the routes; `folder` is where this file and its templates are."""

    @app.route("/guests/book", methods=["GET"])
    def book(request, response):
        return render(folder + "guests.html", entries=entries, count=count)

    @app.route("/guests/book", methods=["POST"])
    @csrf
    async def write(request, response):
        form = await request.read_parse_form_data()
        name = str(form.get("name", "")).strip()
        text = str(form.get("text", "")).strip()
        if not 0 < len(text) <= 120 or len(name) > 24:
            await response.error(400)
            return
        entries.insert(0, {"name": name, "text": text})
        del entries[MAX_ENTRIES:]
        await response.redirect("/guests/book")

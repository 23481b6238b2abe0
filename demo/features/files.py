# SPDX-License-Identifier: MIT
"""Files: what browsers send, streamed to the file system, and sent back."""

import os

from tinyweb import HTTPException, uploads
from tinyweb.static import Site

from micropython import const

FOLDER = "files"
# Bytes that are sent at once, and what a form has beside its files.
LIMIT = const(2 << 20)
FORM = const(4096)


def stored():
    """[name, size] of each file; hidden ones are uploads under way."""
    return sorted(
        [entry[0], os.stat(FOLDER + "/" + entry[0])[6]]
        for entry in os.ilistdir(FOLDER)
        if not entry[0].startswith(".")
    )


def busy():
    """Whether an upload is under way, which has a hidden file."""
    return any(entry[0].startswith(".") for entry in os.ilistdir(FOLDER))


def add(app, folder):
    """Register the routes of files.html and cache.html; `folder` is where this file is."""
    try:
        os.mkdir(FOLDER)
    except OSError:
        uploads.clean(FOLDER)

    @app.route("/files/list", methods=["GET"])
    def show(request, response):
        return {"files": stored(), "free": uploads.free(FOLDER), "limit": LIMIT}

    @app.route("/files/form", methods=["POST"], max_body_size=LIMIT + FORM)
    async def receive(request, response):
        await uploads.receive_form(request, FOLDER)
        await response.redirect("/files.html")

    # Browsers keep these and ask each time whether they have changed.
    app.add_route("/files/data/<name>", Site(FOLDER), methods=["GET"])

    @app.route("/files/data/<name>", methods=["PUT"], max_body_size=LIMIT)
    async def put(request, response, name):
        await uploads.receive_file(request, FOLDER + "/" + uploads.safe_name(name))
        response.code = 204

    @app.route("/files/data/<name>", methods=["DELETE"])
    async def delete(request, response, name):
        try:
            os.remove(FOLDER + "/" + uploads.safe_name(name))
        except OSError:
            raise HTTPException(404)
        response.code = 204

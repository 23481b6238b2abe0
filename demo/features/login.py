# SPDX-License-Identifier: MIT
"""Login by a form, and a page that only those who are logged in see."""

from tinyweb.csrf import Csrf
from tinyweb.login import Login
from tinyweb.sessions import Sessions

# tinyweb.passwords.hash_password("secret") made it at the prompt.
USERS = {
    "admin": "pbkdf2-sha256$1000$NkjS-47YGX2qIl8z$O5AmDZIxwaKXrIWYX5QL8TaYiielkBsMAfH2p-aokEg",
}

login = Login(Sessions(), USERS, url="/login/form")
csrf = Csrf()


def page(path, failed=False):
    """The lines of the page in a file, without that about a failed login unless there was one."""
    with open(path) as file:
        for line in file:
            if failed or 'role="alert"' not in line:
                yield line


def add(app, folder):
    """Register the routes; `folder` is where this file and its pages are."""

    @app.route("/login/form")
    @csrf
    @login.form
    async def form(request, response):
        return page(folder + "login.html", request.failed)

    @app.route("/login/page", methods=["GET"])
    @login
    async def private(request, response):
        # Not to be seen after the logout, by the button that leads back.
        response.add_header("Cache-Control", "no-store")
        return page(folder + "private.html")

    @app.route("/login/out", methods=["POST"])
    @csrf
    @login.logout
    async def logout(request, response):
        await response.redirect("/login/form")

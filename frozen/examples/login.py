# SPDX-License-Identifier: MIT
"""A page that needs a login: form, session, logout, and protection against forged requests.

No image has it. To copy it to a board and start it:

    mpremote cp frozen/examples/login.py : + exec "import login; login.run()"

The user is admin, the password is secret. Make your own with
tinyweb.passwords.hash_password("...") at the prompt, and put what it returns into USERS.
"""

import tinyweb
from tinyweb.csrf import Csrf
from tinyweb.login import Login
from tinyweb.sessions import Sessions

USERS = {
    "admin": "pbkdf2-sha256$1000$NkjS-47YGX2qIl8z$O5AmDZIxwaKXrIWYX5QL8TaYiielkBsMAfH2p-aokEg",
}

app = tinyweb.webserver(buffer_size=512)
login = Login(Sessions(), USERS)
csrf = Csrf()

HEAD = '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
FORM = """<title>Login</title><h1>Login</h1>
<form method="post">
<p><label>User <input name="user" autocomplete="username" required></label>
<p><label>Password
<input name="password" type="password" autocomplete="current-password" required></label>
<p><button>Log in</button>
</form>
"""
PAGE = """<title>Device</title><h1>Device</h1>
<p>Only those who are logged in see this.
<form method="post" action="/logout"><button>Log out</button></form>
"""


@app.route("/login")
@csrf
@login.form
async def login_page(req, resp):
    await resp.start_html()
    await resp.send(HEAD + FORM)
    if req.failed:
        await resp.send("<p role=alert>That is not the right user and password.\n")


@app.route("/")
@login
async def index(req, resp):
    resp.add_header("Cache-Control", "no-store")
    await resp.start_html()
    await resp.send(HEAD + PAGE)


@app.route("/logout", methods=["POST"])
@csrf
@login.logout
async def logout(req, resp):
    await resp.redirect("/login")


def run(host="0.0.0.0", port=8081):
    app.run(host, port)


if __name__ == "__main__":
    run()

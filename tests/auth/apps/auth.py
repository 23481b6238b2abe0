# SPDX-License-Identifier: MIT
# Basic, Bearer and Digest.
import asyncio
import sys

import tinyweb
from tinyweb.auth import basic_auth, bearer_auth
from tinyweb.digest import digest_auth, digest_password
from tinyweb.limit import Limiter
from tinyweb.passwords import hash_password

app = tinyweb.webserver(buffer_size=512)


async def check(user, password):
    await asyncio.sleep_ms(1)
    if password == "forbidden":
        raise tinyweb.HTTPException(403)
    return {"name": user} if password == user + "!" else None


users = basic_auth({"ann": hash_password("sécret: 1", 50)}, 'the "device"')
own = basic_auth(check)
limited = basic_auth({"ann": hash_password("x", 20)}, limiter=Limiter(attempts=3))
tokens = bearer_auth({"t0ken==": "ann", "other": "bob"})
own_tokens = bearer_auth(lambda token: token.startswith("good"))
digest = digest_auth({"ann": digest_password("ann", "device", "sécret: 1")}, nonces=2)
short = digest_auth({"ann": digest_password("ann", "device", "x")}, nonce_life=0)


async def look_up(user):
    await asyncio.sleep_ms(1)
    return digest_password(user, "own", user + "!") if user != "nobody" else None


own_digest = digest_auth(look_up, "own")


@users
async def hello(req, resp, *parameters):
    await resp.send(f"{req.user} {parameters}")


app.add_route("/basic", hello)
app.add_route("/basic/<name>", hello)
app.add_route("/limited", limited(lambda req, resp: resp.send(req.user)))


@app.route("/own")
@own
def own_page(req, resp):
    # No coroutine itself, but it returns one.
    return resp.send(req.user["name"])


@app.route("/bearer")
@tokens
async def bearer(req, resp):
    await resp.send(req.user)


@app.route("/own-bearer")
@own_tokens
async def own_bearer(req, resp):
    await resp.send(req.user)


@app.route("/digest")
@digest
async def digest_page(req, resp):
    await resp.send(req.user + " " + (await req.read()).decode())


@app.route("/short")
@short
async def short_page(req, resp):
    await resp.send(req.user)


@app.route("/own-digest")
@own_digest
async def own_digest_page(req, resp):
    await resp.send(req.user)


app.run(host=sys.argv[2], port=int(sys.argv[1]))

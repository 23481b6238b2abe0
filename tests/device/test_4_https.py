# SPDX-License-Identifier: MIT
"""HTTPS on a board that has TLS: more clients at once than it has memory for."""

import concurrent.futures
import http.client
import ssl

import pytest
import trustme

CLIENTS = 12
HTTPS = 8443

PROGRAM = """
import tinyweb
from tinyweb import tls
app = tinyweb.webserver()
safe = tinyweb.webserver(request_timeout=30)
@app.route("/")
@safe.route("/")
async def hello(request, response):
    await response.send("hello")

safe.run("0.0.0.0", {port}, loop_forever=False, ssl=tls.context({files}, queue_timeout=30))
app.run("0.0.0.0", 8081)
"""


@pytest.fixture
def trust(online):
    """The board serves HTTPS and HTTP; the context of a client that trusts it."""
    terminal = online.terminal
    if "ok" not in terminal.execute("import sys, tls; print('ok' * (sys.platform != 'esp8266'))"):
        pytest.skip("this image has no TLS for servers")
    host, _ = online.address()
    authority = trustme.CA()
    certificate = authority.issue_cert(host, key_type=trustme.KeyType.ECDSA)
    blobs = {
        "test_certificate.pem": certificate.cert_chain_pems[0].bytes(),
        "test_key.pem": certificate.private_key_pem.bytes(),
    }
    for name, blob in blobs.items():
        terminal.paste(f"with open({name!r}, 'wb') as f: f.write({blob!r})")
    terminal.soft_reset()
    online.start(PROGRAM.format(port=HTTPS, files=", ".join(map(repr, blobs))))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    yield context
    online.stop()
    for name in blobs:
        terminal.execute(f"import os; os.remove({name!r})")


def get(board, trust):
    """The body, or the error with which the board has refused the connection."""
    connection = http.client.HTTPSConnection(*board.address(HTTPS), timeout=120, context=trust)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    except (ConnectionError, ssl.SSLError) as error:
        return error
    finally:
        connection.close()


def test_twelve_clients_at_once(online, trust):
    assert get(online, trust) == b"hello"
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        answers = [pool.submit(get, online, trust) for _ in range(CLIENTS)]
        # Meanwhile the network has memory for others.
        for _ in range(3):
            assert online.get("/", timeout=30)[2] == b"hello"
        results = [answer.result() for answer in answers]
    assert results.count(b"hello") >= CLIENTS // 2, results
    assert get(online, trust) == b"hello"

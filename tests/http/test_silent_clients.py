# SPDX-License-Identifier: MIT
"""A client that connects and says nothing loses its slot, whatever the slot did before."""

import socket

import requests

PROGRAM = """
import sys
import tinyweb

app = tinyweb.webserver(request_timeout=0.5, max_concurrency=1)

@app.route('/')
async def index(request, response):
    await response.send('page')

app.run(sys.argv[2], int(sys.argv[1]))
"""


def silent_client_is_closed(server):
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        return client.recv(10) == b""


def test_first_connection(serve):
    assert silent_client_is_closed(serve(PROGRAM))


def test_after_a_client_that_closed_an_idle_connection(serve):
    server = serve(PROGRAM)
    with requests.Session() as session:
        assert session.get(server.url, timeout=10).text == "page"
    assert silent_client_is_closed(server)
    assert requests.get(server.url, timeout=10).text == "page"


def test_after_a_connection_that_the_server_closed(serve):
    server = serve(PROGRAM)
    headers = {"Connection": "close"}
    assert requests.get(server.url, headers=headers, timeout=10).text == "page"
    assert silent_client_is_closed(server)
    assert requests.get(server.url, headers=headers, timeout=10).text == "page"


def test_after_another_silent_client(serve):
    server = serve(PROGRAM)
    assert silent_client_is_closed(server)
    assert silent_client_is_closed(server)
    assert requests.get(server.url, timeout=10).text == "page"

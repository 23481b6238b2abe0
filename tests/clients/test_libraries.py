# SPDX-License-Identifier: MIT
"""httpx and requests: sessions, parallel requests, streams, downloads given up."""

import asyncio
import concurrent.futures
import contextlib

import httpx
import pytest
import requests

BITS = 32
LINE = b"0123456789abcdef" * 64


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_requests_session(server, session, content):
    for number in range(30):
        assert session.get(server.url).text == "<h1>index</h1>"
        assert session.get(f"{server.url}/things/{number}").json()["id"] == str(number)
        assert session.post(server.url + "/form", data={"n": number}).json() == {"n": str(number)}
        assert session.put(server.url + "/things/1", json={"x": [1]}).json()["data"] == {"x": [1]}
    assert session.get(server.url + "/file").content == content
    assert session.head(server.url + "/file").headers["content-length"] == str(len(content))


def test_requests_stream(server, session):
    with session.get(server.url + "/stream/300", stream=True) as response:
        assert b"".join(response.iter_content(777)) == LINE * 300


def test_requests_chunked_upload(server, session, content):
    pieces = (content[at : at + 7777] for at in range(0, len(content), 7777))
    response = session.post(server.url + "/upload", data=pieces)
    assert response.json() == [len(content), sum(content)]


def test_requests_download_given_up(server, session):
    for _ in range(12):
        response = session.get(server.url + "/stream/20000", stream=True)
        assert next(response.iter_content(100))
        response.close()


def test_requests_threads(server, content):
    """More threads than slots, each with its own connection: all are served in the end.

    A kept connection may be closed when the client is about to use it again; any client has to
    try once more then (RFC 9112 section 9.3.1).
    """

    def work(number):
        with requests.Session() as session:
            session.trust_env = False
            session.mount("http://", requests.adapters.HTTPAdapter(max_retries=5))
            for _ in range(5):
                assert session.get(f"{server.url}/things/{number}").json()["id"] == str(number)
            return session.get(server.url + "/file").content

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert list(pool.map(work, range(12))) == [content] * 12


@pytest.mark.parametrize(("connections", "kept"), [(4, 4), (10, 0)])
def test_httpx_many_at_once(server, connections, kept):
    async def main():
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=kept)
        async with httpx.AsyncClient(
            base_url=server.url, limits=limits, timeout=20, trust_env=False
        ) as client:
            waiting = list(range(100))

            # No more of them than connections: httpx would connect first, and send when it has
            # begun all the others, while a client that is silent for a second may lose its slot.
            async def one_after_the_other():
                while waiting:
                    i = waiting.pop()
                    assert (await client.get(f"/things/{i}")).json()["id"] == str(i)

            await asyncio.gather(*(one_after_the_other() for _ in range(connections)))

    asyncio.run(main())


def test_httpx_cancelled_requests(server):
    async def main():
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            for path in ("/slow", "/stream/20000", "/file"):
                for _ in range(8):
                    with contextlib.suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(client.get(path), 0.01)

    asyncio.run(main())


def test_httpx_reads_slowly_and_stops(server):
    with (
        httpx.Client(base_url=server.url, trust_env=False) as client,
        client.stream("GET", "/stream/3000") as response,
    ):
        for number, _ in enumerate(response.iter_bytes(10000)):
            if number == 5:
                break

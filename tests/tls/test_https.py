# SPDX-License-Identifier: MIT
"""HTTPS with the simulator's mbedTLS; certificates are made for each run."""

import contextlib
import pathlib
import socket
import ssl
import subprocess
import time

import httpx
import pytest
import trustme

from support.simulator import start_server

APP = pathlib.Path(__file__).with_name("app.py")


@pytest.fixture(scope="module")
def app(files, tmp_path_factory):
    server = start_server(APP, folder=tmp_path_factory.mktemp("app"), args=files)
    server.url = server.url.replace("http:", "https:")
    yield server
    assert "Traceback" not in server.log()
    server.stop()


@pytest.fixture
def client(app, trust):
    with httpx.Client(base_url=app.url, verify=trust, timeout=20, trust_env=False) as session:
        yield session


def free(client, wanted):
    """Wait until so many slots are free beside the one that answers."""
    deadline = time.monotonic() + 20
    while (found := int(client.get("/free").text)) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def test_request_and_kept_connection(client):
    assert [client.get("/").text for _ in range(20)] == ["hello"] * 20


@pytest.mark.parametrize("number", range(3))
def test_close(app, trust, number):
    headers = {"Connection": "close"}
    with httpx.Client(verify=trust, trust_env=False, timeout=20) as session:
        assert session.get(app.url, headers=headers).text == "hello"


def test_curl(app, authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    command = ["curl", "-sS", "--noproxy", "*", "--cacert", str(tmp_path / "ca.pem"), app.url]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "hello"


def test_long_answer(client):
    content = client.get("/bytes/1048576").content
    assert content == bytes(range(256)) * 4096


def test_upload(client):
    assert client.post("/upload", content=bytes(1_000_000)).text == "1000000"


def test_plain_http_is_not_answered(app, client):
    with socket.create_connection((app.host, app.port), timeout=20) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while part := peer.recv(1000):
                data += part
    assert b"HTTP/" not in data
    assert client.get("/").text == "hello"


def test_handshakes_take_slots_and_end(app, client):
    """Clients that say nothing keep others waiting, and not for longer than the timeout."""
    before = int(client.get("/turns").text)
    silent = [socket.create_connection((app.host, app.port), timeout=20) for _ in range(3)]
    try:
        assert client.get("/").text == "hello"
        for peer in silent:
            with contextlib.suppress(ConnectionResetError):
                assert peer.recv(100) == b""
        # Meanwhile the event loop went on.
        assert int(client.get("/turns").text) > before + 100
    finally:
        for peer in silent:
            peer.close()
    assert free(client, 2) == 2


def client_hello(trust):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        trust.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1").do_handshake()
    return outgoing.read()


def test_handshakes_that_are_cut_off(app, trust, client):
    hello = client_hello(trust)
    for length in range(0, len(hello), 7):
        with socket.create_connection((app.host, app.port), timeout=20) as peer:
            peer.sendall(hello[:length])
    assert free(client, 2) == 2


def test_handshakes_that_are_spoiled(app, trust, client):
    hello = client_hello(trust)
    for position in range(0, len(hello), 11):
        spoiled = bytearray(hello)
        spoiled[position] ^= 0x55
        with socket.create_connection((app.host, app.port), timeout=20) as peer:
            peer.sendall(spoiled)
            peer.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                while peer.recv(4000):
                    pass
    assert free(client, 2) == 2


def test_client_that_does_not_trust_us(app, client):
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(app.url, trust_env=False, timeout=20, verify=ssl.create_default_context())
    assert client.get("/").text == "hello"


@pytest.mark.parametrize("kind", [trustme.KeyType.ECDSA, trustme.KeyType.RSA])
def test_kinds_of_keys(serve, tmp_path, trust, authority, write, kind):
    certificate = authority.issue_cert("127.0.0.1", key_type=kind)
    server = serve(APP, args=write(certificate, tmp_path / "files"))
    url = server.url.replace("http:", "https:")
    assert httpx.get(url, verify=trust, timeout=20, trust_env=False).text == "hello"


CONTEXT = """
import sys
from tinyweb import tls
try:
    tls.context(sys.argv[1], sys.argv[2])
except Exception as exc:
    print(type(exc).__name__)
"""


def test_files_that_do_not_do(run_mpy, files, tmp_path):
    certificate, key = files
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    assert run_mpy(CONTEXT, args=(certificate, key)).stdout == ""
    assert run_mpy(CONTEXT, args=(tmp_path / "none", key)).stdout == "OSError\n"
    assert run_mpy(CONTEXT, args=(certificate, tmp_path / "none")).stdout == "OSError\n"
    assert run_mpy(CONTEXT, args=(text, key)).stdout == "ValueError\n"
    assert run_mpy(CONTEXT, args=(certificate, text)).stdout == "ValueError\n"


def test_firmware_without_tls(run_mpy, files):
    """The 32-bit simulator has none."""
    assert run_mpy(CONTEXT, args=files, bits=32).stdout == "NotImplementedError\n"

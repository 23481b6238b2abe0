# SPDX-License-Identifier: MIT
"""Fixtures of the tests of multicast DNS."""

import pathlib
import socket

import pytest

from support.simulator import start_server

APP = pathlib.Path(__file__).parent / "apps" / "responder.py"
GROUP = "224.0.0.251"


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def start(request, tmp_path):
    """``start(host, port, ...)``: the server that answers there for lamp.local with 127.0.0.1.

    What follows are further arguments of apps/responder.py.
    """
    servers = []

    def run(host, port, *more):
        args = (host, port, *more)
        servers.append(start_server(APP, folder=tmp_path, bits=request.param, args=args))
        return servers[-1]

    yield run
    for server in servers:
        assert server.process.poll() is None, server.log()
        server.stop()


@pytest.fixture
def member():
    """A socket that belongs to the group, on the loopback interface."""
    here = socket.inet_aton("127.0.0.1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(20)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((GROUP, 0))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
        sock.setsockopt(
            socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + here
        )
        yield sock

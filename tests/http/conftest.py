# SPDX-License-Identifier: MIT
"""Each module of this folder names a program in APP; it is served once for the module."""

import pathlib

import httpx
import pytest

from support.simulator import start_server
from support.wire import Wire

APPS = pathlib.Path(__file__).parent / "apps"


@pytest.fixture(scope="module")
def serve_options():
    """Keyword arguments for start_server(); a module overrides this fixture."""
    return {}


@pytest.fixture(scope="module")
def app(request, tmp_path_factory, serve_options):
    """The module's program, being served."""
    folder = tmp_path_factory.mktemp("app")
    server = start_server(APPS / request.module.APP, folder=folder, **serve_options)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client(app):
    """An httpx.Client for the module's program."""
    with httpx.Client(base_url=app.url, timeout=10, trust_env=False) as session:
        yield session


@pytest.fixture
def wire(app):
    """``wire()`` opens a raw connection to the module's program."""

    def connect(**options):
        return Wire(app.host, app.port, **options)

    return connect

# SPDX-License-Identifier: MIT
"""Each module of this folder names a program in APP; it is served once for the module.

In the simulator, and then on the emulated board for one in four of the cases, always the same
ones; with --all-cases for all of them.
"""

import pathlib
import re

import httpx
import pytest
from board.selection import deselect
from board.served import BoardServer

from support.simulator import start_server

APPS = pathlib.Path(__file__).parent / "apps"


# What a board with the chip's heap cannot do, or is asked of a process on this computer.
ELSEWHERE = re.compile(
    r"test_max_body_size(_of_a_resource\[board|\[board-/large-20000)"
    r"|test_body_as_it_was_sent\[board-.*-5000-/read/(-1|100000)\]"
    r"|test_body_beyond_the_limit\[board-.*/read/100000\]"
    r"|test_value\[.*(lambda-large|big-parts)"
    r"|test_files_are_closed"
)


def pytest_collection_modifyitems(config, items):
    """Leaves out most of the cases on the board unless all are asked for."""

    def is_elsewhere(item):
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if parameters.get("app") != "board":
            return None
        return parameters.get("serve_options") == 64 or bool(ELSEWHERE.match(item.name))

    deselect(config, items, is_elsewhere)


@pytest.fixture(scope="module")
def serve_options():
    """Keyword arguments for start_server(); a module overrides this fixture."""
    return {}


@pytest.fixture(scope="module", params=["simulator", "board"])
def app(request, tmp_path_factory, serve_options):
    """The module's program, being served."""
    folder = tmp_path_factory.mktemp("app")
    program = APPS / request.module.APP
    if request.param == "board":
        server = BoardServer(program, folder=folder, cwd=serve_options.get("cwd"))
    else:
        server = start_server(program, folder=folder, **serve_options)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client(app):
    """An httpx.Client for the module's program."""
    with httpx.Client(base_url=app.url, timeout=10, trust_env=False) as session:
        yield session

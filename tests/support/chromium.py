# SPDX-License-Identifier: MIT
"""The system's Chromium under Playwright; fixtures that tests/conftest.py gives to all.

Playwright's synchronous API keeps an event loop running in the main thread while it is open, in
which neither asyncio.run() nor a second Playwright works. So it is closed after each module.
"""

import contextlib
import os
import shutil

import pytest

from support.simulator import TOP

# Root in a container has no sandbox; the others keep the browser from looking up anything
# beside the page under test.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def playwright():
    # Only tests with a browser take the time that this import needs.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        yield p


@pytest.fixture(scope="module")
def launch(playwright):
    """Return a context manager for a headless Chromium with further flags."""
    path = shutil.which("chromium") or str(TOP / "build" / "chromium" / "chromium")
    assert os.access(path, os.X_OK), (
        "chromium is missing: ci/install-deps browser && ci/install-chromium"
    )

    @contextlib.contextmanager
    def start(*flags):
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()

    return start


@pytest.fixture(scope="module")
def browser(launch):
    """The Chromium that a module's tests share; each opens pages or contexts of its own."""
    with launch() as b:
        yield b

# SPDX-License-Identifier: MIT
"""The page of applications in a browser, served by the simulator with a chip's heap."""

import pytest
from playwright.sync_api import expect

from .conftest import answer_with, settings
from .test_apps import LAMP, UNPACKED, archive, tree


def install(page, name, data):
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


@pytest.mark.parametrize("top", ["", "lamp-1.0/", "./lamp-1.0/"])
def test_archive_becomes_an_application(lamp, visit, top):
    page = visit(lamp, "apps/")
    install(page, "light.tar", archive({f"{top}{name}": data for name, data in LAMP.items()}))
    expect(page.get_by_role("status")).to_have_text("Installed: light.tar")
    expect(page.get_by_role("listitem")).to_have_count(2)
    assert tree(lamp.files / "apps" / "light") == UNPACKED
    answer_with(page)
    page.get_by_role("button", name="Delete: apps/light").click()
    expect(page.get_by_role("listitem")).to_have_count(1)
    assert not (lamp.files / "apps" / "light").exists()


def test_module_is_installed_and_edited(lamp, visit):
    page = visit(lamp, "apps/")
    expect(page.get_by_role("listitem")).to_contain_text("main.pystarts with the device")
    install(page, "blink.py", b"print('blink')\n")
    expect(page.get_by_role("status")).to_have_text("Installed: blink.py")
    assert (lamp.files / "apps" / "blink.py").read_bytes() == b"print('blink')\n"
    page.get_by_role("link", name="apps/blink.py").click()
    expect(page.get_by_label("Text of /apps/blink.py")).to_have_value("print('blink')\n")


def test_what_is_refused_is_told(lamp, visit):
    page = visit(lamp, "apps/")
    install(page, "light.tar", archive({"main.py": b"", "../evil.py": b""}))
    expect(page.get_by_role("status")).to_contain_text("Only files and folders within the archive")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    install(page, "light.romfs", b"no image")
    # The simulator has no ROMFS.
    expect(page.get_by_role("status")).to_contain_text("light.romfs: ")
    page.get_by_label("URL of a file").fill("http://127.0.0.1/x.py")
    page.get_by_role("button", name="Install", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Not Implemented")
    visit.complaints.clear()


def test_none_starts_with_the_device(lamp, visit):
    page = visit(lamp, "apps/")
    page.get_by_role("button", name="Start none with the device").click()
    expect(page.get_by_text("No application starts with the device.")).to_be_visible()
    assert settings(lamp)["main"] == ""

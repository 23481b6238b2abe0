# SPDX-License-Identifier: MIT
"""Pictures of pages, of which ci/pictures makes those of the documentation."""

from support.simulator import TOP

SCREENSHOTS = TOP / "build" / "screenshots"
WINDOW = {"width": 1240, "height": 780}


def take(page, name):
    """Leaves what the window of `page` shows in build/screenshots/NAME.png."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=picture)
    assert picture.read_bytes().startswith(b"\x89PNG")

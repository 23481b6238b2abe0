# SPDX-License-Identifier: MIT
"""Templates: the first byte moves the template against the pieces that it is read in."""

from harness import raises, run
from tinyweb.template import Template, TemplateError

# More pages than this are not looked at: a template may go through lists in each other.
MOST = 4096


def up(value):
    """A filter."""
    return str(value).upper()


def values():
    return {
        "a": 1,
        "b": "<&\">'",
        "c": [1, "x", [2, 3]],
        "d": {"k": "v", "n": {"m": None}},
        "e": [],
        "f": 2.5,
        "g": b"bytes",
        "up": up,
        "pairs": [(1, 2), (3, 4)],
    }


def render(template):
    """The page, and the error in the place of its end."""
    page = b""
    try:
        for part in template.render(**values()):
            assert isinstance(part, bytes), part
            page += part
            if len(page) > MOST:
                break
    except TemplateError as exc:
        # What is wrong, and in which line.
        assert exc.args[0].startswith("t:"), exc
        return page, str(exc)
    return page, None


def check(data):
    if not data:
        return
    before = b"." * (data[0] + data[0] % 2 * 128)
    text = data[1:]
    template = raises(TemplateError, Template, text, "t")
    moved = raises(TemplateError, Template, before + text, "t")
    assert (template is None) == (moved is None)
    if template is None or template.parent is not None or b"include" in text:
        return
    page, error = render(template)
    if b"bound_method" in page:
        return  # Shown with its address, and made anew each time
    assert render(template) == (page, error)
    if error is None and len(page) + 256 <= MOST:
        assert render(moved) == (before + page, error), (page, render(moved))
    if error is None and b"{" not in text and b"}" not in text:
        assert page == text


run(check)

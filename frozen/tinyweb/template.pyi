# SPDX-License-Identifier: MIT
"""Templates of HTML: compiled once, escaped by themselves, sent part by part.

What is kept of a template is a tree with the places of its texts; the texts themselves are read
from the file while it is rendered. So memory depends neither on the template's size nor on the
page's.
"""

from collections.abc import Iterator
from typing import Any

from _tinyweb import escape as escape

class TemplateError(ValueError):
    """What is wrong with a template: 'name:line: message'."""

class Template:
    """A template: `text` is str or bytes. `name` is what errors call it.

    Raises TemplateError for a template that is malformed.
    """

    def __init__(self, text: str | bytes, name: str = "template") -> None: ...
    def render(self, **values: Any) -> Iterator[bytes]:
        """The page, as a generator of bytes. `values` are what the template can name."""

def load(path: str) -> Template:
    """The template in the file `path`. Compiled ones are kept until the file changes, up to four.

    Raises OSError where there is none, TemplateError for one that is malformed.
    """

def render(path: str, **values: Any) -> Iterator[bytes]:
    """The page of the template in the file `path`, as a generator of bytes.

    values: what the template can name.
    """

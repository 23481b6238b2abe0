# SPDX-License-Identifier: MIT
"""A client that drives an application without sockets: for tests, and at the REPL.

The application's own slot, parser and response writer serve it, over a stream in memory.
"""

from typing import Any

from tinyweb.server import webserver

class Answer:
    """What an application has answered.

    status: int. body: bytes, chunks decoded.
    headers: {name: value}, str, as the application spells them; a list of str for a field that was
        sent several times.
    """

    status: int
    headers: dict[str, str | list[str]]
    body: bytes
    def __init__(self, status: int, headers: dict[str, str | list[str]], body: bytes) -> None: ...
    @property
    def text(self) -> str:
        """The body, str. Raises UnicodeError if it is no UTF-8."""
    def json(self) -> Any:
        """The object that the body is in JSON. Raises ValueError if it is none."""

class TestClient:
    """A client of `app`, a webserver, which need not run. Redirects are not followed.

    cookies: {name: value}, str; those that the application has set, or the test. Their attributes
        are not looked at, but Max-Age=0.
    """

    app: webserver
    cookies: dict[str, str]
    def __init__(self, app: webserver) -> None: ...
    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        form: dict[str, str] | None = None,
    ) -> Any:
        """Send a request. Returns the Answer, or in a running event loop a coroutine with it.

        method: str. path: percent-encoded, with its query, str.
        body: bytes; str in UTF-8; or a dict or list, as JSON.
        headers: {name: value}, str.
        form: {name: value}, str, in the place of `body`.

        Raises OSError if the connection ends before the answer does.
        """
    def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        """request("GET", path, headers=headers)."""
    def head(self, path: str, headers: dict[str, str] | None = None) -> Any:
        """request("HEAD", path, headers=headers)."""
    def post(
        self,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        form: dict[str, str] | None = None,
    ) -> Any:
        """request("POST", path, body, headers, form=form)."""
    def put(
        self,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        form: dict[str, str] | None = None,
    ) -> Any:
        """request("PUT", path, body, headers, form=form)."""
    def patch(
        self,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        form: dict[str, str] | None = None,
    ) -> Any:
        """request("PATCH", path, body, headers, form=form)."""
    def delete(self, path: str, headers: dict[str, str] | None = None) -> Any:
        """request("DELETE", path, headers=headers)."""
    def close(self) -> None:
        """Close the connection that is kept for the next request."""

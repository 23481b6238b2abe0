# SPDX-License-Identifier: MIT
"""Sessions: a dict that the client keeps for the application, in a signed cookie.

The cookie's value is payload.stamp.signature: the dict as JSON in base64url, the time it was
written in hexadecimal, and the HMAC-SHA256 of both and of the cookie's name. Clients can read it,
but not change it. Where the clock was never set the stamp is 0, and a random number that each
start draws anew goes into the signature instead: such a session ends with the next start.
"""

from collections.abc import Callable
from typing import Any

class Session(dict[str, Any]):
    """The session of a request, req.session. What is put into it has to be JSON.

    Nothing of it is kept unless save() is called, before the response begins.
    """

    def save(self) -> None:
        """Send the session to the client.

        Raises ValueError where it gets larger than a cookie, or the head that it is sent in, can
        be; RuntimeError where the response has begun.
        """
    def renew(self) -> None:
        """Empty the session, as is due when its user changes.

        So nothing that somebody else has put into it (session fixation) passes on to the user.
        """
    def delete(self) -> None:
        """Empty the session and have the client forget it."""

class Sessions:
    """The sessions of an application; an instance is the decorator for handlers that use them.

    key_file: file of the key, str; made where there is none. Who can read it can make sessions.
    max_age: seconds that a session lasts after save(); None for as long as the client runs.
    name: the cookie's name. path: paths below it get the cookie.
    secure: whether the cookie is sent over TLS only. same_site: 'Lax', 'Strict' or 'None'.
    """

    def __init__(
        self,
        key_file: str = "session.key",
        *,
        max_age: int | None = 86400,
        name: str = "session",
        path: str = "/",
        secure: bool = False,
        same_site: str = "Lax",
    ) -> None: ...
    def __call__(self, f: Callable[..., Any]) -> Any:
        """The handler `f` with req.session."""
    def replace_key(self) -> None:
        """End all sessions of all clients, by a new key."""

# SPDX-License-Identifier: MIT
"""What WebSockets and event streams share: a handler that has taken its connection over.

It may be written to from any task, one frame or event at a time, and is ended by the slot's
deadline: when the client does not take what is sent, or is not heard of any more.
"""

class Guest:
    """A connection that was taken over: what a WebSocket and an event stream have in common.

    closed: whether it has ended.

    A subclass has these methods:
    _write(first, data, at): send a frame from its byte `at` on; None when it is out, or where to
        go on once the client takes more.
    _beat(): called at intervals; False if the client is not there any more.
    leave(): the server stops; end soon.
    """

    closed: bool
    def abort(self) -> None:
        """Close the connection at once; a handler that does not notice is cancelled."""

# SPDX-License-Identifier: MIT
"""A name server with one answer (RFC 1035): every name is this device, as in a captive portal."""

class Service:
    """A task that answers datagrams; the base of NameServer and of tinyweb.mdns.Responder."""

    def stop(self) -> None:
        """Answer no more."""

class NameServer(Service):
    """A name server for which every name has the address `address`, str, such as '192.168.4.1'.

    Raises ValueError for what is no IPv4 address.
    """

    def __init__(self, address: str) -> None: ...
    def start(self, host: str = "0.0.0.0", port: int = 53) -> None:
        """Answer on `host`:`port`, from a task of the running or next event loop.

        Raises OSError if the address cannot be used.
        """

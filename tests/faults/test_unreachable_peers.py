# SPDX-License-Identifier: MIT
"""Datagrams whose answer cannot be sent do not keep the name server from the others."""

PROGRAM = """
    import asyncio
    from errno import EHOSTUNREACH
    from tinyweb.dns import NameServer

    QUERY = b"id\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\4lamp\\0\\0\\1\\0\\1"
    sent = 0

    class Socket:
        # What lwIP and Linux say of a peer to which there is no route, or whose port is 0.
        def sendto(self, data, peer):
            global sent
            sent += 1
            raise OSError(EHOSTUNREACH)

    server = NameServer("192.168.4.1")
    for _ in range(100):
        # Where this raises, the task of the server pauses for 100 ms.
        server.answer(Socket(), QUERY, ("192.168.4.2", 0))
    print(sent)
"""


def test_an_answer_that_cannot_be_sent_is_dropped(run_mpy):
    assert run_mpy(PROGRAM).stdout == "100\n"

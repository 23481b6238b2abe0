# SPDX-License-Identifier: MIT
"""Slots that cannot be made: the heap has no block that is large enough."""

import httpx

# Making a slot fails where `plan` says so, and always beyond its end.
PROGRAM = """
    import sys, tinyweb
    from tinyweb import connection

    new_slot = connection.new_slot
    plan = PLAN

    def scarce(owner):
        if plan and plan.pop(0):
            return new_slot(owner)
        raise MemoryError

    connection.new_slot = scarce
    app = tinyweb.webserver()

    @app.route("/")
    async def index(req, resp):
        await resp.send("served")

    app.run("127.0.0.1", int(sys.argv[1]))
"""


def test_heap_without_room_for_a_slot_is_told_to_who_makes_the_server(serve):
    program = PROGRAM.replace("PLAN", "[False, True]").replace(
        "    app = tinyweb.webserver()",
        """
    try:
        tinyweb.webserver()
        sys.exit("a server without a slot")
    except MemoryError:
        app = tinyweb.webserver()""",
    )
    assert httpx.get(serve(program, patched=True).url, timeout=10).text == "served"


def test_heap_without_room_for_a_slot_is_told_to_who_starts_the_server_again(serve):
    program = PROGRAM.replace("PLAN", "[True, False, True]").replace(
        '    app.run("127.0.0.1", int(sys.argv[1]))',
        """
    app.shutdown()
    try:
        app.run("127.0.0.1", int(sys.argv[1]))
        sys.exit("a server without a slot")
    except MemoryError:
        app.run("127.0.0.1", int(sys.argv[1]))""",
    )
    assert httpx.get(serve(program, patched=True).url, timeout=10).text == "served"


def test_idle_connection_makes_room_when_there_is_no_memory_for_another_slot(serve):
    server = serve(PROGRAM.replace("PLAN", "[True]"), patched=True)
    with httpx.Client() as first:
        assert first.get(server.url).text == "served"
        # Less than the 15 seconds after which the first connection would be closed anyway.
        assert httpx.get(server.url, timeout=8).text == "served"

# SPDX-License-Identifier: MIT
"""Each allocation of a start and of a stop fails in turn: no socket is left behind."""

import subprocess
import textwrap

import pytest

from support import faults as support
from support.simulator import environment, free_port

PROGRAM = """
    import os, struct, sys
    from tinyweb import dns, mdns

    def sockets():
        return len(os.listdir("/proc/self/fd"))

    def use(service, skip):
        # Whether an allocation has failed, of those behind the first `skip`.
        stop = service.stop
        faults.seek(0)
        faults.write(struct.pack("iii", skip, 1, 0))
        try:
            service.start("127.0.0.1", port)
        except MemoryError:
            pass
        try:
            stop()
        except MemoryError:
            pass
        faults.seek(0)
        faults.write(end)
        return struct.unpack("i", faults.read(4))[0]

    faults = open(sys.argv[1], "r+b")
    port = int(sys.argv[2])
    end = bytes(8)
    for service in mdns.Responder("lamp", "127.0.0.1", "_http._tcp"), dns.NameServer("127.0.0.1"):
        # What is made once is there.
        use(service, 1 << 30)
        before = sockets()
        skip = 0
        left = []
        while use(service, skip):
            if sockets() != before:
                left.append(skip)
                before = sockets()
            skip += 1
        # One is that of socket(), which leaves a descriptor in MicroPython's port for Unix.
        assert len(left) == 1, (service, left)
        print(skip)
"""


@pytest.mark.parametrize("bits", [64, 32])
def test_no_socket_is_left(tmp_path, bits):
    faults = support.Faults(tmp_path)
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    done = subprocess.run(
        support.link(bits, tmp_path).command(program, [faults.path, free_port()]),
        env=environment(faults.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    responder, name_server = map(int, done.stdout.split())
    assert responder > name_server > 5

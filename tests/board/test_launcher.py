# SPDX-License-Identifier: MIT
"""ci/run-emulator, the launcher."""

import os
import signal
import socket
import subprocess
import time

import pytest
from board import emulator
from board.emulator import TOP, Emulator
from board.terminal import PROMPT, Terminal

pytestmark = pytest.mark.usefixtures("emulated")


def children(pid):
    """Process ids of the processes that `pid` has started."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def is_running(pid):
    """Whether the process exists and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(pid):
    deadline = time.monotonic() + 10
    while is_running(pid):
        assert time.monotonic() < deadline, "QEMU is still there"
        time.sleep(0.05)


def test_first_lines_and_end():
    with Emulator(forward=(8081, 80)) as board:
        assert os.path.exists(board.port)
        assert board.urls[8081].startswith("http://127.0.0.1:")
        assert board.urls[80].startswith("http://127.0.0.1:")
        assert board.urls[80] != board.urls[8081]
        (qemu,) = children(board.process.pid)
        assert board.stop() == 0
        assert not is_running(qemu)


def test_default_forward():
    process = subprocess.Popen(
        [TOP / "ci" / "run-emulator", emulator.build()], stdout=subprocess.PIPE, text=True
    )
    lines = [process.stdout.readline() for _ in range(2)]
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert lines[0].startswith("/dev/")
    assert lines[1].startswith("http://127.0.0.1:")
    process.stdout.close()


def test_qemu_ends_with_the_launcher():
    with Emulator() as board:
        (qemu,) = children(board.process.pid)
        board.process.kill()
        wait_for_end(qemu)


def test_paused_board_loses_no_output():
    with Emulator(paused=True) as board, Terminal(board.port) as terminal:
        assert terminal.read_for(0.5) == ""
        board.start()
        text = terminal.read_until(PROMPT, timeout=20)
        assert text.startswith("Performing initial setup\r\n")


def test_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [TOP / "ci" / "run-emulator", emulator.build(), "--forward", f"{port}:8081"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Could not set up host forwarding rule" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.elf"], "there is no file nowhere.elf"),
        (["IMAGE", "--flash", "nowhere.img"], "there is no file nowhere.img"),
        (["IMAGE", "--forward", "70000"], "no port number"),
    ],
)
def test_wrong_arguments(arguments, message):
    arguments = [emulator.build() if word == "IMAGE" else word for word in arguments]
    done = subprocess.run(
        [TOP / "ci" / "run-emulator", *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode != 0
    assert message in done.stderr


def test_icount_counts_exactly():
    """The same program takes the same number of instructions, time after time."""
    program = """
        import machine, time
        def work():
            for i in range(1000):
                pass
        counts = set()
        for _ in range(5):
            state = machine.disable_irq()
            # The first turn also serves what an interrupt has left to do.
            for _ in range(2):
                start = time.ticks_cpu()
                work()
                end = time.ticks_cpu()
            machine.enable_irq(state)
            counts.add(round(time.ticks_diff(end, start) / 40.96))
        print(*counts)
        """
    results = []
    for _ in range(2):
        with Emulator("--icount") as board, Terminal(board.port) as terminal:
            terminal.interrupt(20)
            printed, error = terminal.raw(program)
            assert error == ""
            results.append([int(word) for word in printed.split()])
    assert len(results[0]) == 1
    assert results[0] == results[1]
    assert 10_000 < results[0][0] < 1_000_000

# SPDX-License-Identifier: MIT
"""make bench runs and reports every figure; no figure is judged here, for clocks differ."""

import json
import re
import socket
import subprocess
import sys
import threading

import pytest

from bench import kinds, messages, programs
from support.simulator import TOP

# A whole run of the benchmark, on a machine that may be busy.
pytestmark = pytest.mark.timeout(600)


def is_number(value):
    return isinstance(value, int | float) and value > 0


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """(table, JSON) of a quick run with this project's server and the bare loop alone."""
    file = tmp_path_factory.mktemp("bench") / "results.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--program", "tinyweb", "--json", file],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("shape", messages.SHAPES)
@pytest.mark.parametrize("mode", [messages.CLOSE, messages.KEEP_ALIVE])
@pytest.mark.parametrize("program", ["bare", "tinyweb"])
def test_speed(report, program, mode, shape):
    _, results = report
    speed = results["throughput"][program][mode][shape]
    assert is_number(speed["requests_per_second"])
    assert is_number(speed["of_ceiling"])
    assert is_number(speed["cpu_microseconds"])
    assert len(speed["rounds"]) == 1
    assert speed["errors"] == 0
    assert is_number(results["instructions"][program][mode][shape])


@pytest.mark.parametrize("mode", [messages.CLOSE, messages.KEEP_ALIVE])
def test_memory(report, mode):
    _, results = report
    memory = results["memory"]["tinyweb"]
    assert is_number(memory["import"])
    assert is_number(memory[mode]["bytes_per_request"])
    assert is_number(memory[mode]["smallest_heap"])
    for kind in kinds.KINDS:
        assert is_number(results["kinds"][kind.title]["bytes"][mode])
    # The bare loop's one object a request is the socket, which keep-alive does without.
    assert results["memory"]["bare"]["keep-alive"]["bytes_per_request"] == 0


def test_parser(report):
    _, results = report
    for kept in ("no field", "three fields", "all fields"):
        for parser in (f"httpparse, {kept} kept", f"lx106 l8ui, {kept} kept"):
            for shape in (*messages.SHAPES, "nine fields"):
                for instructions in results["parsing"][parser][shape].values():
                    assert is_number(instructions)


def test_sizes(report):
    table, results = report
    size = results["sizes"]["files"]["head.c"]["l8ui"]
    assert 0 < size < results["sizes"]["files"]["head.c"]["l32i"]
    assert 0 < results["sizes"]["functions"]["head.c: hp_head_parse"]["l8ui"] < size
    assert "  hp_head_parse " in table
    assert results["sizes"]["image"]["modhttpparse_request.o"] > 0


def test_budgets_are_beside_the_figures(report):
    table, results = report
    assert len(results["budgets"]) == 6
    for what, budget, ours, peer in results["budgets"]:
        assert is_number(ours)
        # Debian's library is measured in the same run
        assert is_number(peer) == what.startswith("instructions")
        figures = [f"{figure:,}".replace(",", " ") if figure else "-" for figure in (budget, ours)]
        assert re.search(" +".join([re.escape(what), *figures]), table)


def test_table_has_the_figures_of_the_json(report):
    table, results = report
    for line in ("bare loop, close", "tinyweb, close", "tinyweb, keep-alive"):
        assert line in table
    cost = results["instructions"]["tinyweb"]["close"]["browser"]
    assert f"{cost:,}".replace(",", " ") in table


@pytest.mark.parametrize("shape", messages.SHAPES)
@pytest.mark.parametrize("key", ["bare", "tinyweb", "microdot", "picoweb"])
def test_every_program_serves_the_page(key, shape):
    """The checking client is content with all of them, three requests at once."""
    simulator = programs.build(64)
    (program,) = [one for one in programs.programs([key]) if one.key == key]
    for mode in program.apps:
        message = messages.request(shape, mode)
        with programs.running(simulator, program, mode) as server:
            keep_alive = mode == messages.KEEP_ALIVE
            messages.drive(server.host, server.port, message, 6, keep_alive, at_once=3)


def test_browser_request_has_its_size():
    for mode in (messages.CLOSE, messages.KEEP_ALIVE):
        assert len(messages.request("browser", mode)) == messages.BROWSER_SIZE


@pytest.mark.parametrize("change", ["cut", "other", "status"])
def test_wrong_answer_is_refused(change):
    """The client sees an answer that differs in its last byte, its body or its status."""
    answer = b"HTTP/1.0 200 OK\r\n\r\n" + messages.page()
    answer = {
        "cut": answer[:-1],
        "other": answer.replace(b"world", b"World"),
        "status": answer.replace(b"200", b"500"),
    }[change]

    def serve():
        stream = listener.accept()[0]
        stream.recv(1000)
        stream.sendall(answer)
        stream.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        host, port = listener.getsockname()
        with pytest.raises(messages.WrongAnswer):
            messages.drive(host, port, messages.request("small", messages.CLOSE), 1)
        thread.join()


def test_profile_names_the_functions_of_a_request():
    """The profile of a kept connection's request: our functions, and one read and write."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.profile", "tinyweb"]
        + ["--mode", "keep-alive", "--count", "1", "--limit", "60"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    total = int(lines[0][0])
    own = {
        line[0]: int(line[2]) for line in lines if line and ".py:" in line[0] and len(line) == 5
    }
    assert any(name.startswith("tinyweb/") for name in own)
    assert any(name.endswith("tinyweb_app.py:index") for name in own)
    assert 0 < sum(own.values()) <= total
    assert [line[-1] for line in lines if line[-2:-1] in (["read"], ["write"])] == ["1.0", "1.0"]

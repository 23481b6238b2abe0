# SPDX-License-Identifier: MIT
"""The core on the host, under AddressSanitizer and UndefinedBehaviorSanitizer."""

import os
import re
import shutil
import subprocess
import urllib.parse

import h11
import pytest
from host import core
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.simulator import TOP

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "250"))
options = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def client_reads(sent, method, closed):
    """What h11's client makes of the bytes: (interim statuses, response, body, whether ended)."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(sent)
    if closed:
        client.receive_data(b"")
    interim = []
    response = None
    body = b""
    while True:
        event = client.next_event()
        if isinstance(event, h11.InformationalResponse):
            interim.append(event.status_code)
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            return interim, response, body, client
        else:
            raise AssertionError(f"{event} after {response} and {body!r}")


parts = st.lists(
    st.builds(lambda b, n: b * n, st.binary(max_size=30), st.integers(1, 60)), max_size=6
)
fields = st.lists(
    st.tuples(
        st.sampled_from([b"Content-Type", b"X", b"Set-Cookie"]),
        st.sampled_from([b"", b"text/html", b"a=b; c", b"v" * 60, b"\xc3\xa4\xff\t"]),
    ),
    max_size=5,
)


@options
@given(
    parts=parts,
    fields=fields,
    size=st.integers(160, 600),
    status=st.sampled_from([200, 200, 200, 404, 500, 201, 204, 205, 304]),
    version=st.sampled_from([10, 11]),
    keep_alive=st.booleans(),
    head=st.booleans(),
    interim=st.sampled_from([None, "pending", "sent"]),
    length=st.sampled_from([None, "right", "small", "large"]),
    steps=st.binary(max_size=4),
)
def test_responses_are_what_a_client_understands(
    harnesses, parts, fields, size, status, version, keep_alive, head, interim, length, steps
):
    content = b"".join(parts)
    announced = {None: None, "right": len(content), "large": len(content) + 1}.get(
        length, len(content) // 2
    )
    if announced is not None:
        fields = [*fields, (b"content-length", b"%d" % announced)]
    options = {
        "size": size,
        "status": status,
        "version": version,
        "keep_alive": keep_alive,
        "head": head,
        "interim": interim,
        "fields": fields,
    }
    sent, results, told = harnesses[0].response(parts, steps=steps, **options)
    for harness in harnesses:
        assert harness.response(parts, **options) == (sent, results, told)
        assert harness.response(parts, moving=True, **options) == (sent, results, told)
    assert told["sent"] == 1
    assert set(results) <= {"0", "3"}
    taken = [f for f, result in zip(fields, results, strict=True) if result == "0"]
    if announced is not None and results[-1] == "3":
        announced = None

    no_body = head or status in (204, 205, 304)
    expected = b"" if no_body else content[:announced]
    whole = no_body or announced is None or announced == len(content)
    assert told["body_bytes"] == len(content if no_body else expected)
    if not no_body and announced is not None and announced > len(content):
        assert not told["keep_alive"]
        with pytest.raises((h11.RemoteProtocolError, AssertionError)):
            client_reads(sent, "GET", True)
        return
    interims, response, body, client = client_reads(
        sent, "HEAD" if head else "GET", not told["keep_alive"]
    )
    assert interims == ([100] if interim else [])
    assert response.status_code == status
    assert response.http_version == b"1.%d" % (version - 10)
    assert body == expected
    headers = list(response.headers.raw_items())
    for name, value in taken:
        if name != b"content-length":
            assert (name, value.strip(b" \t")) in headers
    if keep_alive and whole and not (version == 10 and b"Content-Length" not in dict(headers)):
        assert told["keep_alive"]
    if told["keep_alive"]:
        assert keep_alive
        # Nothing follows that the client did not understand
        assert client.trailing_data[0] == b""
        assert client.their_state in (h11.DONE, h11.MUST_CLOSE)
    # What is announced as persistent is, and the other way round
    connection = dict(headers).get(b"Connection", b"")
    if told["keep_alive"]:
        assert connection == (b"keep-alive" if version == 10 else b"")
    elif not keep_alive:
        assert connection == b"close"


def test_response_that_is_cut(harnesses):
    """What has left stays, what is buffered is forgotten, and the connection ends."""
    for harness in harnesses:
        sent, _, told = harness.response([b"one", b"", b"two"], cut=True)
        assert sent.endswith(b"\r\n\r\n0003\r\none\r\n")
        assert (told["keep_alive"], told["sent"]) == (0, 1)


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        (b"A", b"b", "0"),
        (b"", b"b", "1"),
        (b"A B", b"b", "1"),
        (b"A\r\nB", b"b", "1"),
        (b"A", b"b\r\nC: d", "2"),
        (b"A", b"\0", "2"),
        (b"A", b"\x7f", "2"),
        (b"A", b"\t~", "0"),
        (b"A" * 200, b"", "3"),
        (b"A", b"b" * 200, "3"),
        (b"Transfer-Encoding", b"chunked", "1"),
        (b"Content-Length", b"", "2"),
        (b"Content-Length", b"1x", "2"),
        (b"Content-Length", b"4294967295", "0"),
        (b"Content-Length", b"4294967296", "2"),
        (b"Content-Length", b"42949672950", "2"),
    ],
)
def test_fields_of_a_response(harness, name, value, result):
    sent, results, _ = harness.response([b"x"], size=256, fields=[(name, value), (b"Z", b"z")])
    assert results == result + "0"
    head = sent.split(b"\r\n\r\n")[0].split(b"\r\n")
    taken = result == "0" and name == b"A"
    assert head[1] == (b"A: " + value if taken else b"Z: z")


def test_fields_come_before_the_body(harness):
    # An empty part flushes; then no field can follow, and the harness reports what came before
    sent, results, told = harness.response([b"", b"a", b"", b"", b"b"], fields=[(b"A", b"b")])
    assert sent.endswith(b"\r\n\r\n0001\r\na\r\n0001\r\nb\r\n0\r\n\r\n")


def test_more_than_the_count_of_moved_bytes_holds(harness):
    sent, _, _ = harness.response([b"x" * 40000, b"y" * 40000])
    assert sent.count(b"x") == sent.count(b"y") == 40000


def test_a_response_that_was_given_up_leaves_nothing(harness):
    assert harness.response([b"x"], given_up=True) == harness.response([b"x"])


@pytest.mark.parametrize("parts", [[b"x"], [b"", b"x"], [b""]])
def test_no_field_comes_after_the_body_began(harness, parts):
    sent, results, _ = harness.response(parts, late=True, fields=[(b"A", b"b")])
    assert results == "04"
    assert b"Late" not in sent


@pytest.mark.parametrize("status", [101, 200, 204, 205, 304, 299, 599, 999, 99])
@pytest.mark.parametrize("version", [10, 11])
@pytest.mark.parametrize("connection", [None, b"close", b"Keep-Alive", b"upgrade"])
def test_framing_by_status(harness, status, version, connection):
    fields = [] if connection is None else [(b"Connection", connection)]
    sent, results, told = harness.response([], status=status, version=version, fields=fields)
    assert results == "0" * len(fields)
    line, *lines = sent.split(b"\r\n")[:-2]
    assert line.startswith(b"HTTP/1.%d %d " % (version - 10, status))
    assert bool(line.split(b" ", 2)[2]) == (status not in (99, 999))
    length = status not in (99, 101, 204, 304)
    assert (b"Content-Length: 0" in lines) == length
    closes = connection == b"close"
    assert told["keep_alive"] == (not closes)
    assert (b"Connection: close" in lines) == (closes and status >= 200)
    assert (b"Connection: upgrade" in lines) == (connection == b"upgrade")
    kept = version == 10 and not closes and status >= 200
    assert (b"Connection: keep-alive" in lines) == kept


def test_each_reason_phrase_is_as_long_as_there_is_room_for(harness):
    for status in range(100, 600):
        sent, _, _ = harness.response([], size=160, status=status)
        reason = sent.split(b"\r\n", 1)[0].split(b" ", 2)[2]
        assert 2 <= len(reason) <= (19 if status < 200 else 31), status


@pytest.mark.parametrize("length", [None, 2004])
@pytest.mark.parametrize("version", [10, 11])
def test_large_parts_go_past_the_buffer(harness, length, version):
    fields = [] if length is None else [(b"Content-Length", b"%d" % length)]
    parts = [b"", b"a" * 1000, b"bc", b"d" * 1000, b"", b"ef"]
    sent, _, told = harness.response(
        parts, size=160, version=version, fields=fields, steps=b"\x20"
    )
    _, response, body, _ = client_reads(sent, "GET", not told["keep_alive"])
    assert body == b"".join(parts)
    assert told["keep_alive"] == (length is not None or version == 11)
    assert (b"000003e8\r\n" in sent) == (length is None and version == 11)


@pytest.mark.parametrize("version", [10, 11])
def test_what_was_announced_and_not_sent_ends_the_connection(harness, version):
    _, _, told = harness.response([b"", b"x", b""], owing=True, version=version)
    assert not told["keep_alive"]
    _, _, told = harness.response([b"", b"x", b""], version=11)
    assert told["keep_alive"]


@pytest.mark.parametrize("fields", [[], [(b"Content-Length", b"2002")]])
@pytest.mark.parametrize("head", [False, True])
def test_large_parts_before_and_behind_small_ones(harness, fields, head):
    parts = [b"a" * 1000, b"b", b"c" * 1000, b"", b"d"]
    sent, _, told = harness.response(parts, size=160, fields=fields, head=head)
    _, _, body, _ = client_reads(sent, "HEAD" if head else "GET", False)
    assert body == (b"" if head else b"".join(parts))
    assert told["body_bytes"] == 2002 and told["keep_alive"]


def test_chunk_sizes_are_hexadecimal(harness):
    sent, _, _ = harness.response([b"", b"x" * 0xAB])
    assert b"\r\n00ab\r\nxx" in sent


def replaced(data):
    """Decodes UTF-8 with U+FFFD for each byte that is no part of a sequence."""
    text = ""
    while data:
        for n in (1, 2, 3, 4):
            try:
                text += data[:n].decode()
                data = data[n:]
                break
            except UnicodeDecodeError:
                pass
        else:
            text += "\ufffd"
            data = data[1:]
    return text


# First and last of each length, and what lies beside them (Unicode, table 3-7)
UTF8 = [
    *("7f", "c280", "dfbf", "e0a080", "ecbfbf", "ed9fbf", "ee8080", "f0908080", "f3bfbfbf"),
    *("f48fbfbf", "80", "c1bf", "c27f", "c2c0", "e09fbf", "eda080", "f08fbfbf", "f4908080"),
    *("f5808080", "ff", "e0a0", "f09080", "e0a07f", "f0907f80", "f09080c0", "efbfbd"),
]


@pytest.mark.parametrize("data", UTF8)
def test_utf8(harness, data):
    data = bytes.fromhex(data)
    for text in (data, b"a" + data + b"b", data * 2):
        assert harness.unquote(text, False) == (text, replaced(text).encode())


escapes = st.lists(
    st.one_of(
        st.binary(max_size=3),
        st.binary(min_size=1, max_size=4).map(lambda b: "".join(f"%{c:02x}" for c in b).encode()),
        st.text(max_size=3).map(lambda s: urllib.parse.quote(s).encode()),
        st.sampled_from(
            [b"%", b"%4", b"%zz", b"+", b"%C3%A4", b"%e2%82%ac", b"%ED%A0%80", b"%c0%af"]
        ),
    ),
    max_size=8,
).map(b"".join)


@options
@given(data=escapes, plus=st.booleans())
def test_percent_decoding(harnesses, data, plus):
    wanted = urllib.parse.unquote_to_bytes(data.replace(b"+", b" ") if plus else data)
    for harness in harnesses:
        decoded, repaired = harness.unquote(data, plus)
        assert decoded == wanted
        assert repaired == replaced(wanted).encode()


# Ubuntu's compilers guard the stack unless they are told not to, by a function of the C library.
COMPILERS = {
    "x86-64": ["gcc", "-m64", "-O2", "-fno-stack-protector"],
    "x86-64 -Os": ["gcc", "-m64", "-Os", "-fno-stack-protector"],
    "x86-32": ["gcc", "-m32", "-O2", "-fno-stack-protector"],
    "clang": ["clang", "-O2", "-fno-stack-protector"],
    "lx106": ["xtensa-lx106-elf-gcc", "-Os", "-mforce-l32"],
    "lx106, byte loads": ["xtensa-lx106-elf-gcc", "-Os", "-mno-force-l32"],
}


@pytest.fixture(params=COMPILERS)
def objects(request, tmp_path):
    """The core's objects of one compiler: (tools' prefix, {name: path})."""
    command = COMPILERS[request.param]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        [*command, "-fno-pie", *core.WARNINGS, "-c", *core.sources()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = {source.stem: tmp_path / f"{source.stem}.o" for source in core.sources()}
    prefix = "xtensa-lx106-elf-" if command[0].startswith("xtensa") else ""
    return prefix, found


def test_the_core_compiles_without_a_warning_and_has_no_state(objects):
    prefix, files = objects
    defined = set()
    undefined = set()
    for file in files.values():
        listing = subprocess.run([f"{prefix}nm", file], capture_output=True, text=True, check=True)
        for line in listing.stdout.splitlines():
            kind, name = line.split()[-2:]
            if kind == "U":
                undefined.add(name)
            else:
                # text, constants, and nothing that can be written to
                assert kind in "tTrR", line
                defined.add(name)
        sizes = subprocess.run([f"{prefix}size", file], capture_output=True, text=True, check=True)
        data, bss = sizes.stdout.splitlines()[1].split()[1:3]
        assert (data, bss) == ("0", "0")
    # Division is in the chip's ROM, or in the compiler's library
    undefined -= {"__udivsi3", "__umodsi3", "_GLOBAL_OFFSET_TABLE_", "__x86.get_pc_thunk.bx"}
    # clang makes bcmp() of a memcmp() whose order does not matter
    assert undefined - defined <= {"memcpy", "memmove", "memcmp", "bcmp"}


def test_the_core_includes_no_micropython_header():
    for file in (TOP / "cmodules" / "httpparse" / "core").iterdir():
        includes = re.findall(r"#include (\S+)", file.read_text())
        standard = {"<stdbool.h>", "<stddef.h>", "<stdint.h>", "<string.h>"}
        own = {f'"{header.name}"' for header in core.CORE.glob("*.h")}
        assert set(includes) <= standard | own


# What a proof by CBMC has found. The harness asks for space in every state, and the core
# asserts what holds of its pointers.
LIMITS = {"max_head": 500, "max_fields": 50}


def test_the_start_of_an_earlier_value_does_not_leave_the_buffer(harness):
    """The value of A lies at its front when the name behind it moves there."""
    data = b"GET / HTTP/1.1\r\nA: b\r\nCdefghijkl: m\r\nHost: a\r\n\r\n"
    assert "more idle" in harness.request(data, size=32, **LIMITS)


def test_the_start_of_an_earlier_value_of_a_form_does_not_leave_the_buffer(harness):
    data = b"ab=cdefg&" * 9 + b"hijklmnopqrstu=x"
    text = harness.form(data, size=16, max_pairs=99, slices=False, steps=b"\2")
    assert text.endswith(f"pair x{b'hijklmnopqrstu'.hex()} x78\ndone\n")


@pytest.mark.parametrize("fill", range(12))
def test_a_request_line_stays_where_it_is_until_the_fields_are_parsed(harness, fill):
    """Though space is asked for while the buffer is full and has room at its front."""
    first = b"GET /" + b"p" * fill + b" HTTP/1.0\r\n\r\n"
    data = first + b"GET http://host/a?b HTTP/1.1\r\nHost: other\r\nX: " + b"y" * 9 + b"\r\n\r\n"
    text = harness.request(data, size=64, mode=2, **LIMITS)
    assert f"line x474554 x2f61 x{b'?b'.hex()} 11" in text
    assert f"field x{b'Host'.hex()} x{b'host'.hex()}" in text
    assert text.endswith("more idle\n")


@pytest.mark.parametrize("kept", range(4))
def test_nothing_leaves_the_buffer_after_an_error(harness, kept):
    data = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * kept + b"A:\1\r\n\r\n" + b"rest" * 20
    for mode in (1, 2):
        text = harness.request(data, size=64, mode=mode, names=[b"A"], **LIMITS)
        assert text.endswith("error 400 bad field value\n")

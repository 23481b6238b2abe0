# SPDX-License-Identifier: MIT
"""What leaves for a response, byte by byte: reason phrases, fields, framing, chunks, sizes."""

import re

import pytest
from host.test_core import fields, options, parts
from hypothesis import given
from hypothesis import strategies as st

RESERVE = 72  # HP_RESPONSE_RESERVE: room that the head keeps for the fields of framing

# RFC 9110 section 15, RFC 6585, RFC 7725, RFC 8297, RFC 8470
REASONS = {
    100: "Continue",
    101: "Switching Protocols",
    103: "Early Hints",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    417: "Expectation Failed",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    511: "Network Authentication Required",
}
CLASSES = ["Informational", "Successful", "Redirection", "Client Error", "Server Error"]


def reason(status):
    if 100 <= status < 600:
        return REASONS.get(status, CLASSES[status // 100 - 1])
    return ""


def test_reason_phrases(harness):
    for status in [*range(1000), 1000, 4294, 65535]:
        sent, _, _ = harness.response([], size=200, status=status)
        line = f"HTTP/1.1 {status} {reason(status)}\r\n".encode()
        assert sent.startswith(line)


def body_of(data, chunked, ended):
    """The content of a body; fails unless the framing is as the core writes it."""
    if not chunked:
        return data
    content = b""
    while data:
        digits = re.match(rb"([0-9a-f]{4}|[0-9a-f]{8})\r\n|0\r\n\r\n$", data)
        assert digits, data
        if digits[1] is None:
            assert ended
            return content
        size = int(digits[1], 16)
        content += data[digits.end() : digits.end() + size]
        data = data[digits.end() + size :]
        assert size and data[:2] == b"\r\n"
        data = data[2:]
    assert not ended
    return content


def check(sent, told, taken, parts, announced, *, status, version, keep_alive, head, interim):
    """All that leaves for `parts`, with these fields, `announced` as its length or None."""
    content = b"".join(parts)
    assert told["moved"] == min(len(sent), 65535)
    if interim is not None:
        line = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert sent.startswith(line)
        sent = sent[len(line) :]
    got_head, end, got = sent.partition(b"\r\n\r\n")
    assert end
    line, *got_fields = got_head.split(b"\r\n")
    assert line == f"HTTP/1.{version - 10} {status} {reason(status)}".encode()
    wanted = [b"%s: %s" % field for field in taken]
    no_body = head or status < 200 or status in (204, 205, 304)
    chunked = b"Transfer-Encoding: chunked" in got_fields[len(wanted) :]
    closed = not keep_alive
    length = announced
    if status < 200 or status == 204:
        length = None
    elif status == 205:
        length = 0
    elif status != 304 and announced is None:
        if head:
            # RFC 9110 section 8.6: none, or that of GET's content, which is known at its end
            length = None if b"" in parts else len(content) or None
        elif chunked:
            assert version == 11
        elif any(each.startswith(b"Content-Length") for each in got_fields[len(wanted) :]):
            length = len(content)
        else:
            assert version == 10
            closed = True
    if chunked:
        assert announced is None and not no_body
        wanted.append(b"Transfer-Encoding: chunked")
    if length is not None:
        wanted.append(b"Content-Length: %d" % length)
    whole = no_body or announced is None or announced == len(content)
    if not whole and got_fields[-1:] == [b"Connection: close"]:
        closed = True  # known before the head left
    if status >= 200 and closed:
        wanted.append(b"Connection: close")
    elif status >= 200 and version == 10:
        wanted.append(b"Connection: keep-alive")
    assert got_fields == wanted
    assert body_of(got, chunked, whole) == (b"" if no_body else content[:announced])
    assert told["keep_alive"] == (not closed and whole)
    assert told["sent"] == 1
    return chunked


@options
@given(
    parts=parts,
    fields=fields,
    size=st.integers(160, 600),
    status=st.sampled_from([200, 200, 404, 199, 201, 204, 205, 304, 101]),
    version=st.sampled_from([10, 11]),
    keep_alive=st.booleans(),
    head=st.booleans(),
    interim=st.sampled_from([None, "pending", "partly", "sent"]),
    length=st.sampled_from([None, None, "right", "small", "large"]),
    steps=st.binary(max_size=4),
)
def test_every_byte_that_leaves(
    harnesses, parts, fields, size, status, version, keep_alive, head, interim, length, steps
):
    content = b"".join(parts)
    announced = {None: None, "right": len(content), "large": len(content) + 1}.get(
        length, len(content) // 2
    )
    asked = list(fields)
    if announced is not None:
        asked.append((b"Content-Length", b"%d" % announced))
    how = {
        "status": status,
        "version": version,
        "keep_alive": keep_alive,
        "head": head,
        "interim": interim,
    }
    for harness in harnesses:
        sent, results, told = harness.response(parts, size=size, fields=asked, steps=steps, **how)
        assert set(results) <= {"0", "3"}
        taken = [f for f, result in zip(asked, results, strict=True) if result == "0"]
        if announced is not None and taken[-1:] != asked[-1:]:
            announced = None
        taken = [field for field in taken if field[0] != b"Content-Length"]
        check(sent, told, taken, parts, announced, **how)


ONE = {"status": 200, "version": 11, "keep_alive": True, "head": False, "interim": None}
LINE = len(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("more", range(-3, 4))
def test_a_body_that_fits_has_a_length(harness, more):
    """It leaves in chunks where less room than the reserve is behind it."""
    size = 160
    content = b"x" * (size - LINE - RESERVE + more)
    sent, _, told = harness.response([content], size=size)
    assert check(sent, told, [], [content], None, **ONE) == (more >= 0)


@pytest.mark.parametrize("more", range(-3, 4))
@pytest.mark.parametrize("name", [b"A", b"Name" * 10])
def test_a_field_is_taken_where_the_reserve_stays(harness, more, name):
    size = 200
    value = b"v" * (size - LINE - RESERVE - len(name) - 4 + more)
    sent, results, told = harness.response([b"x"], size=size, fields=[(name, value)])
    assert results == ("3" if more > 0 else "0")
    check(sent, told, [(name, value)] if more <= 0 else [], [b"x"], None, **ONE)
    sent, results, _ = harness.response([b"x"], size=size, fields=[(name + value, b"")])
    assert results == ("3" if more > 0 else "0")


def test_fields_are_copied_from_any_place_to_any_other(harness):
    """Words are copied whole where the ESP8266's core is compiled."""
    for length in range(1, 200):
        value = bytes(0x20 + i % 95 for i in range(length))
        asked = [(b"N" * (1 + length % 7), value), (b"B", value[: length // 2]), (b"C", b"")]
        for body in (b"", b"body"[: 1 + length % 4] * 5):
            sent, results, told = harness.response([body], size=600, fields=asked)
            assert results == "000"
            check(sent, told, asked, [body] if body else [], None, **ONE)


@pytest.mark.parametrize("size", [160, 161, 200, 255, 256, 400])
@pytest.mark.parametrize("step", [b"", b"\0", b"\7"])
def test_chunks_fill_the_buffer(harness, size, step):
    """A chunk has room for its size and end, and for the last chunk behind it."""
    content = bytes(range(97, 123)) * 40
    small = [content[i : i + 9] for i in range(0, len(content), 9)]
    sent, _, told = harness.response([b"", *small], size=size, steps=step)
    assert check(sent, told, [], [content], None, **ONE)
    chunk = sent.partition(b"\r\n\r\n")[2].partition(b"\r\n")[0]
    assert chunk == b"%04x" % (size - 6 - 2 - 5)


@pytest.mark.parametrize(("name", "result"), [(b"Content-Length", "0"), (b"content-LENGTH", "0")])
@pytest.mark.parametrize("value", [0, 1, 9, 10, 429496729, 4294967289, 4294967290, 4294967295])
def test_lengths_that_are_announced(harness, name, result, value):
    sent, results, told = harness.response([], head=True, fields=[(name, b"%d" % value)])
    assert results == result
    check(sent, told, [], [], value, **{**ONE, "head": True})


@pytest.mark.parametrize(
    "value",
    [b"", b"x", b"/", b":", b"-1", b"+1", b" 1", b"1 ", b"4294967296", b"4294967300"]
    + [b"9999999999", b"5000000000", b"42949672950", b"18446744073709551617"],
)
def test_lengths_that_are_none(harness, value):
    _, results, _ = harness.response([b"x"], fields=[(b"Content-Length", value)])
    assert results == "2"


def test_every_byte_in_fields(harness):
    for byte in range(256):
        char = bytes([byte])
        _, results, _ = harness.response([b"x"], fields=[(b"A" + char, b"b")])
        tchar = char.isalnum() and byte < 128 or char in b"!#$%&'*+-.^_`|~"
        assert results == ("0" if tchar else "1")
        _, results, _ = harness.response([b"x"], fields=[(b"A", b"b" + char)])
        assert results == ("0" if byte == 9 or byte >= 32 and byte != 127 else "2")


@pytest.mark.parametrize("version", [10, 11])
@pytest.mark.parametrize("keep_alive", [False, True])
def test_a_field_connection_can_close(harness, version, keep_alive):
    how = {**ONE, "version": version, "keep_alive": keep_alive}
    for value, closes, taken in (
        (b"close", True, []),
        (b"Close", True, []),
        (b"keep-alive", False, []),
        (b"upgrade", False, [(b"Connection", b"upgrade")]),
        (b"close, x", False, [(b"Connection", b"close, x")]),
    ):
        sent, results, told = harness.response([b"x"], fields=[(b"Connection", value)], **how)
        assert results == "0"
        check(sent, told, taken, [b"x"], None, **{**how, "keep_alive": keep_alive and not closes})


@pytest.mark.parametrize("first", [None, b"abc"])
@pytest.mark.parametrize("version", [10, 11])
def test_a_response_whose_rest_does_not_come(harness, version, first):
    parts = [b""] if first is None else [b"", first, b""]
    sent, _, told = harness.response(parts, owing=True, version=version)
    assert told["keep_alive"] == 0
    body = sent.partition(b"\r\n\r\n")[2]
    begin = b"" if first is None else first if version == 10 else b"0003\r\nabc\r\n"
    assert body == begin + (b"000003e8\r\n" if version == 11 else b"")


@pytest.mark.parametrize("version", [10, 11])
def test_a_response_that_is_cut_ends_where_it_was(harness, version):
    sent, _, told = harness.response([b"", b"one", b"", b"two"], version=version, cut=True)
    body = sent.partition(b"\r\n\r\n")[2]
    assert body == (b"one" if version == 10 else b"0003\r\none\r\n")
    assert (told["keep_alive"], told["sent"]) == (0, 1)
    sent, _, told = harness.response([b"two"], version=version, cut=True)
    assert (told["keep_alive"], b"two" in sent) == (0, False)


@pytest.mark.parametrize("status", [100, 101, 199, 200, 203, 204, 205, 206, 303, 304, 305, 404])
@pytest.mark.parametrize("head", [False, True])
@pytest.mark.parametrize("interim", [None, "pending", "partly", "sent"])
def test_which_responses_have_a_body(harness, status, head, interim):
    for version in (10, 11):
        for keep_alive in (False, True):
            for body in ([], [b"x"], [b"", b"x"], [b"x", b"", b"y"]):
                how = {"status": status, "version": version, "keep_alive": keep_alive}
                how.update(head=head, interim=interim)
                sent, _, told = harness.response(body, **how)
                check(sent, told, [], body, None, **how)


def test_how_small_a_buffer_a_response_can_move_to(harness):
    """It keeps what is buffered, and has room for the rest of the head or for the chunk's end."""
    _, _, told = harness.response([b"abc"])
    assert (told["fits_begin"], told["fits_end"]) == (LINE + RESERVE, LINE + RESERVE + 3)
    _, _, told = harness.response([b"", b"abc"])
    assert told["fits_end"] == 6 + 3 + 6 + 2 + 5
    _, _, told = harness.response([b"", b"abc"], version=10)
    assert told["fits_end"] == 3 + 6 + 2 + 5


@pytest.mark.parametrize("version", [10, 11])
@pytest.mark.parametrize("size", [160, 161, 999, 1000, 1001])
def test_what_does_not_fit_goes_past_the_buffer(harness, version, size):
    for body in ([b"", b"a" * 1000, b"bc"], [b"", b"bc", b"", b"a" * 1000, b""]):
        sent, _, told = harness.response(body, size=size, version=version)
        check(sent, told, [], body, None, **{**ONE, "version": version})
        assert told["direct"] == (1000 if size <= 1000 else 0)
    _, _, told = harness.response([b"", b"bc", b"a" * 1000], size=size, version=version)
    assert (told["direct"] > 0) == (size < 500)


def test_the_count_of_moved_bytes_ends_at_65535(harness):
    head = len(b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n")
    for length in (40000, *range(65533 - head, 65538 - head)):
        content = b"x" * length
        body = [content[:40000], content[40000:]]
        for steps in (b"", b"\xff"):
            sent, _, told = harness.response(body, version=10, steps=steps)
            check(sent, told, [], body, None, **{**ONE, "version": 10})

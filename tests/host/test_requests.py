# SPDX-License-Identifier: MIT
"""What a request must look like, case by case: words, numbers, limits, what is kept."""

import pytest
from host import reference

# Room for everything
LIMITS = {"size": 4096, "max_head": 16384, "max_fields": 100, "mode": 2}
HOST = b"Host: a\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST
POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def understood(harnesses, data, steps=b"", **limits):
    """The transcript of the core, which is that of the reference."""
    limits = {**LIMITS, **limits}
    wanted = reference.transcript(data, **limits)
    for harness in harnesses:
        assert harness.request(data, steps=steps, **limits) == wanted
    return wanted


# Where a token begins, in the place of @.
STARTS = [
    b"@ / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"@ET / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET @ttp://a/ HTTP/1.1\r\n" + HOST + b"\r\n",
    GET + b"@: a\r\n\r\n",
    GET + b"@a: a\r\n\r\n",
    GET + b"Connection: @lose\r\n\r\n",
    POST + b"Expect: @00-continue\r\n\r\n",
    POST + b"Transfer-Encoding: @hunked\r\n\r\n0\r\n\r\n",
    CHUNKED + b"0;@\r\n\r\n",
    CHUNKED + b"0\r\n@a: b\r\n\r\n",
]


@pytest.mark.parametrize("place", STARTS)
@pytest.mark.parametrize("shift", range(0, 16, 2))
def test_every_byte_where_a_token_begins(harnesses, place, shift):
    """At any place in a word: empty lines before the request shift it."""
    for byte in range(0x20, 0x80) if shift else range(256):
        understood(harnesses, b"\r\n" * (shift // 2) + place.replace(b"@", bytes([byte])))


@pytest.mark.parametrize("version", [b"%d.%d" % (a, b) for a in range(10) for b in (0, 1, 8, 9)])
def test_versions(harnesses, version):
    text = understood(harnesses, b"GET / HTTP/" + version + b"\r\n" + HOST + b"\r\n")
    if version[:1] != b"1":
        assert text == "error 505 HTTP version not supported\n"
    else:
        assert f" {10 if version == b'1.0' else 11}\n" in text


@pytest.mark.parametrize(
    "scheme", [b"http", b"HTTPS", b"https", b"httpt", b"httpss", b"htt", b"ftp"]
)
@pytest.mark.parametrize("separator", [b"://", b":/", b":x/", b":/x", b"://", b"//", b"x//", b":"])
def test_targets_with_a_scheme(harnesses, scheme, separator):
    text = understood(harnesses, b"GET " + scheme + separator + b"b/c HTTP/1.1\r\nHost: a\r\n\r\n")
    good = scheme.lower() in (b"http", b"https") and separator == b"://"
    assert text.startswith("line x474554 x2f63 x 11\nfield") == good


def test_the_host_of_the_target_counts_instead_of_the_field(harnesses):
    """RFC 9112 section 3.2.2: whatever the field Host says, wherever it stands."""
    for fields in (
        b"Host: b\r\n",
        b"Host: b\r\nX: y\r\n",
        b"X: y\r\nHost: \r\n",
        b"Host: b\r\n" * 2,
    ):
        text = understood(harnesses, b"GET http://a/ HTTP/1.1\r\n" + fields + b"\r\n")
        assert text.count(f"field x{b'Host'.hex()}") == 1 or "bad Host" in text
    for mode in (0, 1):
        understood(
            harnesses, b"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", mode=mode, names=(b"host",)
        )


@pytest.mark.parametrize(
    "value",
    [
        b"close , x",
        b"x, close\t \t,y",
        b"keep-alive \t ,x",
        b"upgrade ,",
        b" ,\t, close",
        b"close,,",
    ]
    + [b"clos e", b"close x", b"c", b"closee", b"keep-alivf", b"keep_alive", b"upgradf"],
)
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_members_of_connection(harnesses, value, version):
    head = b"GET / HTTP/" + version + b"\r\n" + HOST
    understood(harnesses, head + b"Connection: " + value + b"\r\n\r\n")


@pytest.mark.parametrize(
    "value", [b"100-continue ,", b"100-continue \t, 100-continue", b", 100-continue"]
)
def test_members_of_expect(harnesses, value):
    text = understood(harnesses, POST + b"Expect: " + value + b"\r\n\r\n")
    assert " expect" in text


@pytest.mark.parametrize("value", [b"chunked ,", b", chunked", b"chunked\t ,,"])
def test_members_of_transfer_encoding(harnesses, value):
    data = POST + b"Transfer-Encoding: " + value + b"\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    assert " chunked" in understood(harnesses, data)


@pytest.mark.parametrize("length", [1, 253, 254, 255, 256, 257, 300])
def test_names_that_are_kept_have_255_bytes_at_most(harnesses, length):
    text = understood(harnesses, GET + b"n" * length + b": v\r\n\r\n")
    assert text.endswith("field too large\n") == (length > 255)


@pytest.mark.parametrize("length", [0, 127, 128, 255, 256, 257, 511, 512, 1023, 0x1234, 0xABCD])
def test_values_that_are_kept(harnesses, length):
    text = understood(
        harnesses, GET + b"A: " + b"v" * length + b"\r\n\r\n", size=60000, max_head=65000
    )
    assert f"field x41 x{'76' * length}\n" in text


@pytest.mark.parametrize("mode", [1, 2])
def test_fields_of_trailers_pass_whatever_their_size(harnesses, mode):
    for name in [bytes([c]) for c in sorted(reference.TCHAR)]:
        data = CHUNKED + b"1\r\nx\r\n0\r\n" + name + b": " + b"v" * 200 + b"\r\n\r\n"
        text = understood(harnesses, data, size=64, mode=mode, names=(name,))
        assert text.endswith("more idle\n")


@pytest.mark.parametrize("value", [b" " * 600, b"v" * 600, b" " * 300 + b"v" * 300])
def test_fields_that_nobody_wants_pass_whatever_their_size(harnesses, value):
    for steps in (b"", b"\0", b"\x0a"):
        text = understood(harnesses, GET + b"X:" + value + b"\r\n\r\n", steps, size=64, mode=0)
        assert text.endswith("more idle\n")


@pytest.mark.parametrize("more", range(-4, 5))
def test_chunk_extensions_and_trailers_have_the_room_of_a_head(harnesses, more):
    n = 120 + more
    chunks = [
        b"1;" + b"e" * n + b"\r\nx\r\n0\r\n\r\n",
        b"1;" + b"e" * 50 + b"\r\nx\r\n0;" + b"e" * (n - 50) + b"\r\n\r\n",
        b"1" + b" " * n + b";e\r\nx\r\n0\r\n\r\n",
        b'1;e="' + b"e" * (n - 5) + b'"\r\nx\r\n0\r\n\r\n',
        b"0\r\nA: " + b"b" * (n - 7) + b"\r\n\r\n",
        b"1;" + b"e" * 50 + b"\r\nx\r\n0\r\nA: " + b"b" * (n - 60) + b"\r\n\r\n",
    ]
    ends = {understood(harnesses, CHUNKED + each, max_head=120)[-9:] for each in chunks}
    if abs(more) == 4:
        assert ("ore idle\n" in ends) == (more < 0)


@pytest.mark.parametrize("size", [63, 64, 65, 128])
@pytest.mark.parametrize("steps", [b"", b"\0", b"\3"])
def test_chunks_beside_the_size_of_the_buffer(harnesses, size, steps):
    """The harness sees to it that those go past it that are as large as it is."""
    data = CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"z" * size)
    for body_size in (0, 1, 64, 200):
        text = understood(harnesses, data, steps, size=64, body_size=body_size)
        assert f"bytes={size} " in text


@pytest.mark.parametrize("kept", [0, 1, 20, 40])
@pytest.mark.parametrize("framing", [b"Content-Length: 90", b"Transfer-Encoding: chunked"])
def test_the_whole_buffer_serves_the_body(harnesses, kept, framing):
    """The harness sees to it that nothing of the head stays in the buffer."""
    body = b"y" * 90 if b"Length" in framing else b"5a\r\n" + b"y" * 90 + b"\r\n0\r\n\r\n"
    data = POST + b"A: " + b"v" * kept + b"\r\n" + framing + b"\r\n\r\n" + body
    text = understood(harnesses, data, b"\0", size=128, body_size=1000)
    assert "bytes=90 remaining=0\nmore idle" in text

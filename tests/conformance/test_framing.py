# SPDX-License-Identifier: MIT
"""RFC 9112 section 6: message framing; section 11.2: request smuggling."""

import pytest

NEXT = b"GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"


def post(fields, body=b"", path=b"/echo", version=b"1.1"):
    return b"POST " + path + b" HTTP/" + version + b"\r\nHost: t\r\n" + fields + b"\r\n" + body


# Valid framing


@pytest.mark.parametrize("size", [0, 1, 2, 499, 500, 501, 511, 512, 513, 1024, 5000, 70000])
def test_content_length(exchange, size):
    """RFC 9112 section 6.2."""
    body = bytes(33 + i % 90 for i in range(size))
    response = exchange(post(b"Content-Length: %d\r\n" % size, body), "POST")
    assert (response.status, response.body) == (200, body)


@pytest.mark.parametrize("value", [b"5", b"  5", b"5\t ", b"05", b"000000000000000000005"])
def test_content_length_spellings(exchange, value):
    """RFC 9110 section 8.6: 1*DIGIT; leading zeros are digits like others."""
    response = exchange(post(b"Content-Length: " + value + b"\r\n", b"hello"), "POST")
    # A server may refuse what has more digits than any body that it could take.
    assert (response.status, response.body) == (200, b"hello") or (
        len(value) > 15 and response.status in (400, 413)
    )


def test_no_framing_fields_means_no_body(wire):
    """RFC 9112 section 6.3, rule 7: the body of a request without either has no bytes."""
    peer = wire()
    peer.send(post(b"") + b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    first = peer.read_response("POST")
    assert first.status in (200, 411)
    assert first.body == b"" or first.status == 411
    if first.persists:
        assert peer.read_response().text == "root"
    peer.expect_eof()


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_body_where_none_is_expected(wire, method, framing):
    """RFC 9112 section 6: presence of a body does not depend on the method."""
    peer = wire()
    if framing == "length":
        fields, body = f"Content-Length: {len(NEXT)}\r\n".encode(), NEXT
    else:
        fields = b"Transfer-Encoding: chunked\r\n"
        body = b"%x\r\n" % len(NEXT) + NEXT + b"\r\n0\r\n\r\n"
    peer.send(f"{method} /unread HTTP/1.1\r\nHost: t\r\n".encode() + fields + b"\r\n" + body)
    peer.send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    first = peer.read_response(method)
    if first.persists:
        assert peer.read_response().text == "root"
    peer.expect_eof()


# Refused framing: each of these is followed by bytes that are a request if the framing is misread.

CHUNKED_NOTHING = b"0\r\n\r\n"


@pytest.mark.parametrize(
    "value",
    [
        b"",  # 9110 8.6: 1*DIGIT
        b"-5",
        b"+5",
        b" + 5",
        b"5.0",
        b"5e0",
        b"0x5",
        b"5h",
        b"five",
        b"5 5",
        b"5;",
        b'"5"',
        b"5,5",  # 9112 6.3 rule 5: a list of equal values MAY be taken; this server refuses
        b"5, 5",
        b"5,6",
        b"5,",
        b",5",
        b"\xd9\xa5",  # ARABIC-INDIC DIGIT FIVE
        b"5_0",
        b"5\x0b",
        b"5\x00",
    ],
)
def test_bad_content_length(refused, value):
    """RFC 9112 section 6.3, rule 5: an invalid Content-Length is an unrecoverable error."""
    refused(post(b"Content-Length: " + value + b"\r\n", b"hello") + NEXT, {400}, "POST")


@pytest.mark.parametrize(
    "value",
    [
        2**31 - 1,
        2**31,
        2**32 - 1,
        2**32,
        2**32 + 5,  # 5 in 32 bits
        2**63,
        2**64,
        2**64 + 5,
        2**128 + 5,
        10**400,
    ],
)
def test_content_length_overflow(refused, value):
    """RFC 9112 section 6.3: a decimal may be of any size; no arithmetic may wrap (9110 8.6)."""
    refused(post(b"Content-Length: %d\r\n" % value, b"hello") + NEXT, {400, 413}, "POST")


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",  # 9112 6.3 rule 5: differing
        b"Content-Length: 6\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\ncontent-length: 0\r\n",
        b"Content-Length: 0\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 5\r\n",  # equal: refused as well
        b"Content-Length: 5\r\nX: y\r\nContent-Length:\r\n",
        b"Content-Length: 5\r\nContent-Length: abc\r\n",
    ],
)
def test_two_content_lengths(refused, fields):
    """RFC 9112 sections 6.3 and 11.2."""
    refused(post(fields, b"hello") + NEXT, 400, "POST")


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",  # CL.TE
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",  # TE.CL
        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 44\r\nTransfer-Encoding: chunked\r\n",
        b"content-length: 5\r\ntransfer-encoding: CHUNKED\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: identity\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: gzip\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: x\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding:\r\n",
        b"Content-Length: 5\r\nX: y\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    ],
)
@pytest.mark.parametrize("body", [CHUNKED_NOTHING, b"5\r\nhello\r\n0\r\n\r\n"])
def test_content_length_with_transfer_encoding(refused, fields, body):
    """RFC 9112 section 6.1: CL.TE and TE.CL ought to be handled as an error."""
    refused(post(fields, body) + NEXT, {400, 501}, "POST")


@pytest.mark.parametrize(
    "fields",
    [
        b"Transfer-Encoding: chunked, chunked\r\n",  # 9112 6.1: chunked is not applied twice
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",  # 9112 6.3 rule 4: chunked is not the last
        b"Transfer-Encoding: chunked, gzip\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: identity, chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",  # 9112 6.1: a coding not understood: 501
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunkedx\r\n",
        b"Transfer-Encoding: chunk\r\n",
        b"Transfer-Encoding: chunked;q=1\r\n",
        b"Transfer-Encoding: chunked; foo=bar\r\n",
        b'Transfer-Encoding: "chunked"\r\n',
        b"Transfer-Encoding: chunked chunked\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b"Transfer-Encoding: chunked\x00\r\n",
        b"Transfer-Encoding: \xe3\x80\x80chunked\r\n",
        b"Transfer-Encoding:\r\n",
        b"Transfer-Encoding: ,\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\r\n chunked\r\n",
        b"Transfer-Encoding\r\n: chunked\r\n",
        b"X: y\r\n Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: nonsense\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_bad_transfer_encoding(refused, fields):
    """RFC 9112 sections 6.1 and 6.3, rule 4: TE.TE and everything that is not just chunked."""
    refused(post(fields, CHUNKED_NOTHING) + NEXT, {400, 501}, "POST")


@pytest.mark.parametrize(
    "value", [b"chunked", b"Chunked", b"CHUNKED", b" chunked ", b"\tchunked\t"]
)
def test_chunked_spellings(exchange, value):
    """RFC 9112 section 7: coding names are case-insensitive; OWS is no part of the value."""
    response = exchange(
        post(b"Transfer-Encoding:" + value + b"\r\n", b"2\r\nok\r\n0\r\n\r\n"), "POST"
    )
    assert (response.status, response.text) == (200, "ok")


@pytest.mark.parametrize(
    "fields",
    [
        b"Transfer-Encoding: , chunked,\r\n",
        b"Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n",
    ],
)
def test_empty_list_elements(exchange, fields):
    """RFC 9110 section 5.6.1.2: a recipient must ignore a reasonable number of empty elements.

    A server may also refuse this odd spelling of a field that decides the framing.
    """
    response = exchange(post(fields, b"2\r\nok\r\n0\r\n\r\n"), "POST")
    assert (response.status, response.text) == (200, "ok") or (
        response.status == 400 and not response.persists
    )


@pytest.mark.parametrize("keep", [b"", b"Connection: keep-alive\r\n"])
def test_transfer_encoding_in_http_1_0(refused, keep):
    """RFC 9112 section 6.1: framing is faulty, the connection is closed in any case."""
    refused(
        post(b"Transfer-Encoding: chunked\r\n" + keep, CHUNKED_NOTHING, version=b"1.0") + NEXT,
        400,
        "POST",
        "1.0",
    )


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: t\r\nContent-Length: abc\r\n\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"DELETE / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"OPTIONS / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: x\r\nContent-Length: 4\r\n\r\n",
        b"HEAD / HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_framing_is_judged_whatever_the_route_answers(refused, head):
    """RFC 9112 section 6.3: also for 404, 405 and methods without a body."""
    method = head.split()[0].decode()
    refused(head + NEXT, {400, 404, 405, 501}, method)


@pytest.mark.parametrize("path", ["/nowhere", "/"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_body_of_a_request_that_no_handler_takes(wire, path, framing):
    """RFC 9112 section 9.3: after 404 and 405 the body is read away or it ends."""
    peer = wire()
    if framing == "length":
        fields, body = b"Content-Length: %d\r\n" % len(NEXT), NEXT
    else:
        fields = b"Transfer-Encoding: chunked\r\n"
        body = b"%x\r\n" % len(NEXT) + NEXT + b"\r\n0\r\n\r\n"
    peer.send(post(fields, body, path.encode()))
    peer.try_send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    first = peer.read_response("POST")
    assert first.status in (404, 405)
    if first.persists:
        assert peer.read_response().text == "root"
    peer.expect_eof()


@pytest.mark.parametrize("size", [10, 1000, 4000])
@pytest.mark.parametrize("path", ["/unread", "/half-read", "/fail"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_body_that_the_handler_leaves_unread(wire, path, framing, size):
    """RFC 9112 section 9.3: the rest is read away within limits or the connection is closed.

    Where the length says beforehand that it will be closed, the response announces it (9.6).
    """
    peer = wire()
    body = (NEXT * (size // len(NEXT) + 1))[:size]
    if framing == "length":
        fields = b"Content-Length: %d\r\n" % size
    else:
        fields = b"Transfer-Encoding: chunked\r\n"
        body = b"%x\r\n" % size + body + b"\r\n0\r\n\r\n"
    peer.try_send(post(fields, body, path.encode()))
    peer.try_send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    first = peer.read_response("POST")
    assert first.status == (500 if path == "/fail" else 200)
    if first.persists and framing == "length":
        assert peer.read_response().text == "root"
        peer.expect_eof()
    else:
        rest = peer.read_until_closed()
        assert rest == b"" or rest.startswith(b"HTTP/1.1 200 ") and rest.endswith(b"\r\nroot")


def test_refusal_reaches_a_client_that_is_still_sending(wire):
    """RFC 9112 section 9.6: closing at once would reset the connection under the response.

    The server reads on for a while, so the client sees FIN, not RST.
    """
    peer = wire()
    peer.send(post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"x" * 4000))
    assert peer.read_response("POST").status == 400
    peer.expect_eof()
    assert not peer.was_reset


def test_end_of_input_within_a_body(wire):
    """RFC 9112 section 8: an incomplete request is answered with an error or just closed."""
    for fields, body in (
        (b"Content-Length: 10\r\n", b"12345"),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\n123"),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\n12345\r\n"),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\n12345\r\n0\r\n"),
    ):
        peer = wire()
        peer.send(post(fields, body)).end_sending()
        data = peer.read_until_closed()
        assert data == b"" or data.startswith(b"HTTP/1.1 4")

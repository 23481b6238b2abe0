# SPDX-License-Identifier: MIT
"""Requests for hypothesis: valid ones, ones that are nearly valid, cut and mutated ones."""

from hypothesis import strategies as st

METHODS = [b"GET", b"POST", b"PUT", b"OPTIONS", b"CONNECT", b"A" * 16, b"A" * 17, b"get", b"M-x!"]
TARGETS = [
    b"/",
    b"*",
    b"/a?b=c",
    b"/?",
    b'//x!"$',
    b"http://a",
    b"HTTP://a.b:80/c?d",
    b"https://[::1]:8/?q",
    b"http://a?x",
    b"http://u@b/",
    b"a:80",
    b"ftp://a/",
    b"/a#b",
    b"http:///",
    b"http://[]/",
]
VERSIONS = (
    [b"HTTP/1.1"] * 6 + [b"HTTP/1.0"] * 3 + [b"HTTP/1.2", b"HTTP/2.0", b"HTTP/1", b"http/1.1"]
)
FIELDS = [
    b"Host: a",
    b"Host: a.b:80",
    b"host:[::1]:1",
    b"Host:",
    b"Host: a b",
    b"Host: []",
    b"Content-Length: 5",
    b"content-length: 0",
    b"Content-Length: 2147483647",
    b"Content-Length: 2147483648",
    b"Content-Length: 1x",
    b"Content-Length: 300",
    b"Transfer-Encoding: chunked",
    b"transfer-encoding: , Chunked ,",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding:",
    b"Connection: close",
    b"Connection: keep-alive, Upgrade",
    b"connection: x , KEEP-ALIVE",
    b"Expect: 100-continue",
    b"Expect: other",
    b"Cookie: a=1; b=2",
    b"cookie: c=3",
    b"X:y",
    b"x-one: \t 1 2\t",
    b"X-One:",
    b"Accept: text/html,*/*;q=0.8",
    b"X-Latin: \xe4\xff",
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
]
FOLDED = [b"X: y\r\n folded", b"\tX: y"]
NAMES = [
    b"Host",
    b"COOKIE",
    b"x",
    b"X-One",
    b"content-length",
    b"Accept",
    b"Connection",
    b"x-long",
]
CHUNKS = [
    b"5\r\nhello\r\n",
    b"1\r\nx\r\n",
    b"00a;e=v\r\n0123456789\r\n",
    b"3 ;x\r\nabc\r\n",
    b"c8\r\n" + b"z" * 200 + b"\r\n",
    b"2\r\nabc\r\n",
    b"g\r\n",
    b"1 \r\nx\r\n",
    b"7fffffff\r\n",
    b"80000000\r\n",
]
# What may stand in chunk extensions, in any order.
EXTENSION_BITS = [b";", b"=", b'"', b"\\", b" ", b"\t", b"a", b"bc", b'"d;="', b"\xff", b"\x7f"]
ENDS = [
    b"0\r\n\r\n",
    b"0;last\r\nT: v\r\n\r\n",
    b"000\r\nA: b\r\nHost: x y\r\n\r\n",
    b"0\r\nbad\r\n\r\n",
]
BITS = [
    b"\r\n",
    b"\r",
    b"\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"0",
    b"A",
    b"\x1f",
]

long_field = st.builds(
    lambda name, n: name + b": " + b"v" * n,
    st.sampled_from([b"X-Long", b"Unwanted", b"Cookie", b"n" * 60, b"Connection"]),
    st.integers(0, 600),
)
field = st.one_of(st.sampled_from(FIELDS), st.sampled_from(FIELDS + FOLDED), long_field)
body = st.one_of(
    st.just(b""),
    st.just(b"hello"),
    st.binary(max_size=20),
    st.builds(lambda n: b"b" * n, st.integers(0, 400)),
    st.builds(
        lambda chunks, end: b"".join(chunks) + end,
        st.lists(st.sampled_from(CHUNKS[:5]), max_size=5),
        st.sampled_from(ENDS[:3]),
    ),
    st.builds(
        lambda chunks, end: b"".join(chunks) + end,
        st.lists(st.sampled_from(CHUNKS), max_size=3),
        st.sampled_from(ENDS),
    ),
    st.builds(
        lambda bits: b"1;a" + b"".join(bits) + b"\r\nx\r\n" + ENDS[0],
        st.lists(st.sampled_from(EXTENSION_BITS), max_size=8),
    ),
)


@st.composite
def message(draw):
    """One request, most often one that is understood."""
    lines = b"\r\n" * draw(st.sampled_from([0, 0, 0, 0, 1, 3]))
    lines += b" ".join(
        [
            draw(st.sampled_from(METHODS[:4] * 4 + METHODS)),
            draw(st.sampled_from(TARGETS[:9] * 2 + TARGETS)),
            draw(st.sampled_from(VERSIONS)),
        ]
    )
    lines += b"\r\n"
    if draw(st.integers(0, 3)):
        lines += b"Host: a\r\n"
    for line in draw(st.lists(field, max_size=6)):
        lines += line + b"\r\n"
    return lines + b"\r\n" + draw(body)


@st.composite
def well_framed(draw):
    """One valid request whose body is as long as its head says."""
    content = draw(st.binary(max_size=40)) * draw(st.integers(0, 9))
    fields = [b"Host: a"]
    fields += draw(
        st.lists(
            st.one_of(
                st.sampled_from(
                    [f for f in FIELDS if f[:1] in b"Xx" or f[:6].lower() == b"cookie"]
                ),
                st.builds(lambda n: b"X-Long: " + b"v" * n, st.integers(0, 50)),
            ),
            max_size=5,
        )
    )
    if draw(st.booleans()):
        fields.append(b"Content-Length: %d" % len(content))
    else:
        fields.append(b"Transfer-Encoding: chunked")
        coded = b""
        while content:
            n = draw(st.integers(1, len(content)))
            coded += b"%x\r\n" % n + content[:n] + b"\r\n"
            content = content[n:]
        content = coded + draw(st.sampled_from(ENDS[:2]))
    fields = draw(st.permutations(fields))
    head = draw(st.sampled_from([b"POST / HTTP/1.1", b"PUT http://x/y?z HTTP/1.1"]))
    return b"\r\n".join([head, *fields, b"", b""]) + content


@st.composite
def mutated(draw, source):
    """What the source gives, with bytes put in, taken out, replaced, or its end cut off."""
    data = bytearray(draw(source))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        how = draw(st.integers(0, 3))
        if how == 0:
            data[at:at] = draw(st.sampled_from(BITS))
        elif how == 1:
            del data[at : at + draw(st.integers(1, 4))]
        elif how == 2:
            data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
        else:
            del data[at:]
    return bytes(data)


valid = st.lists(well_framed(), min_size=1, max_size=3).map(b"".join)
likely = st.lists(message(), min_size=1, max_size=3).map(b"".join)
inputs = st.one_of(valid, likely, mutated(valid), mutated(likely), st.binary(max_size=50))

limits = st.fixed_dictionaries(
    {
        "size": st.one_of(st.sampled_from([64, 128, 512]), st.integers(32, 300)),
        "max_head": st.one_of(st.just(16384), st.integers(1, 900)),
        "max_fields": st.one_of(st.just(100), st.integers(0, 8)),
        "mode": st.integers(0, 3),
        "names": st.lists(st.sampled_from(NAMES), max_size=4).map(tuple),
        "body_size": st.sampled_from([0, 1, 7, 100, 1000]),
    }
)
steps = st.one_of(
    st.just(b""), st.just(b"\0"), st.binary(max_size=4), st.lists(st.integers(0, 9)).map(bytes)
)

# SPDX-License-Identifier: MIT
"""The core beside other implementations, on valid, cut and mutated input.

What both accept they understand alike, byte for byte. What one accepts and the other does not is
in a table here, with what has to be in the input and what the RFC says of it; anything else fails.
HYPOTHESIS_EXAMPLES makes the search as long as one likes.
"""

import email.message
import email.utils
import http.cookies
import os
import re
import urllib.parse

import pytest
from host import core, others, strategies
from host.test_forms import bodies, form_bodies, parameter_lists
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "250"))
options = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# A campaign of any length
pytestmark = pytest.mark.timeout(max(120, EXAMPLES // 2))


class Differences:
    """What is known: {what one says that refuses: (a pattern that the input has, why)}."""

    def __init__(self, table):
        self.table = {
            text: (re.compile(pattern, re.DOTALL), why) for text, (pattern, why) in table.items()
        }

    def explain(self, said, data):
        """Fails unless what one says of `data` is known."""
        for text, (pattern, _) in self.table.items():
            if (said or "").startswith(text) and pattern.search(data):
                event(f"known: {text}")
                return
        raise AssertionError(f"no known difference: {said!r} of {data!r}")


# What the core refuses of requests that others take.
STRICTER_THAN_OTHERS = Differences(
    {
        "CONNECT not supported": (rb"(?i)CONNECT ", "RFC 9110 9.1: 501"),
        "HTTP version not supported": (rb"HTTP/[^1]\.", "RFC 9110 15.6.6: 505"),
        "method too long": (rb"[^ ]{17} ", "RFC 9110 15.6.2: 501, a limit of this server"),
        "bad Host": (
            rb"(?i)HTTP/1\.[1-9]|host:",
            "RFC 9112 3.2: one Host in HTTP/1.1, and a host and a port in any",
        ),
        "bad request target": (
            rb" (?!/[!-~]* )[^ ]* HTTP/|[\x80-\xff#]|[^ ]+ [^ ]*\n",
            "RFC 9112 3: one of four forms, no fragment, no user, * for OPTIONS; a version",
        ),
        "unknown expectation": (rb"(?i)expect:", "RFC 9110 10.1.1: 417"),
        "bad empty line": (rb"(?:^|[^\n])\r(?!\n)", "RFC 9112 2.2: an empty line is CR and LF"),
        "unknown transfer coding": (rb"(?i)transfer-encoding:", "RFC 9112 6.1: 501"),
        "bad Transfer-Encoding": (
            rb"(?i)transfer-encoding:",
            "RFC 9112 6.1: chunked last and once, none in HTTP/1.0, none beside Content-Length",
        ),
        "bad Content-Length": (
            rb"(?i)content-length:.*content-length:|content-length: *\r",
            "RFC 9112 6.3: repeated ones may be refused",
        ),
        "content too large": (rb"\d{10}", "RFC 9110 15.5.14: 413, a limit of this server"),
        "bad chunk": (rb"(?i)transfer-encoding:", "RFC 9112 7.1.1: extensions have a grammar"),
        "bad field value": (rb"[\x00-\x08\x0a-\x1f\x7f]", "RFC 9110 5.5: no control characters"),
        "bad field name": (rb"\n[^\r\n]*[^:\r\n]*\r", "RFC 9112 5.1: no space before the colon"),
        "line folding": (rb"\n[ \t]", "RFC 9112 5.2: a server may refuse it"),
        "bare CR or LF": (rb"\r(?!\n)|(?<!\r)\n", "RFC 9112 2.2: neither ends a line"),
        "bad method": (rb"", "RFC 9110 5.6.2: a token and one space"),
        "bad HTTP version": (rb"", "RFC 9112 2.3: HTTP/, a digit, a point, a digit"),
    }
)
# What h11 refuses of requests that the core takes.
STRICTER_THAN_THE_CORE = {
    "h11": Differences(
        {
            "no request line received": (
                rb"(?:^|\n)\r\n",
                "RFC 9112 2.2: a server should ignore an empty line before a request line",
            ),
            "the connection ends": (
                rb"(?i)HTTP/1\.0|connection:[^\n]*close",
                "RFC 9112 9.6: no request is read behind it; the core leaves that to its owner",
            ),
        }
    ),
    "llhttp": Differences(
        {
            "Invalid method encountered": (rb"", "RFC 9110 9.1: methods can be added"),
            "Invalid HTTP version": (
                rb"HTTP/1\.[2-9]",
                "RFC 9110 2.5: a higher minor version is 1.1",
            ),
            "Data after `Connection: close`": (
                rb"(?i)HTTP/1\.0|connection:[^\n]*close",
                "RFC 9112 9.6: as for h11",
            ),
            "the protocol changes": (
                rb"(?i)upgrade",
                "RFC 9110 7.8: the server need not change it",
            ),
        }
    ),
}
LIMITS = {"size": 4096, "max_head": 16384, "max_fields": 100, "mode": 2, "body_size": 1000}


@pytest.fixture(scope="module")
def harness():
    with core.running(64) as (found,):
        yield found


@pytest.mark.parametrize("name", ["h11", "llhttp"])
@options
@given(data=strategies.inputs)
def test_requests(harness, name, data):
    ours, refused = others.core_reads(harness, data, **LIMITS)
    theirs, refusal = getattr(others, f"{name}_reads")(data)
    both = min(len(ours), len(theirs))
    assert ours[:both] == theirs[:both]
    event(f"{both} messages")
    if len(ours) < len(theirs):
        STRICTER_THAN_OTHERS.explain(refused, data)
    if len(ours) > len(theirs):
        STRICTER_THAN_THE_CORE[name].explain(refusal, data)


def masked(payload, key):
    return bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


@st.composite
def frame(draw):
    """A frame of a client, most often one that is understood."""
    first = draw(st.sampled_from([0x81, 0x82, 1, 2, 0, 0x80, 0x80, 0x89, 0x8A, 0x88] * 2 + [0x83]))
    first |= draw(st.sampled_from([0] * 20 + [0x40, 8]))
    payload = draw(
        st.one_of(
            st.text(max_size=8).map(str.encode),
            st.binary(max_size=140),
            st.sampled_from(
                [b"\x03\xe8", b"\x03\xe9ok", b"\x03\xed", b"\x03\xe8\xc3", b"\x0b\xb8"]
            ),
            st.sampled_from([b"\xc3", b"\xa4", b"\xed\xa0\x80", b"\xf0\x9f", b"\x98\x80"]),
        )
    )
    key = draw(st.binary(min_size=4, max_size=4))
    mask = draw(st.sampled_from([0x80] * 19 + [0]))
    form = draw(st.sampled_from([None] * 9 + [2, 8]))
    size = len(payload)
    if form is None and size < 126:
        head = bytes([first, mask | size])
    elif form == 8:
        head = bytes([first, mask | 127]) + size.to_bytes(8, "big")
    else:
        head = bytes([first, mask | 126]) + size.to_bytes(2, "big")
    return head + key + masked(payload, key) if mask else head + payload


frames = st.lists(frame(), max_size=6).map(b"".join)
cut_frames = st.builds(lambda data, n: data[:n], frames, st.integers(0, 200))


@options
@given(data=st.one_of(frames, cut_frames, st.binary(max_size=40)))
def test_frames_beside_wsproto(harness, data):
    ours, end = others.messages(*harness.frames(data, max_size=1 << 20))
    theirs, their_end = others.wsproto_reads(data)
    # RFC 6455 section 7.1.7: the core fails at the first wrong byte and checks a length when
    # the head is complete, wsproto the other way round
    rest = b"\x80" + bytes(13)
    if (end, their_end) == (("fail", 1002), ("more",)):
        _, their_end = others.wsproto_reads(data + rest)
    if (end, their_end) == (("more",), ("fail", 1002)):
        _, end = others.messages(*harness.frames(data + rest, max_size=1 << 20))
    if end == ("fail", 1009) and their_end == ("more",):
        assert re.search(rb"[\xff\x7f]", data)  # a limit of this server: 31 bits of a length
        event("known: 1009")
        return
    event(str(end))
    assert (ours, end) == (theirs, their_end)


# What the core refuses of multipart bodies that Werkzeug takes.
STRICTER_THAN_WERKZEUG = Differences(
    {
        "bad body part": (
            rb"",
            "RFC 7578 4.2: each part has one Content-Disposition: form-data with one name",
        ),
        "bad boundary": (
            rb"--b(?:[^-\r \t]|-[^-])",
            "RFC 2046 5.1.1: white space behind a delimiter only",
        ),
        "bad parameter": (
            rb"(?i)disposition:[^\n]*[; ]",
            "RFC 9110 5.6.6: name=value, each of them once; RFC 8187 3.2.1",
        ),
        "bad field name": (rb"", "RFC 9112 5.1: a token and a colon"),
        "bad field value": (rb"[\x00-\x08\x0a-\x1f\x7f]", "RFC 9110 5.5: no control characters"),
        "bare CR or LF": (rb"\r(?!\n)|(?<!\r)\n", "RFC 2046 5.1.1: a line ends with CR and LF"),
        "line folding": (rb"\n[ \t]", "RFC 9112 5.2: as in requests"),
        "body cut short": (rb"(?<!\r\n)--b", "RFC 2046 5.1.1: a delimiter begins a line"),
        "head too large": (rb" {20}", "a limit of this server"),
    }
)
# Bodies that the two may read differently.
NOT_LIKE_WERKZEUG = [
    (
        rb"(?<!\r\n)(?<!^)--b",
        "RFC 2046 5.1.1: a delimiter begins a line, after CR and LF; Werkzeug takes a CR, an LF,"
        " and in the preamble nothing",
    ),
]


@options
@given(data=bodies)
def test_multipart_beside_werkzeug(harness, data):
    limits = {"size": 32768, "max_parts": 32, "max_header": 2048, "max_fields": 16}
    *lines, last = harness.multipart(
        b"multipart/form-data; boundary=b", data, **limits
    ).splitlines()
    theirs, whole = others.werkzeug_reads(data, b"b")
    event(last)
    if last != "done":
        if whole:
            STRICTER_THAN_WERKZEUG.explain(last.split(" ", 2)[2], data)
        return
    ours = []
    for head, content in zip(lines[::2], lines[1::2], strict=True):
        _, name, filename, _ = head.split(" ")
        filename = None if filename == "-" else others.unhexed(filename).decode(errors="replace")
        name = others.unhexed(name).decode(errors="replace")
        ours.append((name, filename, bytes.fromhex(content.removeprefix("data x"))))
    if (ours, True) != (theirs, whole):
        assert any(re.search(pattern, data) for pattern, _ in NOT_LIKE_WERKZEUG), (
            ours,
            theirs,
            whole,
        )


@options
@given(data=form_bodies)
def test_urlencoded_beside_urllib(harness, data):
    limits = {"size": 4096, "max_pairs": 100, "slices": False}
    lines = harness.form(data, **limits).splitlines()
    assert lines.pop() == "done"
    ours = [tuple(others.unhexed(word) for word in line.split(" ")[1:]) for line in lines]
    theirs = urllib.parse.parse_qsl(
        data.decode("latin-1"), keep_blank_values=True, encoding="latin-1"
    )
    assert ours == [tuple(word.encode("latin-1") for word in pair) for pair in theirs]


# Cookies that http.cookies reads differently.
NOT_LIKE_HTTP_COOKIES = [
    (
        r"(?:^|[;\s])\$",
        "RFC 6265 4.2.1: a name may begin with $; attributes that do so were RFC 2965's",
    ),
]
TOKEN = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=8)
# RFC 6265 section 4.1.1: cookie-octet
OCTETS = st.text([chr(c) for c in range(0x21, 0x7F) if chr(c) not in '",;\\'], max_size=12)


@options
@given(
    pairs=st.lists(st.tuples(TOKEN, OCTETS, st.booleans()), max_size=6),
    separator=st.sampled_from(["; ", ";", " ; ", ";\t"]),
)
def test_cookies_beside_http_cookies(harness, pairs, separator):
    text = separator.join(
        f'{name}="{value}"' if quoted else f"{name}={value}" for name, value, quoted in pairs
    )
    if any(re.search(pattern, text) for pattern, _ in NOT_LIKE_HTTP_COOKIES):
        return
    jar = http.cookies.SimpleCookie()
    jar.load(text)
    ours = [(name.decode(), value.decode()) for name, value in harness.cookies(text.encode())]
    # RFC 6265 section 5.4: two may have one name. The last one counts for http.cookies
    assert dict(ours) == {name: morsel.coded_value for name, morsel in jar.items()}
    assert [name for name, _ in ours] == [name for name, *_ in pairs]


# Parameters that email reads differently.
NOT_LIKE_EMAIL = [
    (
        r'\\\\"',
        "RFC 9110 5.6.4: the second of two backslashes leaves the quote behind it its meaning",
    ),
]
QUOTED = st.lists(
    st.tuples(
        st.text("abcxyz", min_size=1, max_size=5), st.text(' !"\\()<>@;:=/abÄ€', max_size=9)
    ),
    max_size=4,
    unique_by=lambda pair: pair[0],
)


@options
@given(pairs=QUOTED, token=st.booleans())
def test_parameters_beside_email(harness, pairs, token):
    """Content-Disposition with a name and more, as RFC 9110 section 5.6.6 writes them."""
    written = "form-data; name=a" if token else "form-data"
    for name, value in pairs:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        written += f'; {name}="{quoted}"'
    value, ours, whole = harness.parameters(written.encode())
    ours = [(name.decode(), text.decode()) for name, text, _ in ours]
    assert whole and value == b"form-data"
    assert ours == [("name", "a")] * token + pairs
    if any(re.search(pattern, written) for pattern, _ in NOT_LIKE_EMAIL):
        return
    message = email.message.Message()
    message["Content-Disposition"] = written
    _, *theirs = message.get_params(header="content-disposition")
    assert ours == theirs


@options
@given(parameters=parameter_lists, text=st.text(max_size=9))
def test_extended_parameters_beside_email(harness, parameters, text):
    """RFC 8187: what the core takes as an extended value, email decodes to the same."""
    quoted = urllib.parse.quote(text, safe="")
    written = b"form-data; filename*=UTF-8''" + quoted.encode() + parameters
    _, ours, _ = harness.parameters(written)
    for name, value, extended in ours:
        if name != b"filename*" or extended in (None, "charset"):
            continue
        message = email.message.Message()
        message["Content-Disposition"] = "form-data; filename*=" + value.decode("latin-1")
        found = message.get_param("filename", header="content-disposition")
        assert email.utils.collapse_rfc2231_value(found).encode() == extended
